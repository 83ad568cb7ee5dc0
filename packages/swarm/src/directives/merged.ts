/**
 * Many streams as one, each item as it comes. The end of one ends only that one; a failure of one fails the whole, and
 * the others are closed.
 */
export async function* merged<T>(streams: readonly AsyncGenerator<T, void, void>[]): AsyncGenerator<T, void, void> {
  const next = (stream: AsyncGenerator<T, void, void>) => stream.next().then((step) => ({ stream, step }));
  const waiting = new Map(streams.map((stream) => [stream, next(stream)]));
  try {
    while (waiting.size > 0) {
      const { stream, step } = await Promise.race(waiting.values());
      if (step.done) {
        waiting.delete(stream);
      } else {
        waiting.delete(stream);
        waiting.set(stream, next(stream)); // behind the others: a loud one does not drown them
        yield step.value;
      }
    }
  } finally {
    for (const rest of waiting.values()) rest.catch(() => {}); // its failure has nobody to hear it any more
    // A generator that waits for news ends by its signal; closing it waits for that, and we do not.
    for (const stream of waiting.keys()) void stream.return().catch(() => {});
  }
}

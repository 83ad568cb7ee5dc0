/**
 * Many streams as one, each item as it comes, and the next of a stream only after its last was taken: a loud one does
 * not drown the others. The end of one ends only that one; a failure of one fails the whole, and the others are closed.
 */
export async function* merged<T>(streams: readonly AsyncGenerator<T, void, void>[]): AsyncGenerator<T, void, void> {
  const ready: { value: T; taken: () => void }[] = [];
  let open = streams.length;
  let failure: { cause: unknown } | undefined;
  let wake = () => {};

  async function follow(stream: AsyncGenerator<T, void, void>): Promise<void> {
    try {
      for await (const value of stream)
        await new Promise<void>((taken) => {
          ready.push({ value, taken });
          wake();
        });
    } catch (cause) {
      failure ??= { cause };
    }
    open -= 1;
    wake();
  }

  for (const stream of streams) void follow(stream);
  try {
    for (;;) {
      if (failure) throw failure.cause;
      const next = ready.shift();
      if (next) {
        yield next.value;
        next.taken();
      } else if (open > 0) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      } else return;
    }
  } finally {
    // A generator that waits for news ends by its signal; closing it waits for that, and we do not.
    for (const stream of streams) void stream.return().catch(() => {});
  }
}

/** A stream of values as server-sent events, kept alive while nothing happens. */
import { type Clock, linkedSignal } from '@skein/contracts/runtime';

const KEEP_ALIVE_MS = 15_000;

/**
 * Waits for the first value before it answers, so that an early failure stays an ordinary error. A failure on the way
 * becomes a last event named `error`. A reader who leaves ends the reading, not what is read about.
 */
export async function eventStream<T extends { type: string }>(
  values: AsyncIterable<T>,
  { clock, errorEvent }: { clock: Clock; errorEvent: (cause: unknown) => object },
): Promise<Response> {
  const iterator = values[Symbol.asyncIterator]();
  const first = await iterator.next();
  const left = new AbortController();
  const frames = sseFrames(first, iterator, { clock, errorEvent, left: left.signal });
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const frame = await frames.next();
      if (frame.done) controller.close();
      else controller.enqueue(frame.value);
    },
    async cancel() {
      left.abort();
      await frames.return();
    },
  });
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
  return new Response(body, { headers });
}

async function* sseFrames<T extends { type: string }>(
  first: IteratorResult<T>,
  iterator: AsyncIterator<T>,
  { clock, errorEvent, left }: { clock: Clock; errorEvent: (cause: unknown) => object; left: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  const frame = (event: string, data: object) => encoder.encode(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  try {
    let upcoming: Promise<IteratorResult<T>> = Promise.resolve(first);
    while (!left.aborted) {
      const next = await unlessSilent(upcoming, clock, left);
      if (next === 'left') return;
      if (next === 'silent') {
        yield encoder.encode(': keep-alive\n\n');
        continue;
      }
      if (next.done) return;
      yield frame(next.value.type, next.value);
      upcoming = iterator.next();
      upcoming.catch(() => {}); // told by the next turn of the loop, or of no interest to a reader who left
    }
  } catch (cause) {
    yield frame('error', errorEvent(cause));
  } finally {
    // Not awaited: it would wait for the next value of a stream that nobody reads any more.
    iterator.return?.()?.catch(() => {});
  }
}

async function unlessSilent<T>(upcoming: Promise<T>, clock: Clock, left: AbortSignal): Promise<T | 'silent' | 'left'> {
  const waiting = new AbortController();
  const until = linkedSignal(waiting.signal, left);
  try {
    return await Promise.race([
      upcoming,
      clock.sleep(KEEP_ALIVE_MS, until.signal).then(
        () => 'silent' as const,
        () => 'left' as const,
      ),
    ]);
  } finally {
    waiting.abort(); // and with it the link
  }
}

/** A stream of values as server-sent events, kept alive while nothing happens. */
import { type Clock, linkedSignal } from '@skein/contracts/runtime';

const KEEP_ALIVE_MS = 15_000;

export interface SseEvent {
  readonly name: string;
  /** One line of JSON. */
  readonly json: string;
}

interface StreamOptions {
  clock: Clock;
  /** What a failure on the way becomes: the data of a last event named `error`. */
  errorEvent: (cause: unknown) => object;
}

/**
 * Each value as an event of its type. Waits for the first one before it answers, so that an early failure stays an
 * ordinary error. A reader who leaves ends the reading, not what is read about.
 */
export async function eventStream<T extends { type: string }>(
  values: AsyncIterable<T>,
  options: StreamOptions,
): Promise<Response> {
  const iterator = values[Symbol.asyncIterator]();
  const first = await iterator.next();
  const toEvent = (value: T): SseEvent => ({ name: value.type, json: JSON.stringify(value) });
  return streamResponse(iterator, (left) => sseFrames(Promise.resolve(first), iterator, { ...options, toEvent, left }));
}

/** Events of something that goes on for ever: answers at once, with a comment, whenever the first one may come. */
export function liveStream(events: AsyncIterable<SseEvent>, options: StreamOptions): Response {
  const iterator = events[Symbol.asyncIterator]();
  const toEvent = (event: SseEvent) => event;
  return streamResponse(iterator, async function* (left) {
    yield comment('watching');
    yield* sseFrames(iterator.next(), iterator, { ...options, toEvent, left });
  });
}

function streamResponse(
  iterator: AsyncIterator<unknown>,
  framesUntil: (left: AbortSignal) => AsyncGenerator<Uint8Array, void, undefined>,
): Response {
  const left = new AbortController();
  const frames = framesUntil(left.signal);
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      const frame = await frames.next();
      if (frame.done) controller.close();
      else controller.enqueue(frame.value);
    },
    async cancel() {
      left.abort();
      endReading(iterator); // here too: frames that nobody has asked for yet end nothing
      await frames.return();
    },
  });
  const headers = { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' };
  return new Response(body, { headers });
}

const encoder = new TextEncoder();
const comment = (text: string) => encoder.encode(`: ${text}\n\n`);
const frame = ({ name, json }: SseEvent) => encoder.encode(`event: ${name}\ndata: ${json}\n\n`);

async function* sseFrames<T>(
  first: Promise<IteratorResult<T>>,
  iterator: AsyncIterator<T>,
  { clock, errorEvent, toEvent, left }: StreamOptions & { toEvent: (value: T) => SseEvent; left: AbortSignal },
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    let upcoming = first;
    while (!left.aborted) {
      const next = await unlessSilent(upcoming, clock, left);
      if (next === 'left') return;
      if (next === 'silent') {
        yield comment('keep-alive');
        continue;
      }
      if (next.done) return;
      yield frame(toEvent(next.value));
      upcoming = iterator.next();
      upcoming.catch(() => {}); // told by the next turn of the loop, or of no interest to a reader who left
    }
  } catch (cause) {
    yield frame({ name: 'error', json: JSON.stringify(errorEvent(cause)) });
  } finally {
    endReading(iterator);
  }
}

/** Not awaited: it would wait for the next value of a stream that nobody reads any more. */
function endReading(iterator: AsyncIterator<unknown>): void {
  iterator.return?.()?.catch(() => {});
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

import type { StreamResponse } from '@skein/contracts/a2a';
import type { Clock } from '@skein/contracts/runtime';
import { A2AError } from '../errors.ts';
import type { JsonRpcId, JsonRpcReply } from '../json-rpc/envelope.ts';
import { toJsonRpcError } from '../json-rpc/errors.ts';
import { encodeSseComment, encodeSseEvent } from '../json-rpc/sse.ts';

/** A reply that goes on: its first event is known already, so that headers and event leave together. */
export class StreamReply {
  readonly first: StreamResponse;
  readonly rest: AsyncIterator<StreamResponse>;

  constructor(first: StreamResponse, rest: AsyncIterator<StreamResponse>) {
    this.first = first;
    this.rest = rest;
  }
}

export async function openStreamReply(events: AsyncIterable<StreamResponse>): Promise<StreamReply> {
  const rest = events[Symbol.asyncIterator]();
  const first = await rest.next();
  if (first.done) throw new A2AError('INVALID_AGENT_RESPONSE', 'The agent answered nothing');
  return new StreamReply(first.value, rest);
}

interface EventStreamOptions {
  id: JsonRpcId;
  clock: Clock;
  /** Silence after which a comment is sent, in milliseconds. */
  keepAliveMs: number;
  /** Ends the stream: the client went away, or the server closes. */
  signal: AbortSignal;
  /** The client stopped reading. */
  onGone(): void;
  /** The stream is over, however it ended. */
  onEnd(): void;
  /** The source failed after the headers had left. */
  onFailure(cause: unknown): void;
}

/** The reply as bytes: each event in a whole JSON-RPC envelope. It makes an event only when the socket has room. */
export function eventStream(reply: StreamReply, options: EventStreamOptions): ReadableStream<Uint8Array> {
  const frames = sseFrames(reply, options);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const frame = await frames.next();
        if (frame.done) controller.close();
        else controller.enqueue(frame.value);
      },
      cancel() {
        options.onGone();
        return void frames.return();
      },
    },
    { highWaterMark: 1 },
  );
}

const silence = Symbol('silence');

async function* sseFrames(
  reply: StreamReply,
  options: EventStreamOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { id, clock, keepAliveMs, signal } = options;
  const envelope = (body: { result: unknown } | { error: ReturnType<typeof toJsonRpcError> }) =>
    encodeSseEvent({ jsonrpc: '2.0', id, ...body } satisfies JsonRpcReply);
  try {
    yield envelope({ result: reply.first });
    let next = reply.rest.next();
    for (;;) {
      const item = await orSilence(next, clock, keepAliveMs, signal);
      if (signal.aborted) return;
      if (item === silence) {
        yield encodeSseComment();
        continue;
      }
      if (item.done) return;
      yield envelope({ result: item.value });
      next = reply.rest.next();
    }
  } catch (cause) {
    if (signal.aborted) return;
    options.onFailure(cause);
    yield envelope({ error: toJsonRpcError(cause) });
  } finally {
    // Not awaited: a source that is busy hears of it when it comes back, and nobody waits for that.
    void Promise.resolve(reply.rest.return?.()).catch(() => {});
    options.onEnd();
  }
}

/** What `next` brings, or `silence` after so long or once the signal aborts. `next` stays pending: ask it again. */
async function orSilence<T>(
  next: Promise<T>,
  clock: Clock,
  ms: number,
  signal: AbortSignal,
): Promise<T | typeof silence> {
  const disarm = new AbortController();
  const onAbort = () => disarm.abort();
  signal.addEventListener('abort', onAbort);
  if (signal.aborted) disarm.abort();
  const quiet = clock.sleep(ms, disarm.signal).then(
    (): typeof silence => silence,
    (): typeof silence => silence,
  );
  try {
    return await Promise.race([next, quiet]);
  } finally {
    signal.removeEventListener('abort', onAbort);
    disarm.abort();
  }
}

import type { Clock } from '@skein/contracts/runtime';
import { orAborted } from '../client/deadline.ts';
import { encodeSseComment, encodeSseEvent } from '../json-rpc/sse.ts';
import type { StreamReply } from '../operations/stream-reply.ts';
import type { StreamedEvent } from '../tasks/streamed-event.ts';
import type { EventSink } from './event-sink.ts';

export interface EventStreamOptions {
  clock: Clock;
  /** Silence after which a comment is sent, in milliseconds. */
  keepAliveMs: number;
  /** Ends the stream: the client went away, or the server closes. */
  signal: AbortSignal;
  /** An event, or the failure of the source, as the binding says it. */
  write(item: StreamedEvent | { failure: unknown }): unknown;
  /** The source failed after the headers had left. */
  onFailure(cause: unknown): void;
}

/** Writes the reply into the sink, event by event as there is room, and comments where nothing happens for long. */
export async function pumpEvents(reply: StreamReply, sink: EventSink, options: EventStreamOptions): Promise<void> {
  const { signal, write } = options;
  const frame = (event: StreamedEvent) => encodeSseEvent(write(event), event.id);
  const keepAlive = startKeepAlive(sink, options);
  try {
    await sink.write(reply.first.map(frame).join(''));
    while (!signal.aborted) {
      const batch = await orAborted(reply.rest.next(), signal);
      if (batch.done || signal.aborted) return;
      keepAlive.alive();
      await sink.write(batch.value.map(frame).join(''));
    }
  } catch (cause) {
    if (signal.aborted) return;
    options.onFailure(cause);
    await sink.write(encodeSseEvent(write({ failure: cause })));
  } finally {
    keepAlive.stop();
    // Not awaited: a source that is busy hears of it when it comes back, and nobody waits for that.
    void Promise.resolve(reply.rest.return?.()).catch(() => {});
    sink.end();
  }
}

/** One timer for a stream's whole life: it looks back whether anything was written since it was set. */
function startKeepAlive(sink: EventSink, { clock, keepAliveMs }: EventStreamOptions) {
  const stopped = new AbortController();
  let quiet = true;
  const watch = async () => {
    for (;;) {
      quiet = true;
      await clock.sleep(keepAliveMs, stopped.signal);
      if (quiet) await sink.write(encodeSseComment());
    }
  };
  watch().catch(() => {}); // stopped
  return {
    alive() {
      quiet = false;
    },
    stop: () => stopped.abort(),
  };
}

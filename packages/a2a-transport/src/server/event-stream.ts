import type { StreamResponse } from '@skein/contracts/a2a';
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
  /** Whether the stream ends after this event although more may follow. */
  endsAfter: ((event: StreamResponse) => boolean) | undefined;
  /** The source failed after the headers had left. */
  onFailure(cause: unknown): void;
}

/** Writes the reply into the sink, event by event as there is room, and comments where nothing happens for long. */
export async function pumpEvents(reply: StreamReply, sink: EventSink, options: EventStreamOptions): Promise<void> {
  const { signal, write } = options;
  const frame = (event: StreamedEvent) => encodeSseEvent(write(event), event.id);
  const keepAlive = startKeepAlive(sink, options);
  const tell = async (events: readonly StreamedEvent[]) => {
    const last = options.endsAfter ? events.findIndex(({ event }) => options.endsAfter?.(event)) : -1;
    const told = last < 0 ? events : events.slice(0, last + 1);
    await sink.write(told.map(frame).join('') || encodeSseComment()); // a comment brings the headers to the reader
    return last >= 0;
  };
  try {
    let over = await tell(reply.first);
    while (!over && !signal.aborted) {
      const batch = await orAborted(reply.rest.next(), signal);
      if (batch.done || signal.aborted) return;
      keepAlive.alive();
      over = await tell(batch.value);
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

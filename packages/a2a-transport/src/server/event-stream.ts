import type { StreamResponse } from '@skein/contracts/a2a';
import { encodeSseComment, encodeSseEvent } from '../json-rpc/sse.ts';
import type { StreamReply } from '../operations/stream-reply.ts';
import type { StreamedEvent } from '../tasks/streamed-event.ts';
import type { OpenCall } from './calls.ts';
import type { EventSink } from './event-sink.ts';
import type { KeepAlive } from './keep-alive.ts';

export interface EventStreamOptions {
  keepAlive: Pick<KeepAlive, 'enter'>;
  /** Its abort ends the stream: the client went away, or the server closes. */
  call: Pick<OpenCall, 'onAbort'>;
  /** An event, or the failure of the source, as the binding says it. */
  write(item: StreamedEvent | { failure: unknown }): unknown;
  /** Whether the stream ends after this event although more may follow. */
  endsAfter: ((event: StreamResponse) => boolean) | undefined;
  /** The source failed after the headers had left. */
  onFailure(cause: unknown): void;
  /** The stream is over, however it ended. */
  onEnd(): void;
}

/** Writes the reply into the sink, event by event as there is room, until the source ends or the call is aborted. */
export async function pumpEvents(reply: StreamReply, sink: EventSink, options: EventStreamOptions): Promise<void> {
  const { call, write, endsAfter } = options;
  const kept = options.keepAlive.enter(sink);
  const frame = (event: StreamedEvent) => encodeSseEvent(write(event), event.id);
  const tell = (events: readonly StreamedEvent[]) => {
    kept.alive();
    let text = '';
    for (const each of events) {
      text += frame(each);
      if (endsAfter?.(each.event)) return { room: sink.write(text), last: true };
    }
    // A comment in place of nothing brings the headers to the reader.
    return { room: sink.write(text || encodeSseComment()), last: false };
  };
  let over = false;
  // At once also where the source is busy: it hears of the end when it comes back, and nobody waits for that.
  const finish = () => {
    if (over) return;
    over = true;
    kept.leave();
    sink.end();
    options.onEnd();
    void Promise.resolve(reply.rest.return?.()).catch(() => {});
  };
  call.onAbort(finish);
  try {
    let { room, last } = tell(reply.first);
    while (!last && !over) {
      if (room) await room;
      const batch = await reply.rest.next();
      if (batch.done || over) return;
      ({ room, last } = tell(batch.value));
    }
  } catch (cause) {
    if (over) return;
    options.onFailure(cause);
    await sink.write(encodeSseEvent(write({ failure: cause })));
  } finally {
    finish();
  }
}

import type { StreamResponse } from '@skein/contracts/a2a';
import { encodeSseComment, encodeSseEvent } from '../json-rpc/sse.ts';
import type { StreamReply } from '../operations/stream-reply.ts';
import type { StreamedEvent } from '../tasks/streamed-event.ts';
import type { OpenCall } from './calls.ts';
import type { EventSink } from './event-sink.ts';
import type { KeepAlive, KeptStream } from './keep-alive.ts';

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

/**
 * Writes the reply into the sink, event by event as there is room, until the source ends or the call is aborted. A reply that is
 * known to be over goes out in one piece.
 */
export async function pumpEvents(reply: StreamReply, sink: EventSink, options: EventStreamOptions): Promise<void> {
  const { call, write } = options;
  let kept: KeptStream | undefined;
  let over = false;
  // At once also where the source is busy: it hears of the end when it comes back, and nobody waits for that.
  const finish = (last?: string) => {
    if (over) return;
    over = true;
    kept?.leave();
    sink.end(last);
    options.onEnd();
    leaveReply(reply);
  };
  try {
    let told = frames(reply.first, options);
    if (told.last || reply.rest.over) return finish(told.text);
    kept = options.keepAlive.enter(sink);
    call.onAbort(() => finish());
    while (!over) {
      kept.alive();
      // A comment in place of nothing brings the headers to the reader.
      const room = sink.write(told.text || encodeSseComment());
      if (told.last) return;
      if (room) await room;
      const batch = await reply.rest.next();
      if (batch.done || over) return;
      told = frames(batch.value, options);
    }
  } catch (cause) {
    if (over) return;
    options.onFailure(cause);
    await sink.write(encodeSseEvent(write({ failure: cause })));
  } finally {
    finish();
  }
}

/** The events for the wire, up to that after which the stream ends. */
function frames(
  events: readonly StreamedEvent[],
  { write, endsAfter }: Pick<EventStreamOptions, 'write' | 'endsAfter'>,
): { text: string; last: boolean } {
  let text = '';
  for (const each of events) {
    text += encodeSseEvent(write(each), each.id);
    if (endsAfter?.(each.event)) return { text, last: true };
  }
  return { text, last: false };
}

/** Nobody reads on. */
export function leaveReply({ rest }: StreamReply): void {
  void Promise.resolve(rest.return?.()).catch(() => {});
}

import type { EventSink } from '../event-sink.ts';

/** What a binding answers with, for whoever serves it to send. A plain record of headers: a `Headers` costs more than a small answer. */
export type Answer = PlainAnswer | StreamedAnswer;

export interface PlainAnswer {
  readonly status: number;
  /** Made for this answer: whoever sends it may add to it. */
  readonly headers: Record<string, string>;
  readonly body: string | null;
}

/** An answer of status 200 that goes on. */
export interface StreamedAnswer {
  readonly headers: Readonly<Record<string, string>>;
  /** Begins to write, and ends the sink at the end. Called once. */
  writeTo(sink: EventSink): void;
  /** In place of `writeTo`, where nobody will read it. */
  giveUp(): void;
  /** The reader has gone: nothing more is written. May come after the end. */
  onGone(): void;
}

export function isStreamed(answer: Answer): answer is StreamedAnswer {
  return 'writeTo' in answer;
}

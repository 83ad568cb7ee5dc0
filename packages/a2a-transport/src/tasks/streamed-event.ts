import type { StreamResponse, Task } from '@skein/contracts/a2a';

/** One event on its way to a reader. */
export interface StreamedEvent {
  readonly event: StreamResponse;
  /** What `Last-Event-ID` has to say to go on after it. Absent where the stream cannot be resumed. */
  readonly id?: string;
}

/**
 * Key in a task's metadata that marks a snapshot which stands for events that are no longer kept:
 * `{ after, before }`, the numbers around what is missing. Beside it nothing in a stream is ever left out.
 */
export const GAP_KEY = 'urn:skein:a2a:stream-gap:v1';

/** The task as it stands, in place of the events between `after` and `before`. */
export function gapSnapshot(task: Task, after: number, before: number): StreamResponse {
  return { task: { ...task, metadata: { ...task.metadata, [GAP_KEY]: { after, before } } } };
}

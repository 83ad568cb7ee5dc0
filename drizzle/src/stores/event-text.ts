/**
 * The events of a task as the text of a column. A task that ends with its first step, as most do, says in its events what
 * it says in itself: they are written as what they are made of, which halves what travels to the database and stays there.
 * For any other the task's own column goes on changing, and nothing can point into it.
 */
import type { StreamResponse, Task } from '@skein/contracts/a2a';

/** The rest of an update beside its ids and its matter; left out where there is none. */
type Rest = Record<string, unknown>;

/** An event by what its task holds. An array, which no event is. */
type ShortEvent =
  /** The task as it began: its status then, and how many of the messages were there. */
  | ['task', Task['status'], number]
  /** An artifact that came whole, by its place. */
  | ['artifact', number, Rest?]
  /** The status that the task has. */
  | ['status', Rest?];

/** Events of the step that made this task and ended it. */
export function writeFirstEvents(events: readonly StreamResponse[], task: Task): string {
  return JSON.stringify(events.map((event) => shortened(event, task)));
}

/** What `writeFirstEvents` wrote, or events as they are. */
export function readFirstEvents(text: string, task: Task): StreamResponse[] {
  const written = JSON.parse(text) as (StreamResponse | ShortEvent)[]; // by whom, says the column
  return written.map((event) => (Array.isArray(event) ? expanded(event, task) : event));
}

/** By identity: what is the same object is the same text. */
function shortened(event: StreamResponse, task: Task): StreamResponse | ShortEvent {
  if (task.contextId === undefined || Object.keys(event).length > 1) return event;
  if ('task' in event) {
    const { id, contextId, status, history = [], ...rest } = event.task;
    const isPlain = id === task.id && contextId === task.contextId && Object.keys(rest).length === 0;
    const begins = history.length > 0 && history.every((message, at) => message === task.history?.[at]);
    return isPlain && begins ? ['task', status, history.length] : event;
  }
  if ('artifactUpdate' in event) {
    const { taskId, contextId, artifact, ...rest } = event.artifactUpdate;
    const at = task.artifacts?.indexOf(artifact) ?? -1;
    if (at < 0 || taskId !== task.id || contextId !== task.contextId) return event;
    return Object.keys(rest).length > 0 ? ['artifact', at, rest] : ['artifact', at];
  }
  if ('statusUpdate' in event) {
    const { taskId, contextId, status, ...rest } = event.statusUpdate;
    if (status !== task.status || taskId !== task.id || contextId !== task.contextId) return event;
    return Object.keys(rest).length > 0 ? ['status', rest] : ['status'];
  }
  return event;
}

/** Each index was taken from this very task, which has not changed since. */
function expanded(
  event: ShortEvent,
  { id, contextId = '', status, artifacts = [], history = [] }: Task,
): StreamResponse {
  const ids = { taskId: id, contextId };
  if (event[0] === 'task') return { task: { id, contextId, status: event[1], history: history.slice(0, event[2]) } };
  if (event[0] === 'status') return { statusUpdate: { ...ids, status, ...event[1] } };
  const artifact = artifacts[event[1]];
  if (!artifact) throw new Error(`Task ${id} has no artifact ${event[1]} that its events speak of`);
  return { artifactUpdate: { ...ids, artifact, ...event[2] } };
}

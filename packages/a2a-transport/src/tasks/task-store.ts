import type { StreamResponse, Task, TaskState } from '@skein/contracts/a2a';

/**
 * Keeps plain tasks, and for each the log of what happened to it: streams, their resumption and push notifications are
 * cursors over that log.
 *
 * Promise: `commit` stores a step whole or not at all, and only where the task stands at `after`; what has settled
 * survives whatever the implementation says it survives. A task belongs to one owner: to any other it is exactly as an
 * unknown id, in every method. Values are plain JSON: neither side changes one that it handed over. One process at a
 * time works on the tasks of one store.
 */
export interface TaskStore {
  /**
   * Rejects with TaskStoreError `CONFLICT` when the task does not stand at `after`: somebody else has moved it. Where an answer
   * may be lost on its way, the same step may come again, with more events at its end, and only what is missing is stored.
   * A store that is done at once says so by returning nothing, and throws what it would have rejected with.
   */
  commit(step: TaskStep): Promise<void> | undefined;
  find(owner: TaskOwner, id: string): Promise<StoredTask | undefined>;
  /** The owner's tasks that match, newest status first, then by falling id, from the cursor on. */
  list(owner: TaskOwner, query: TaskQuery): Promise<TaskPage>;
  /**
   * Events of a task after number `after`, oldest first, at most `limit`. The first has a higher number than `after + 1`
   * where some are no longer kept. Empty for an unknown task.
   */
  events(owner: TaskOwner, id: string, after: number, limit: number): Promise<LoggedEvent[]>;
  /** Tasks whose last step said that an execution goes on, at most `limit`: after a start, those of earlier lives. */
  running(limit: number): Promise<OwnedTask[]>;
}

/** Whose a task is: one opaque word for principal and tenant, made by `ownerOf`. */
export type TaskOwner = string;

/** Something that happened to a task. */
export interface LoggedEvent {
  /** Its place in the task's log, counted from 1 without holes. */
  readonly seq: number;
  readonly event: StreamResponse;
}

/** A task as it stands after event `seq`. */
export interface StoredTask {
  readonly task: Task;
  readonly seq: number;
}

export interface OwnedTask extends StoredTask {
  readonly owner: TaskOwner;
}

/** What happened to a task, and what it has become by it. */
export interface TaskStep {
  readonly owner: TaskOwner;
  /** The task after the events. Its id is unique among all owners: it is made by chance. */
  readonly task: Task;
  /** Number of the last event before these; 0 makes the task. */
  readonly after: number;
  /** Numbered on from `after`. None, where only `running` changes. */
  readonly events: readonly StreamResponse[];
  /** Whether an execution goes on, in this process: if that dies, nobody works on the task. */
  readonly running: boolean;
}

export interface TaskQuery {
  readonly contextId?: string;
  readonly state?: TaskState;
  /** Only tasks whose status is of then or later: ISO 8601 in UTC with milliseconds. */
  readonly since?: string;
  /** Where the page before ended. */
  readonly after?: TaskCursor;
  /** Tasks on a page, at least 1. */
  readonly limit: number;
}

/** A place in the order of a list: status timestamp and task id of the last one told. */
export interface TaskCursor {
  readonly timestamp: string;
  readonly id: string;
}

export interface TaskPage {
  readonly tasks: readonly Task[];
  /** All that match, without the cursor. */
  readonly total: number;
  /** Whether there are more after this page. */
  readonly more: boolean;
}

/** Why a step could not be stored. */
export class TaskStoreError extends Error {
  override readonly name = 'TaskStoreError';
  readonly code: 'CONFLICT';

  constructor(code: 'CONFLICT', message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

/** The order of a list: negative when `a` comes first. */
export function compareTasks(a: TaskCursor, b: TaskCursor): number {
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp ? -1 : 1;
  if (a.id === b.id) return 0;
  return a.id > b.id ? -1 : 1;
}

/** Where a task stands in that order. The server gives every status its timestamp. */
export function cursorOf({ id, status }: Task): TaskCursor {
  return { timestamp: status.timestamp ?? '', id };
}

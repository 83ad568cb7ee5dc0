import { isTerminal } from '@skein/contracts/a2a';
import {
  compareTasks,
  cursorOf,
  type LoggedEvent,
  type OwnedTask,
  type TaskQuery,
  type TaskStep,
  type TaskStore,
  TaskStoreError,
} from './task-store.ts';

interface InMemoryTaskStoreOptions {
  /** Tasks kept. Beyond it the finished one that changed longest ago is forgotten, or where none is, the oldest. @default 10_000 */
  maxTasks?: number;
  /** Events kept of each task, the newest. @default 1_000 */
  maxEvents?: number;
}

interface Kept extends Omit<OwnedTask, 'seq'> {
  seq: number;
  running: boolean;
  /** The newest, without holes; the last is number `seq`. */
  events: LoggedEvent[];
}

/** Tasks for as long as the process lives, in bounded memory. */
export function createInMemoryTaskStore(options: InMemoryTaskStoreOptions = {}): TaskStore {
  const { maxTasks = 10_000, maxEvents = 1_000 } = options;
  // Two queues in the order of their last change, so that forgetting never searches.
  const open = new Map<string, Kept>();
  const finished = new Map<string, Kept>();
  const lookUp = (id: string) => open.get(id) ?? finished.get(id);
  const owned = (owner: string, id: string) => {
    const kept = lookUp(id);
    return kept?.owner === owner ? kept : undefined;
  };
  const forgetOldest = () => {
    const queue = finished.size > 0 ? finished : open;
    const oldest = queue.keys().next();
    if (!oldest.done) queue.delete(oldest.value);
  };

  return {
    async commit({ owner, task, after, events, running }: TaskStep) {
      const { id } = task;
      const known = lookUp(id);
      if ((known?.seq ?? 0) !== after || (known && known.owner !== owner)) {
        throw new TaskStoreError('CONFLICT', `Task ${id} does not stand at event ${after}`);
      }
      const log = known?.events ?? [];
      events.forEach((event, index) => {
        log.push({ seq: after + index + 1, event });
      });
      if (log.length > maxEvents) log.splice(0, log.length - maxEvents);
      open.delete(id);
      finished.delete(id);
      if (open.size + finished.size >= maxTasks) forgetOldest();
      const kept = { owner, task, seq: after + events.length, running, events: log };
      (isTerminal(task.status.state) ? finished : open).set(id, kept);
    },
    async find(owner, id) {
      const kept = owned(owner, id);
      return kept && { task: kept.task, seq: kept.seq };
    },
    async list(owner, { contextId, state, since = '', after, limit }: TaskQuery) {
      const matching = [...open.values(), ...finished.values()]
        .filter((kept) => kept.owner === owner)
        .map(({ task }) => task)
        .filter((task) => contextId === undefined || task.contextId === contextId)
        .filter(({ status }) => (state === undefined || status.state === state) && cursorTime(status) >= since)
        .sort((a, b) => compareTasks(cursorOf(a), cursorOf(b)));
      const rest = after ? matching.filter((task) => compareTasks(cursorOf(task), after) > 0) : matching;
      return { tasks: rest.slice(0, limit), total: matching.length, more: rest.length > limit };
    },
    async events(owner, id, after, limit) {
      const log = owned(owner, id)?.events ?? [];
      const first = log[0];
      return first ? log.slice(Math.max(0, after + 1 - first.seq)).slice(0, limit) : [];
    },
    async running(limit) {
      const running = [...open.values()].filter((kept) => kept.running);
      return running.slice(0, limit).map(({ owner, task, seq }) => ({ owner, task, seq }));
    },
  };
}

function cursorTime({ timestamp = '' }: { timestamp?: string | undefined }): string {
  return timestamp;
}

import { isTerminal, type StreamResponse, type Task } from '@skein/contracts/a2a';
import { LinkedMap } from '@skein/contracts/runtime';
import {
  compareTasks,
  cursorOf,
  type TaskOwner,
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
  /** Finished tasks whose events are kept, the newest; of those before, only the last event is. @default 1_000 */
  maxFinishedLogs?: number;
}

interface Kept {
  readonly owner: TaskOwner;
  task: Task;
  seq: number;
  running: boolean;
  /** The newest, without holes; the last is number `seq`. */
  events: StreamResponse[];
}

/** Tasks for as long as the process lives, in bounded memory. */
export function createInMemoryTaskStore(options: InMemoryTaskStoreOptions = {}): TaskStore {
  const { maxTasks = 10_000, maxEvents = 1_000, maxFinishedLogs = 1_000 } = options;
  // Two queues in the order of their last change, so that forgetting never searches.
  const open = new LinkedMap<Kept>();
  const finished = new LinkedMap<Kept>();
  const finishedLogs = new LinkedMap<Kept>();
  const lookUp = (id: string) => open.get(id) ?? finished.get(id);
  const owned = (owner: string, id: string) => {
    const kept = lookUp(id);
    return kept?.owner === owner ? kept : undefined;
  };
  const forgetOldest = () => {
    const oldest = finished.takeOldest() ?? open.takeOldest();
    if (oldest) finishedLogs.delete(oldest.task.id);
  };
  const finish = (kept: Kept) => {
    finished.set(kept.task.id, kept);
    finishedLogs.set(kept.task.id, kept);
    if (finishedLogs.size <= maxFinishedLogs) return;
    const oldest = finishedLogs.takeOldest();
    if (oldest) oldest.events = oldest.events.slice(-1);
  };

  return {
    commit({ owner, task, after, events, running }: TaskStep) {
      const { id } = task;
      const known = lookUp(id);
      if ((known?.seq ?? 0) !== after || (known && known.owner !== owner)) {
        throw new TaskStoreError('CONFLICT', `Task ${id} does not stand at event ${after}`);
      }
      const kept: Kept = known ?? { owner, task, seq: 0, running, events: [] };
      kept.task = task;
      kept.seq = after + events.length;
      kept.running = running;
      kept.events.push(...events);
      if (kept.events.length > maxEvents) kept.events.splice(0, kept.events.length - maxEvents);
      if (known) {
        open.delete(id);
        finished.delete(id);
      } else if (open.size + finished.size >= maxTasks) forgetOldest();
      if (isTerminal(task.status.state)) finish(kept);
      else open.set(id, kept);
      return undefined;
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
      const kept = owned(owner, id);
      if (!kept) return [];
      const first = kept.seq - kept.events.length + 1;
      const from = Math.max(0, after + 1 - first);
      return kept.events.slice(from, from + limit).map((event, index) => ({ seq: first + from + index, event }));
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

/** A2A's tasks and their logs on PostgreSQL: steps that come at the same moment are stored by one statement. */
import { type LoggedEvent, type StoredTask, type TaskStep, type TaskStore, TaskStoreError } from '@skein/a2a-transport';
import { isTerminal, type StreamResponse, type Task } from '@skein/contracts/a2a';
import type { Clock } from '@skein/contracts/runtime';
import { createCoalescer } from '../coalesce.ts';
import type { Database } from '../connect.ts';
import { listTasks } from '../statements/a2a/list-tasks.ts';
import { makeTasks } from '../statements/a2a/make-tasks.ts';
import { moveTasks } from '../statements/a2a/move-tasks.ts';
import { readEvents } from '../statements/a2a/read-events.ts';
import { findTask, runningTasks } from '../statements/a2a/read-tasks.ts';
import type { StepRow } from '../statements/a2a/step-row.ts';
import { trimEvents } from '../statements/a2a/trim-events.ts';
import { fromColumn, toColumn } from './column-text.ts';
import { isOutage, sayingUnavailable, withinPatience } from './unavailable.ts';

export interface PostgresTaskStoreOptions {
  /** Whose tasks: a node's id, or a name that nobody else in the database uses. */
  agent: string;
  /** Events kept of each task, the newest; now and then up to a tenth more. @default 10_000 */
  maxEvents?: number;
}

interface Step {
  readonly step: TaskStep;
  readonly row: StepRow;
}

/** The clock bounds how long a call waits for its answer. */
export function createPostgresTaskStore(
  { sql }: Pick<Database, 'sql'>,
  clock: Pick<Clock, 'sleep'>,
  { agent, maxEvents = 10_000 }: PostgresTaskStoreOptions,
): TaskStore {
  const trimEvery = Math.max(1, Math.floor(maxEvents / 10));

  async function write(steps: readonly Step[]): Promise<boolean[]> {
    const rows = steps.map(({ row }) => row);
    const isFirst = steps[0]?.step.after === 0;
    const stored = await withinPatience(() => (isFirst ? makeTasks : moveTasks)(sql, agent, rows), clock);
    if (stored.length === steps.length) return steps.map(() => true);
    const ids = new Set(stored.map(({ id }) => id));
    return Promise.all(steps.map(async (one) => ids.has(one.row.id) || withinPatience(() => writeRest(one), clock)));
  }

  /** A step that comes again because its answer was lost, perhaps with more events: what is missing of it is stored. */
  async function writeRest({ step, row }: Step): Promise<boolean> {
    const { id, owner } = row;
    const after = step.after;
    const [known] = await findTask(sql, agent, owner, id);
    const there = Number(known?.seq ?? 0) - after;
    if (there <= 0 || there > step.events.length) return false;
    const limit = there;
    const events = inOrder(await readEvents(sql, { agent, owner, id, after, limit }), after, limit);
    const isSame = ({ seq, event }: LoggedEvent) => textOf(event) === textOf(step.events[seq - after - 1]);
    if (events.length < there || !events.every(isSame)) return false;
    const rest = { ...row, after: after + there, events: JSON.stringify(step.events.slice(there)) };
    return (await moveTasks(sql, agent, [rest])).length > 0;
  }

  const commit = createCoalescer<Step, boolean>({
    write,
    keyOf: ({ row }) => row.id,
    groupOf: ({ row }) => (row.after === 0 ? 'first' : 'later'),
    sizeOf: ({ row }) => row.task.length + row.events.length,
    isOutage,
  });

  async function trim({ id, after, seq }: StepRow): Promise<void> {
    if (seq <= maxEvents || Math.floor(after / trimEvery) === Math.floor(seq / trimEvery)) return;
    // Where this fails, more is kept until the next time.
    await withinPatience(() => trimEvents(sql, agent, id, seq - maxEvents), clock).catch(() => {});
  }

  const reads: Omit<TaskStore, 'commit'> = {
    async find(owner, id) {
      const [found] = await findTask(sql, agent, toColumn(owner), toColumn(id));
      return found && toTask(found);
    },

    async list(owner, query) {
      const { contextId, after, limit } = query;
      const rows = await listTasks(sql, agent, toColumn(owner), {
        ...query,
        ...(contextId !== undefined && { contextId: toColumn(contextId) }),
        ...(after && { after: { timestamp: toColumn(after.timestamp), id: toColumn(after.id) } }),
      });
      const tasks = rows.flatMap(({ task }) => (task === null ? [] : [parseTask(task)]));
      return { tasks: tasks.slice(0, limit), total: rows[0]?.total ?? 0, more: tasks.length > limit };
    },

    async events(owner, id, after, limit) {
      const rows = await readEvents(sql, { agent, owner: toColumn(owner), id: toColumn(id), after, limit });
      return inOrder(rows, after, limit);
    },

    async running(limit) {
      const rows = await runningTasks(sql, agent, limit);
      return rows.map((row) => ({ owner: fromColumn(row.owner), ...toTask(row) }));
    },
  };

  return {
    ...sayingUnavailable(reads, clock),
    async commit(step) {
      const row = toRow(step);
      if (!(await commit({ step, row })))
        throw new TaskStoreError('CONFLICT', `Task ${step.task.id} does not stand at event ${step.after}`);
      await trim(row);
    },
  };
}

function toRow({ owner, task, after, events, running }: TaskStep): StepRow {
  const { id, contextId, status } = task;
  return {
    id: toColumn(id),
    owner: toColumn(owner),
    contextId: contextId === undefined ? null : toColumn(contextId),
    state: status.state,
    statusAt: toColumn(status.timestamp ?? ''),
    ...{ after, seq: after + events.length },
    ...{ running, ended: isTerminal(status.state) },
    task: JSON.stringify(task),
    events: JSON.stringify(events),
  };
}

/** What these columns hold was written from a task and from events, by `toRow`. */
const parseTask = (text: string) => JSON.parse(text) as Task;
const parseEvents = (text: string) => JSON.parse(text) as StreamResponse[];
const textOf = (event: unknown) => JSON.stringify(event);

function toTask({ task, seq }: { task: string; seq: string }): StoredTask {
  return { task: parseTask(task), seq: Number(seq) };
}

/** The first `limit` events after number `after`, out of rows that may begin before and end beyond. */
function inOrder(rows: readonly { fromSeq: string; events: string }[], after: number, limit: number): LoggedEvent[] {
  return rows
    .flatMap(({ fromSeq, events }) => parseEvents(events).map((event, at) => ({ seq: Number(fromSeq) + at, event })))
    .filter(({ seq }) => seq > after)
    .slice(0, limit);
}

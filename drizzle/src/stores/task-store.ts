/** A2A's tasks and their logs on PostgreSQL: steps that come at the same moment are stored by one statement. */
import { isDeepStrictEqual } from 'node:util';
import { type LoggedEvent, type TaskStep, type TaskStore, TaskStoreError } from '@skein/a2a-transport';
import { isTerminal, type StreamResponse, type Task } from '@skein/contracts/a2a';
import type { Clock } from '@skein/contracts/runtime';
import { and, asc, eq, sql as text } from 'drizzle-orm';
import { createCoalescer } from '../coalesce.ts';
import type { Database } from '../connect.ts';
import { codeOf } from '../errors.ts';
import { a2aTasks as tasks } from '../schema/index.ts';
import { findTasks } from '../statements/a2a/find-tasks.ts';
import { listTasks } from '../statements/a2a/list-tasks.ts';
import { type EventsRow, readEvents } from '../statements/a2a/read-events.ts';
import type { StepRow } from '../statements/a2a/step-row.ts';
import { NO_SUCH_TASK, storeSteps } from '../statements/a2a/store-steps.ts';
import { trimEvents } from '../statements/a2a/trim-events.ts';
import { fromColumn, toColumn } from './column-text.ts';
import { readFirstEvents, writeFirstEvents } from './event-text.ts';
import { isOutage, sayingUnavailable, withinPatience } from './unavailable.ts';

export interface PostgresTaskStoreOptions {
  /** Whose tasks: a node's id, or a name that nobody else in the database uses. */
  agent: string;
  /** Events kept of each task, the newest; now and then up to a tenth more. @default 10_000 */
  maxEvents?: number;
}

type ListedRow = { total: number; task: string | null };

interface Step {
  readonly step: TaskStep;
  readonly row: StepRow;
}

/** The clock bounds how long a call waits for its answer. */
export function createPostgresTaskStore(
  { sql, orm }: Pick<Database, 'sql' | 'orm'>,
  clock: Pick<Clock, 'sleep'>,
  { agent, maxEvents = 10_000 }: PostgresTaskStoreOptions,
): TaskStore {
  const trimEvery = Math.max(1, Math.floor(maxEvents / 10));
  const isOurs = eq(tasks.agent, agent);
  const { owner, task, seq } = tasks;

  async function write(steps: readonly Step[]): Promise<boolean[]> {
    const stored = new Set(await withinPatience(() => store(steps.map(({ row }) => row)), clock));
    if (stored.size === steps.length) return steps.map(() => true);
    return Promise.all(steps.map(async (one) => stored.has(one.row.id) || withinPatience(() => storeRest(one), clock)));
  }

  async function store(rows: readonly StepRow[]): Promise<string[]> {
    try {
      return (await storeSteps(sql, agent, rows)).map(({ id }) => id);
    } catch (cause) {
      if (rows.length === 1 && codeOf(cause) === NO_SUCH_TASK) return [];
      throw cause;
    }
  }

  async function ownOne(owner: string, id: string) {
    return (await findTasks(sql, id)).find((row) => row.agent === agent && row.owner === owner);
  }

  /** A step that comes again because its answer was lost, perhaps with more events: what is missing of it is stored. */
  async function storeRest({ step, row }: Step): Promise<boolean> {
    const { after, events } = step;
    const known = await ownOne(row.owner, row.id);
    const there = Number(known?.seq ?? 0) - after;
    if (there <= 0 || there > events.length) return false;
    const logged = await read(row.owner, row.id, after, there);
    const isSame = (one: LoggedEvent) => isDeepStrictEqual(one.event, plain(events[one.seq - after - 1]));
    if (logged.length < there || !logged.every(isSame)) return false;
    const rest = { ...row, after: after + there, events: JSON.stringify(events.slice(there)) };
    return (await store([rest])).length > 0;
  }

  const commit = createCoalescer<Step, boolean>({
    clock,
    write,
    keyOf: ({ row }) => row.id,
    sizeOf: ({ row }) => row.task.length + row.events.length,
    isOutage,
  });

  /** Now and then, as it costs a statement. */
  const isToBeTrimmed = ({ after, seq }: StepRow) =>
    seq > maxEvents && Math.floor(after / trimEvery) !== Math.floor(seq / trimEvery);

  async function trim({ id, seq }: StepRow): Promise<void> {
    // Where this fails, more is kept until the next time.
    await withinPatience(() => orm.execute(trimEvents(agent, id, seq - maxEvents)), clock).catch(() => {});
  }

  async function read(owner: string, id: string, after: number, limit: number): Promise<LoggedEvent[]> {
    return inOrder(await readEvents(sql, { agent, owner, id, after, limit }), after, limit);
  }

  const reads: Omit<TaskStore, 'commit'> = {
    async find(owner, id) {
      const found = await ownOne(toColumn(owner), toColumn(id));
      return found && { task: parseTask(found.task), seq: Number(found.seq) };
    },

    async list(owner, query) {
      const { contextId, after, limit } = query;
      const inColumns = {
        ...query,
        ...(contextId !== undefined && { contextId: toColumn(contextId) }),
        ...(after && { after: { timestamp: toColumn(after.timestamp), id: toColumn(after.id) } }),
      };
      const rows = await orm.execute<ListedRow>(listTasks(agent, toColumn(owner), inColumns));
      const listed = rows.flatMap(({ task }) => (task === null ? [] : [parseTask(task)]));
      return { tasks: listed.slice(0, limit), total: rows[0]?.total ?? 0, more: listed.length > limit };
    },

    events: (owner, id, after, limit) => read(toColumn(owner), toColumn(id), after, limit),

    async running(limit) {
      // As text of the statement itself: only so is the partial index known to hold the answer.
      const isRunning = text`${tasks.running}`;
      const rows = await orm
        .select({ owner, task, seq })
        .from(tasks)
        .where(and(isOurs, isRunning))
        .orderBy(asc(tasks.id))
        .limit(limit);
      return rows.map((row) => ({ owner: fromColumn(row.owner), task: parseTask(row.task), seq: row.seq }));
    },
  };

  return {
    ...sayingUnavailable(reads, clock),
    async commit(step) {
      const row = toRow(step);
      if (!(await commit({ step, row })))
        throw new TaskStoreError('CONFLICT', `Task ${step.task.id} does not stand at event ${step.after}`);
      if (isToBeTrimmed(row)) await trim(row);
    },
  };
}

function toRow({ owner, task, after, events, running }: TaskStep): StepRow {
  const { id, contextId, status } = task;
  const ended = isTerminal(status.state);
  return {
    id: toColumn(id),
    owner: toColumn(owner),
    contextId: contextId === undefined ? null : toColumn(contextId),
    state: status.state,
    statusAt: toColumn(status.timestamp ?? ''),
    ...{ after, seq: after + events.length },
    ...{ running, ended },
    task: JSON.stringify(task),
    events: after === 0 && ended ? writeFirstEvents(events, task) : JSON.stringify(events),
  };
}

/** What these columns hold was written from a task and from events, by `toRow`. */
const parseTask = (text: string) => JSON.parse(text) as Task;
const parseEvents = ({ events, task }: EventsRow) =>
  task === null ? (JSON.parse(events) as StreamResponse[]) : readFirstEvents(events, parseTask(task));

/** As JSON has it, without what is undefined. */
const plain = (event: StreamResponse | undefined): unknown => event && JSON.parse(JSON.stringify(event));

/** The first `limit` events after number `after`, out of rows that may begin before and end beyond. */
function inOrder(rows: readonly EventsRow[], after: number, limit: number): LoggedEvent[] {
  return rows
    .flatMap((row) => parseEvents(row).map((event, at) => ({ seq: Number(row.fromSeq) + at, event })))
    .filter(({ seq }) => seq > after)
    .slice(0, limit);
}

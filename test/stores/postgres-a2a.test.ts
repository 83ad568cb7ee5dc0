/** What A2A's stores on PostgreSQL do beyond their ports: agents side by side, company in one commit, outages, purges. */
import type { TaskStep } from '@skein/a2a-transport';
import { connect, createPostgresA2AStores } from '@skein/drizzle';
import { createTestDatabase, type TestDatabase } from '@skein/drizzle/testing';
import { expect, inject, test } from 'vitest';
import { firstStep, newEvents, newTask, numbersOf } from './suites/a2a-samples.ts';
import { DAY_MS } from './suites/samples.ts';

const PAGE = 2_000;
const conflict = { name: 'TaskStoreError', code: 'CONFLICT' };
const open = () => createTestDatabase(inject('testCluster'));
const storesOn = (database: TestDatabase, agent = 'agent') => createPostgresA2AStores(database, { agent });
const newPush = (taskId: string, id = 'config') => {
  const config = { id, taskId, url: 'https://receiver.example' };
  return { owner: 'alice', taskId, id, config, protocolVersion: '1.0' as const, after: 0 };
};

async function transactionsOf({ sql }: TestDatabase): Promise<number> {
  await sql`select pg_stat_force_next_flush()`;
  const [row] = await sql<{ count: number }[]>`
    select xact_commit::int as count from pg_stat_database where datname = current_database()`;
  return row?.count ?? 0;
}

async function rowsOf({ sql }: TestDatabase): Promise<number[]> {
  const [row] = await sql<{ tasks: number; events: number; configs: number }[]>`
    select (select count(*)::int from a2a_tasks) as tasks, (select count(*)::int from a2a_task_events) as events,
      (select count(*)::int from push_configs) as configs`;
  return [row?.tasks ?? 0, row?.events ?? 0, row?.configs ?? 0];
}

test('agents that share a database know nothing of each other, not even by the same ids', async () => {
  await using database = await open();
  const [north, south] = [storesOn(database, 'north'), storesOn(database, 'south')];
  const task = newTask({ metadata: { of: 'north' } });
  await north.tasks.commit(firstStep(task));
  const put = await north.pushConfigs.put(newPush(task.id));
  expect(await south.tasks.find('alice', task.id)).toBeUndefined();
  expect(await numbersOf(south.tasks, 'alice', task.id)).toEqual([]);
  expect(await south.tasks.list('alice', { limit: 10 })).toMatchObject({ tasks: [], total: 0 });
  expect(await south.tasks.running(10)).toEqual([]);
  const step = { owner: 'alice', task, after: 1, events: newEvents(task.id, 1), running: false };
  await expect(south.tasks.commit(step)).rejects.toMatchObject(conflict);
  expect(await south.pushConfigs.list('alice', task.id, { limit: 10 })).toEqual([]);
  expect(await south.pushConfigs.unfinished(undefined, 10)).toEqual([]);
  await south.pushConfigs.delivered(put, 9, true);
  await south.pushConfigs.failed(put, { reason: 'no', disable: true });
  await south.pushConfigs.remove('alice', task.id, put.id);
  const twin = newTask({ id: task.id, metadata: { of: 'south' } });
  await south.tasks.commit(firstStep(twin));
  expect(await north.tasks.find('alice', task.id)).toEqual({ task, seq: 1 });
  expect(await south.tasks.find('alice', task.id)).toEqual({ task: twin, seq: 1 });
  expect(await north.pushConfigs.list('alice', task.id, { limit: 10 })).toEqual([put]);
});

test('steps of one moment are one commit or two, whatever they are', async () => {
  // One session, which can be asked what it has done.
  await using database = await createTestDatabase(inject('testCluster'), { maxConnections: 1 });
  const { tasks } = storesOn(database);
  const old = Array.from({ length: 50 }, () => newTask());
  await Promise.all(old.map((task) => tasks.commit(firstStep(task))));
  const before = await transactionsOf(database);
  await Promise.all([
    ...old.map((task) =>
      tasks.commit({ owner: 'alice', task, after: 1, events: newEvents(task.id, 2), running: false }),
    ),
    ...Array.from({ length: 50 }, () => tasks.commit(firstStep(newTask()))),
  ]);
  // Some are of those who count.
  expect((await transactionsOf(database)) - before).toBeLessThan(8);
});

test('what the database refuses takes nothing from those it came with', async () => {
  await using database = await open();
  const { tasks } = storesOn(database);
  await database.sql.unsafe(`alter table a2a_tasks add constraint refused check (task not like '%refused%')`);
  const all = Array.from({ length: 20 }, (_, n) => newTask(n === 7 ? { metadata: { word: 'refused' } } : {}));
  const outcomes = await Promise.allSettled(all.map((task) => tasks.commit(firstStep(task))));
  expect(outcomes.map(({ status }) => status)).toEqual(all.map((_, n) => (n === 7 ? 'rejected' : 'fulfilled')));
  expect((await tasks.list('alice', { limit: 1 })).total).toBe(19);
});

test('a step for a task that is not there takes nothing from those it came with', async () => {
  await using database = await open();
  const { tasks } = storesOn(database);
  const [known, unknown] = [newTask(), newTask()];
  await tasks.commit(firstStep(known));
  const later = (task: typeof known): TaskStep => ({
    ...{ owner: 'alice', task, after: 1 },
    ...{ events: newEvents(task.id, 1), running: true },
  });
  const outcomes = await Promise.allSettled([tasks.commit(later(unknown)), tasks.commit(later(known))]);
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
  expect(await tasks.find('alice', unknown.id)).toBeUndefined();
  expect(await rowsOf(database)).toEqual([1, 1, 0]);
});

test('a step whose answer was lost may come again, and brings what has been added to it', async () => {
  await using database = await open();
  const { tasks } = storesOn(database);
  const task = newTask();
  const first = firstStep(task, { events: newEvents(task.id, 2) });
  for (let times = 0; times < 2; times += 1) await tasks.commit(first);
  const done = newTask({ id: task.id }, 'TASK_STATE_COMPLETED', 1);
  const longer = { ...first, task: done, events: [...first.events, ...newEvents(task.id, 2, 'more')], running: false };
  for (let times = 0; times < 2; times += 1) await tasks.commit(longer);
  expect(await tasks.find('alice', task.id)).toEqual({ task: done, seq: 4 });
  expect((await tasks.events('alice', task.id, 0, 10)).map(({ event }) => event)).toEqual(longer.events);
  const another = { ...longer, events: newEvents(task.id, 5, 'another') };
  await expect(tasks.commit(another)).rejects.toMatchObject(conflict);
  await expect(tasks.commit(first)).rejects.toMatchObject(conflict);
  await expect(tasks.commit({ ...longer, owner: 'bob' })).rejects.toMatchObject(conflict);
});

test('whenever connections are cut, what was acknowledged is there, and nothing is there by half', async () => {
  await using database = await open();
  const { tasks } = storesOn(database);
  const cuts: Promise<unknown>[] = [];
  const cut = () => database.sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid()`;
  const acknowledged = new Map<string, number>();
  let steps = 0;
  const writers = Array.from({ length: 16 }, async (_, n) => {
    for (let round = 0; round < 6; round += 1) {
      const task = newTask({ metadata: { n, round } });
      let seq = 0;
      for (const count of [1, 3, 2]) {
        const events = newEvents(task.id, count, `${seq}`);
        try {
          await tasks.commit({ owner: 'alice', task, after: seq, events, running: true });
        } catch (cause) {
          expect(cause).toMatchObject({ code: 'STORE_UNAVAILABLE' });
          break;
        }
        seq += count;
        acknowledged.set(task.id, seq);
        steps += 1;
        if (steps % 10 === 0) cuts.push(cut().catch(() => {})); // two that cut each other end each other
      }
    }
  });
  await Promise.all(writers);
  await Promise.all(cuts);
  expect(cuts.length).toBeGreaterThan(0);
  // As after a restart: a pool of its own, none of whose connections was cut.
  await using again = await connect(database.target, { applicationName: 'again', allowUnsafe: true });
  const { tasks: fresh } = createPostgresA2AStores(again, { agent: 'agent' });
  for (const [id, seq] of acknowledged) {
    const found = await fresh.find('alice', id);
    expect(found?.seq).toBeGreaterThanOrEqual(seq);
    const numbers = await numbersOf(fresh, 'alice', id);
    expect(numbers).toEqual(Array.from({ length: found?.seq ?? 0 }, (_, n) => n + 1));
  }
});

test('stores whose database is gone say so', async () => {
  const database = await open();
  const { tasks, pushConfigs, purge } = storesOn(database);
  const put = await pushConfigs.put(newPush('task'));
  await database.drop();
  const unavailable = { name: 'SwarmError', code: 'STORE_UNAVAILABLE' };
  await expect(Promise.all([newTask(), newTask()].map((task) => tasks.commit(firstStep(task))))).rejects.toMatchObject(
    unavailable,
  );
  await expect(tasks.find('alice', 'task')).rejects.toMatchObject(unavailable);
  await expect(tasks.list('alice', { limit: 1 })).rejects.toMatchObject(unavailable);
  await expect(pushConfigs.delivered(put, 1, false)).rejects.toMatchObject(unavailable);
  await expect(pushConfigs.put(newPush('task'))).rejects.toMatchObject(unavailable);
  await expect(purge()).rejects.toMatchObject(unavailable);
});

test('tasks that ended a month ago are forgotten with all that hangs on them, and no others', async () => {
  await using database = await open();
  const [ours, others] = [storesOn(database), storesOn(database, 'other')];
  const [ended, open_, late, foreign] = [newTask(), newTask(), newTask(), newTask()];
  const end = async (stores: typeof ours, task: typeof ended, after: number) => {
    const done = newTask({ id: task.id }, 'TASK_STATE_COMPLETED', 1);
    await stores.tasks.commit({ owner: 'alice', task: done, after, events: newEvents(task.id, 2), running: false });
  };
  for (const task of [ended, open_, late]) await ours.tasks.commit(firstStep(task));
  for (const task of [ended, open_, late]) await ours.pushConfigs.put(newPush(task.id));
  await ours.pushConfigs.put(newPush('never made'));
  await end(ours, ended, 1);
  await end(others, foreign, 0);
  await database.advance(20 * DAY_MS);
  await end(ours, late, 1);
  expect(await ours.purge()).toBe(0);
  await database.advance(11 * DAY_MS);
  expect(await ours.purge()).toBe(2);
  expect(await ours.purge()).toBe(0);
  const left = await Promise.all([ended, open_, late].map(({ id }) => ours.tasks.find('alice', id)));
  expect(left.map((found) => found?.task.id)).toEqual([undefined, open_.id, late.id]);
  expect(await rowsOf(database)).toEqual([3, 1, 2]);
  expect(await others.tasks.find('alice', foreign.id)).toBeDefined();
});

test('tasks are forgotten a page at a time, and fewer where their logs are long', async () => {
  await using database = await open();
  const { tasks, purge } = storesOn(database);
  await tasks.commit(firstStep(newTask({}, 'TASK_STATE_COMPLETED'), { running: false }));
  await database.sql`
    insert into a2a_tasks
    select agent, id || n, owner, context_id, state, status_at, seq + n % 2 * 30000, running, ended_at, task, first_events, first_seq
    from a2a_tasks, generate_series(1, ${PAGE}) n`;
  await database.advance(31 * DAY_MS);
  const gone: number[] = [];
  for (;;) {
    const count = await purge();
    if (count === 0) break;
    gone.push(count);
  }
  expect(gone.reduce((sum, count) => sum + count)).toBe(PAGE + 1);
  expect(gone.length).toBeGreaterThan(PAGE / 5); // two long logs at once at most, with short ones between
});

test('a task is read by its key and a list from its index, however small the table was when it was looked at last', async () => {
  await using database = await createTestDatabase(inject('testCluster'), { maxConnections: 1 });
  const { tasks } = storesOn(database);
  const move = async (task: ReturnType<typeof newTask>, after: number) =>
    tasks.commit({ owner: 'alice', task, after, events: newEvents(task.id, 1), running: false });
  const [seed] = [newTask()];
  await tasks.commit(firstStep(seed));
  await move(seed, 1);
  await database.sql`vacuum analyze a2a_tasks`; // one row, and the planner goes by it from now on
  await database.sql`vacuum analyze a2a_task_events`;
  const all = Array.from({ length: 2_000 }, () => newTask());
  await Promise.all(all.map((task) => tasks.commit(firstStep(task))));
  for (let n = 0; n < 5; n += 1) await tasks.commit(firstStep(newTask({}, 'TASK_STATE_WORKING', n), { owner: 'bob' }));
  const rowsRead = async () => {
    await database.sql`select pg_stat_force_next_flush()`;
    const [row] = await database.sql<{ rows: number }[]>`
      select sum(seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_user_tables
      where relname in ('a2a_tasks', 'a2a_task_events')`;
    return row?.rows ?? 0;
  };
  const before = await rowsRead();
  for (const task of all.slice(0, 50)) {
    await move(task, 1);
    await tasks.find('alice', task.id);
    await tasks.events('alice', task.id, 0, 10);
    await tasks.list('bob', { limit: 3 });
  }
  // A scan of the tasks would read 2,000 rows each time.
  expect((await rowsRead()) - before).toBeLessThan(50 * 40);
});

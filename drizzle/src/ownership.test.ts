import { createServer } from 'node:net';
import { expect, inject, onTestFinished, test, vi } from 'vitest';
import { lockKey } from './owner-lock.ts';
import { holdOwnership } from './ownership.ts';
import { openClient } from './target.ts';
import { createTestDatabase, type TestDatabase } from './testing/test-database.ts';

async function sharedDatabase(): Promise<TestDatabase> {
  const database = await createTestDatabase(inject('testCluster'));
  onTestFinished(() => database.drop());
  return database;
}

const endSession = (database: TestDatabase, owner: string) =>
  database.sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${owner}`;

test('one process holds an identity; the next is told who, and gets it when it is released', async () => {
  const { target } = await sharedDatabase();
  const first = await holdOwnership(target, { key: 'node-a', owner: 'node a pid 1' });
  await expect(holdOwnership(target, { key: 'node-a', owner: 'node a pid 2' })).rejects.toMatchObject({
    code: 'OWNERSHIP_HELD',
    owner: 'node a pid 1',
    message: expect.stringContaining('node a pid 1'),
  });
  await using _other = await holdOwnership(target, { key: 'node-b', owner: 'node b pid 3' });
  await first.release();
  await first.release();
  await using _second = await holdOwnership(target, { key: 'node-a', owner: 'node a pid 2' });
});

test('of eight that ask at once, one gets it', async () => {
  const { target } = await sharedDatabase();
  const asked = await Promise.allSettled(
    Array.from({ length: 8 }, (_, pid) => holdOwnership(target, { key: 'node-a', owner: `node a pid ${pid}` })),
  );
  const owners = asked.filter((one) => one.status === 'fulfilled');
  expect(owners).toHaveLength(1);
  for (const one of asked) if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'OWNERSHIP_HELD' });
  await Promise.all(owners.map(({ value }) => value.release()));
});

test('a session that ends is renewed, and nobody is told', async () => {
  const database = await sharedDatabase();
  const onLost = vi.fn();
  await using _held = await holdOwnership(database.target, { key: 'node-a', owner: 'first', onLost });
  await endSession(database, 'first');
  const holders = () => database.sql`
    select application_name from pg_locks l join pg_stat_activity using (pid) where l.locktype = 'advisory' and l.granted
      and l.database = (select oid from pg_database where datname = current_database())`;
  await vi.waitFor(async () => expect(await holders()).toEqual([{ application_name: 'first' }]), { timeout: 10_000 });
  expect(onLost).not.toHaveBeenCalled();
});

test('an owner whose identity was taken while its session was gone is told so once', async () => {
  const database = await sharedDatabase();
  const onLost = vi.fn();
  await using held = await holdOwnership(database.target, { key: 'node-a', owner: 'first', onLost });
  // Waits in the lock's queue, as no process of ours does: so it is the next owner, whoever asks first.
  const second = openClient(database.target, {
    maxConnections: 1,
    applicationName: 'second',
    connectTimeoutMs: 5_000,
    renewConnections: false,
  });
  const taken = second`select pg_advisory_lock(${lockKey('node-a')}::bigint)`.execute();
  const waiting = () => database.sql`
    select 1 from pg_locks join pg_stat_activity using (pid) where application_name = 'second' and not granted`;
  await vi.waitFor(async () => expect(await waiting()).toHaveLength(1), { timeout: 10_000 });
  await endSession(database, 'first');
  await taken;
  await vi.waitFor(() => expect(onLost).toHaveBeenCalled(), { timeout: 10_000 });
  expect(onLost.mock.calls).toEqual([[expect.objectContaining({ code: 'OWNERSHIP_HELD', owner: 'second' })]]);
  await held.release();
  await second.end();
});

test('a server that does not answer is waited for in bounded time', async () => {
  const nowhere = { host: '/nowhere', port: 5432, user: 'skein', database: 'postgres' };
  await expect(holdOwnership(nowhere, { key: 'node-a', owner: 'first', deadlineMs: 50 })).rejects.toMatchObject({
    code: 'UNREACHABLE',
  });
});

test('what takes connections and is no PostgreSQL is given up at the deadline', async () => {
  const impostor = createServer((socket) => socket.end('HTTP/1.1 400\r\n\r\n')).listen(0, '127.0.0.1');
  onTestFinished(() => void impostor.close());
  await vi.waitUntil(() => impostor.listening);
  const address = impostor.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const asking = holdOwnership(
    { url: `postgres://127.0.0.1:${port}/x` },
    { key: 'node-a', owner: 'node a pid 1', deadlineMs: 500 },
  );
  await expect(asking).rejects.toMatchObject({ code: 'UNREACHABLE', message: expect.stringContaining('DATABASE_URL') });
});

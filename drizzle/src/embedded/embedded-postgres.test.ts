import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@skein/contracts/runtime';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { connect } from '../connect.ts';
import { lockKey } from '../owner-lock.ts';
import { openClient } from '../target.ts';
import { processesOf, watchersOf } from '../testing/embedded/processes-of.ts';
import { makeTestFolder, type TestFolder } from '../testing/embedded/test-folder.ts';
import { type EmbeddedPostgres, startEmbeddedPostgres, startServer } from './embedded-postgres.ts';
import { signalProcess } from './process-table.ts';

const asRoot = test.runIf(process.getuid?.() === 0);

/** Making a cluster takes a second; copying one does not. */
let seed: TestFolder;
beforeAll(async () => {
  seed = await makeTestFolder();
  await (await startEmbeddedPostgres({ dataDir: seed.path, owner: 'seed' })).stop();
});
afterAll(() => seed[Symbol.asyncDispose]());

async function makeUsedFolder(): Promise<TestFolder> {
  const folder = await makeTestFolder();
  // With its owner, whom PostgreSQL checks.
  execFileSync('cp', ['-a', join(seed.path, 'pg'), folder.path]);
  return folder;
}

async function ask<T>(postgres: EmbeddedPostgres, statement: string): Promise<T | undefined> {
  await using database = await connect(postgres.connection, { applicationName: 'test', maxConnections: 1 });
  const [row] = await database.sql.unsafe<{ answer: T }[]>(statement);
  return row?.answer;
}

test('a first start makes a durable database, a second one finds its rows again', async () => {
  await using folder = await makeTestFolder();
  const first = await startEmbeddedPostgres({ dataDir: folder.path, owner: 'first' });
  expect(first.how).toBe('started');
  expect(await ask(first, `select current_setting('server_version_num')::int / 10000 as answer`)).toBe(18);
  expect(
    await ask(
      first,
      `select string_agg(name || '=' || setting, ' ' order by name) as answer from pg_settings
      where name in ('fsync', 'full_page_writes', 'synchronous_commit', 'data_checksums', 'listen_addresses')`,
    ),
  ).toBe('data_checksums=on fsync=on full_page_writes=on listen_addresses= synchronous_commit=on');
  await ask(first, 'create table kept as select 42 as answer');
  await first.stop();
  await first.stop();
  expect(processesOf(folder.path)).toEqual([]);
  expect(watchersOf(new Set([first.pid]))).toEqual([]);

  await using second = await startEmbeddedPostgres({ dataDir: folder.path, owner: 'second' });
  expect(await ask(second, 'select answer from kept')).toBe(42);
});

test('a second start on the same folder is refused by name, and harms nobody', async () => {
  await using folder = await makeUsedFolder();
  await using postgres = await startEmbeddedPostgres({ dataDir: folder.path, owner: 'node worker-1 pid 123' });
  await using database = await connect(postgres.connection, { applicationName: 'test' });
  await expect(startEmbeddedPostgres({ dataDir: folder.path, owner: 'late' })).rejects.toMatchObject({
    code: 'FOLDER_IN_USE',
    owner: 'node worker-1 pid 123',
    message: expect.stringContaining('node worker-1 pid 123'),
  });
  expect(await database.sql`select 1 as answer`).toEqual([{ answer: 1 }]);
});

test('a killed server comes back by itself under the same address', async () => {
  await using folder = await makeUsedFolder();
  const onLost = vi.fn();
  await using postgres = await startEmbeddedPostgres({ dataDir: folder.path, owner: 'node', onLost });
  await using database = await connect(postgres.connection, { applicationName: 'test' });
  await database.sql`create table kept (id int)`;
  await database.sql`insert into kept values (1)`;
  const killed = postgres.pid;
  signalProcess(killed, 'SIGKILL');
  await vi.waitFor(() => expect(postgres.pid).not.toBe(killed), { timeout: 10_000 });
  // A pooled session of the old server may be found dead once.
  await vi.waitFor(async () => expect(await database.sql`select id from kept`).toEqual([{ id: 1 }]), {
    timeout: 10_000,
  });
  expect(onLost).not.toHaveBeenCalled();
});

test('a lost lock is taken back, and every session from before it is ended', async () => {
  await using folder = await makeUsedFolder();
  await using postgres = await startEmbeddedPostgres({ dataDir: folder.path, owner: 'node' });
  await using old = await connect(postgres.connection, { applicationName: 'old', maxConnections: 1 });
  const session = async () => (await old.sql<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]?.pid;
  const before = await session();
  await ask(
    postgres,
    `select pg_terminate_backend(pid) as answer from pg_stat_activity where application_name = 'node'`,
  );
  await vi.waitFor(async () => expect(await session()).not.toBe(before), { timeout: 10_000 });
  await expect(startEmbeddedPostgres({ dataDir: folder.path, owner: 'late' })).rejects.toMatchObject({ owner: 'node' });
});

test('a node whose folder was taken while it had lost it is told so once, and leaves the server to its owner', async () => {
  await using folder = await makeUsedFolder();
  const onLost = vi.fn();
  await using postgres = await startEmbeddedPostgres({ dataDir: folder.path, owner: 'first', onLost });
  // Waits in the lock's queue, as no node does: so it is the next owner, whoever asks first.
  const second = openClient(postgres.connection, {
    maxConnections: 1,
    applicationName: 'second',
    connectTimeoutMs: 5_000,
    renewConnections: false,
  });
  const taken = second`select pg_advisory_lock(${lockKey('embedded')}::bigint)`.execute();
  const queued = `select count(*)::int as answer from pg_locks where locktype = 'advisory' and not granted`;
  await vi.waitFor(async () => expect(await ask(postgres, queued)).toBe(1), { timeout: 10_000 });
  await ask(
    postgres,
    `select pg_terminate_backend(pid) as answer from pg_stat_activity where application_name = 'first'`,
  );
  await taken;
  await vi.waitFor(() => expect(onLost).toHaveBeenCalled(), { timeout: 10_000 });
  expect(onLost.mock.calls).toEqual([[expect.objectContaining({ code: 'FOLDER_IN_USE', owner: 'second' })]]);
  await postgres.stop();
  expect(await second`select 1 as answer`).toEqual([{ answer: 1 }]);
  await second.end();
  await using third = await startEmbeddedPostgres({ dataDir: folder.path, owner: 'third' });
  expect(third.how).toBe('adopted');
});

test('a pid file left behind whose pid is somebody else by now does not stop a start', async () => {
  await using folder = await makeUsedFolder();
  const stranger = sleeper();
  try {
    mkdirSync(join(folder.path, 'run'));
    const stale = `${stranger.pid}\n${folder.path}/pg\n1700000000\n5432\n${folder.path}/run\n\n  1 1\nready   \n`;
    writeFileSync(join(folder.path, 'pg/postmaster.pid'), stale);
    writeFileSync(join(folder.path, 'run/.s.PGSQL.5432.lock'), stale);
    await using postgres = await startEmbeddedPostgres({ dataDir: folder.path, owner: 'second' });
    expect(postgres.pid).not.toBe(stranger.pid);
    expect(await ask(postgres, 'select 1 as answer')).toBe(1);
    expect(stranger.exitCode).toBeNull();
  } finally {
    stranger.kill('SIGKILL');
  }
});

function sleeper(): ChildProcess {
  return spawn('/bin/sh', ['-c', 'read _'], { stdio: ['pipe', 'ignore', 'ignore'] });
}

test('a server that cannot start is given up at the deadline, with the way to its log, and leaves nothing', async () => {
  await using folder = await makeUsedFolder();
  const broken = startServer({
    dataDir: folder.path,
    owner: 'second',
    deadlineMs: 500,
    settings: ['no_such_setting=1'],
  });
  await expect(broken).rejects.toMatchObject({
    code: 'START_TIMEOUT',
    message: expect.stringContaining(join(folder.path, 'postgres.log')),
  });
  expect(readFileSync(join(folder.path, 'postgres.log'), 'utf8')).toContain('no_such_setting');
  expect(processesOf(folder.path)).toEqual([]);
});

test('a database of another major version is refused before anything is started', async () => {
  await using folder = await makeTestFolder();
  mkdirSync(join(folder.path, 'pg'));
  writeFileSync(join(folder.path, 'pg/PG_VERSION'), '17\n');
  await expect(startEmbeddedPostgres({ dataDir: folder.path, owner: 'node' })).rejects.toMatchObject({
    code: 'WRONG_MAJOR_VERSION',
    message: expect.stringContaining('DATABASE_URL'),
  });
});

asRoot('root runs the server as the user it is told', async () => {
  await using folder = await makeTestFolder();
  const owned = { dataDir: folder.path, owner: 'node', postgresUid: 12_345 };
  await using postgres = await startEmbeddedPostgres(owned); // a number without a name, as containers have
  expect(readFileSync(`/proc/${postgres.pid}/status`, 'utf8')).toMatch(/^Uid:\t12345\t12345/m);
  expect(await ask(postgres, 'select 1 as answer')).toBe(1);
});

test('stopping a node whose server was just killed takes no time and leaves nothing', async () => {
  await using folder = await makeUsedFolder();
  const postgres = await startEmbeddedPostgres({ dataDir: folder.path, owner: 'node' });
  signalProcess(postgres.pid, 'SIGKILL');
  const startedAt = systemClock.now();
  await postgres.stop();
  expect(systemClock.now() - startedAt).toBeLessThan(5_000);
  await vi.waitFor(() => expect(processesOf(folder.path)).toEqual([]), { timeout: 10_000 });
});

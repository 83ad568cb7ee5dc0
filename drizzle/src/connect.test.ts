import { createServer } from 'node:net';
import { expect, inject, test } from 'vitest';
import { asDatabaseError, connect, problemWith } from './connect.ts';
import { createTestDatabase } from './testing/test-database.ts';

const options = { applicationName: 'test', connectTimeoutMs: 500 };
const durable = { versionNumber: 180_004, fsync: 'on', synchronousCommit: 'on' };

test.each([
  ['as PostgreSQL comes', durable, undefined],
  ['on the oldest release', { ...durable, versionNumber: 150_000 }, undefined],
  ['waiting for its own disk only', { ...durable, synchronousCommit: 'local' }, undefined],
  ['too old', { ...durable, versionNumber: 140_012 }, 'SERVER_TOO_OLD'],
  ['without fsync', { ...durable, fsync: 'off' }, 'FSYNC_OFF'],
  ['that acknowledges first', { ...durable, synchronousCommit: 'off' }, 'FSYNC_OFF'],
])('a server %s', (_, facts, code) => {
  expect(problemWith(facts, false)?.code).toBe(code);
});

test('a server that may lose rows is refused with the reason, unless it is to be thrown away', async () => {
  const { connection } = inject('testCluster');
  await expect(connect(connection, options)).rejects.toMatchObject({
    code: 'FSYNC_OFF',
    message: expect.stringContaining('fsync and synchronous_commit'),
  });
  await using database = await connect(connection, { ...options, allowUnsafe: true });
  expect(await database.sql`select 1 as answer`).toEqual([{ answer: 1 }]);
});

test('an address where nobody answers is named without its password', async () => {
  const url = 'postgres://skein:s3cret@127.0.0.1:1/swarm';
  const refused: unknown = await connect({ url }, options).catch((cause: unknown) => cause);
  expect(refused).toMatchObject({
    code: 'UNREACHABLE',
    message:
      'No PostgreSQL answers at skein@127.0.0.1:1/swarm (ECONNREFUSED). Is it running, and is DATABASE_URL right?',
  });
});

test('a server that accepts and says nothing is given up in bounded time', async () => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const address = silent.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await expect(connect({ url: `postgres://127.0.0.1:${port}/swarm` }, options)).rejects.toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringContaining('CONNECT_TIMEOUT'),
  });
  silent.close();
});

test('what is not an address is said to be none', async () => {
  await expect(connect({ url: 'swarm at home' }, options)).rejects.toMatchObject({ code: 'UNREACHABLE' });
});

test.each([
  ['28P01', 'ACCESS_REFUSED'],
  ['3D000', 'ACCESS_REFUSED'],
  ['53300', 'UNREACHABLE'],
  ['57P03', 'UNREACHABLE'],
  ['ENOTFOUND', 'UNREACHABLE'],
])('the error %s means %s', (code, meaning) => {
  const cause = Object.assign(new Error('as the server says'), { code });
  expect(asDatabaseError({ url: 'postgres://db/swarm' }, cause)).toMatchObject({ code: meaning, cause });
});

test('a database that does not exist is refused by name', async () => {
  const { connection } = inject('testCluster');
  await expect(connect({ ...connection, database: 'missing' }, options)).rejects.toMatchObject({
    code: 'ACCESS_REFUSED',
    message: expect.stringContaining('"missing" does not exist'),
  });
});

test('an end waits for the statement under way, and may come twice', async () => {
  await using database = await createTestDatabase(inject('testCluster'));
  const underWay = database.sql`select pg_sleep(0.05)`.execute();
  await Promise.all([database.end(), database.end()]);
  expect(await underWay).toHaveLength(1);
});

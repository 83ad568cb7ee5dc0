import { mkdirSync, readdirSync } from 'node:fs';
import { expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import { createTestDatabase } from './test-database.ts';
import { startTestPostgres } from './test-postgres.ts';

test('each test has a database of its own, which goes when it is dropped', async () => {
  const cluster = inject('testCluster');
  await using one = await createTestDatabase(cluster);
  await using other = await createTestDatabase(cluster);
  await one.sql`create table mine (id int)`;
  expect(await other.sql`select to_regclass('mine') as mine`).toEqual([{ mine: null }]);
  await other.drop();
  await other.drop();
  await expect(connect(other.target, { applicationName: 'late', allowUnsafe: true })).rejects.toMatchObject({
    code: 'ACCESS_REFUSED',
  });
});

test('the clock of the database moves on when it is told to', async () => {
  await using database = await createTestDatabase(inject('testCluster'));
  const aheadMs = async () => {
    const [row] = await database.sql<
      { ms: number }[]
    >`select (extract(epoch from skein_now() - now()) * 1000)::int as ms`;
    return row?.ms;
  };
  expect(await aheadMs()).toBe(0);
  await database.advance(60_000);
  await database.advance(1_500.4);
  expect(await aheadMs()).toBe(61_500);
});

test('a run that was killed leaves a folder, and the next run removes it', async () => {
  const leftover = '/dev/shm/skein-test-4194305-leftover'; // a pid that Linux never gives
  const isThere = () => readdirSync('/dev/shm').includes('skein-test-4194305-leftover');
  mkdirSync(leftover, { recursive: true });
  await using _run = await startTestPostgres();
  expect(isThere()).toBe(false);
});

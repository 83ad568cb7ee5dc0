import { NodeId } from '@skein/contracts';
import { systemClock } from '@skein/contracts/runtime';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, inject, test } from 'vitest';
import { connect } from '../connect.ts';
import { signalProcess } from '../embedded/process-table.ts';
import { eventually, processesOf } from '../testing/embedded/processes-of.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { startTestPostgres } from '../testing/test-postgres.ts';
import { createPostgresStores } from './postgres-stores.ts';

const nodeId = NodeId.parse('a'.repeat(26));
const unavailable = { name: 'SwarmError', code: 'STORE_UNAVAILABLE' };

test('a server that hangs is given up in time by whoever asks, and answers again once it goes on', async () => {
  await using server = await startTestPostgres();
  await using database = await createTestDatabase(server.cluster);
  const clock = createFakeClock();
  const { nodes, inbox } = createPostgresStores(database, { nodeId, clock });
  const id = await nodes.databaseId();

  const processes = processesOf(server.folder).map(({ pid }) => pid);
  const signalAll = (signal: NodeJS.Signals) => {
    for (const pid of processes) signalProcess(pid, signal);
  };
  signalAll('SIGSTOP');
  using _goingOn = { [Symbol.dispose]: () => signalAll('SIGCONT') }; // or the server could not be ended
  expect(processes.length).toBeGreaterThan(1); // the postmaster alone would leave the backends answering

  const asked = [nodes.databaseId(), nodes.list(), nodes.openIncarnation(nodeId), inbox.expire(nodeId)];
  const answers = Promise.allSettled(asked);
  await eventually('every question waits', () => clock.sleeping === asked.length);
  await clock.advance(15_000);
  for (const answer of await answers) expect(answer).toMatchObject({ status: 'rejected', reason: unavailable });

  signalAll('SIGCONT');
  expect(await nodes.databaseId()).toBe(id);
  expect(clock.sleeping).toBe(0);
});

test('the server itself ends a statement that takes too long, and a transaction that was left alone', async () => {
  await using database = await createTestDatabase(inject('testCluster'));
  const options = { applicationName: 'hurried', allowUnsafe: true };
  await using usual = await connect(database.target, options);
  const [limits] = await usual.sql`select current_setting('statement_timeout') as statement,
    current_setting('idle_in_transaction_session_timeout') as idle`;
  expect(limits).toEqual({ statement: '10s', idle: '10s' });

  await using hurried = await connect(database.target, { ...options, statementTimeoutMs: 50 });
  const { nodes } = createPostgresStores(hurried, { nodeId, clock: systemClock });
  await database.sql.begin(async (tx) => {
    await tx`lock table nodes in access exclusive mode`;
    await expect(nodes.list()).rejects.toMatchObject(unavailable);
  });
  expect(await nodes.list()).toEqual([]);

  const left = new AbortController();
  const abandoned = hurried.sql.begin(async (tx) => {
    await tx`lock table nodes in access exclusive mode`;
    await systemClock.sleep(60_000, left.signal).catch(() => {});
  });
  await expect(abandoned).rejects.toThrow();
  left.abort();
  expect(await nodes.list()).toEqual([]);
});

/**
 * What a statement does that had to wait: it began before the one that it waited for had committed, so that its snapshot is
 * an old one. Each test holds a row, lets its contenders queue up behind it, and lets go.
 */
import { createPostgresStores } from '@skein/drizzle';
import { createTestDatabase } from '@skein/drizzle/testing';
import { lanTiming } from '@skein/swarm';
import { expect, inject, test } from 'vitest';
import { admit } from '../../drizzle/src/statements/inbox/admit.ts';
import { claim } from '../../drizzle/src/statements/inbox/claim.ts';
import { claimForSending } from '../../drizzle/src/statements/outbox/claim-for-sending.ts';
import { lockRegistry } from '../../drizzle/src/statements/registry/lock-registry.ts';
import { nextRevisions } from '../../drizzle/src/statements/registry/next-revisions.ts';
import { takeBeat } from '../../drizzle/src/statements/registry/take-beat.ts';
import type { Sql } from '../../drizzle/src/statements/statement.ts';
import { metrics, newArrival, newDirective, newNode, nodeId, receiver, resultOf, sender } from './suites/samples.ts';

const worker = { limit: 1, leasedBy: 'life-1', leaseMs: 60_000 };
const toAnyone = { limit: 10, exceptTargets: [] };

async function createSubject() {
  const database = await createTestDatabase(inject('testCluster'));
  const { sql } = database;

  async function untilWaiting(count: number): Promise<void> {
    for (;;) {
      const [row] = await sql<{ waiting: number }[]>`
        select count(*)::int as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      if (row && row.waiting >= count) return;
    }
  }

  /** Runs `first` and commits it only when all of `contenders` wait for it. */
  async function queueBehind<T>(first: (tx: Sql) => Promise<unknown>, contenders: readonly (() => Promise<T>)[]) {
    let queued: Promise<T[]> | undefined;
    await sql.begin(async (tx) => {
      await first(tx);
      queued = Promise.all(contenders.map((contend) => contend()));
      queued.catch(() => {}); // looked at below
      await untilWaiting(contenders.length);
    });
    return (await queued) ?? [];
  }

  const stores = createPostgresStores(database);
  return { ...database, stores, queueBehind, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

test('of keys that wait for one token the first is granted it and the others find it used', async () => {
  await using subject = await createSubject();
  const { tokens } = subject.stores;
  const secretHash = 'f'.repeat(64);
  await tokens.create({ secretHash, tier: 'sudo', group: null, ttlMs: 60_000 });
  const uses = [1, 2, 3, 4, 5].map((n) => () => tokens.use(secretHash, nodeId(n)));
  const outcomes = await subject.queueBehind((tx) => tx`select from join_tokens for update`, uses);
  expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['granted', 'used', 'used', 'used', 'used']);
});

test('of settlements that wait for one row the first settles it and the others are shown what it wrote', async () => {
  await using subject = await createSubject();
  const { outbox } = subject.stores;
  const { id } = await outbox.insert(newDirective());
  const settlements = (['completed', 'failed', 'cancelled', 'rejected'] as const).map(
    (status) => () => outbox.settle(sender, id, resultOf(status)),
  );
  const outcomes = await subject.queueBehind((tx) => tx`select from swarm_directives for update`, settlements);
  const settled = outcomes.filter(({ status }) => status === 'settled');
  expect(settled).toHaveLength(1);
  for (const { row } of outcomes) expect(row).toEqual(settled[0]?.row);
  expect(await outbox.events(sender, id)).toHaveLength(2);
});

test('a cancellation that waits for a claim finds the directive on its way, and only notes its wish', async () => {
  await using subject = await createSubject();
  const { outbox } = subject.stores;
  const { id } = await outbox.insert(newDirective());
  const [cancelled] = await subject.queueBehind(
    (tx) => claimForSending(tx, sender, toAnyone),
    [() => outbox.requestCancel(sender, id)],
  );
  expect(cancelled).toMatchObject({ status: 'requested', row: { state: 'sending', cancelRequested: 'caller' } });
});

test('an acceptance that waits for a settlement leaves the final state alone', async () => {
  await using subject = await createSubject();
  const { outbox } = subject.stores;
  const { id } = await outbox.insert(newDirective());
  await subject.queueBehind(
    (tx) => tx`
      update swarm_directives set state = 'cancelled', ended_at = skein_now(), result = '{"status":"cancelled"}'`,
    [() => outbox.accept(sender, id, { taskId: 'task-1', databaseId: null })],
  );
  expect(await outbox.find(sender, id)).toMatchObject({ state: 'cancelled', taskId: null });
});

test('a sweep passes by what another is writing', async () => {
  await using subject = await createSubject();
  const { outbox } = subject.stores;
  const held = await outbox.insert(newDirective());
  const free = await outbox.insert(newDirective());
  await subject.advance(held.ttlMs + 1_000);
  await subject.sql.begin(async (tx) => {
    await tx`select from swarm_directives where id = ${held.id} for update`;
    const { expired } = await outbox.sweep(sender, { unknownAfterMs: 60_000, askAgainMs: 30_000 });
    expect(expired.map(({ id }) => id)).toEqual([free.id]);
  });
});

test('a claim passes by what another is claiming, and comes back with what is next', async () => {
  await using subject = await createSubject();
  const { inbox } = subject.stores;
  for (let n = 0; n < 3; n += 1) await inbox.admit(newArrival());
  await subject.sql.begin(async (tx) => {
    const [first] = await claim(tx, receiver, worker);
    const [second] = await inbox.claim(receiver, worker);
    expect(second).toBeDefined();
    expect(second?.id).not.toBe(first?.id);
  });
});

test('an arrival that waits for the same arrival is a duplicate of it', async () => {
  await using subject = await createSubject();
  const { inbox } = subject.stores;
  const arrival = newArrival();
  const again = () => inbox.admit({ ...arrival, rowId: crypto.randomUUID() });
  const outcomes = await subject.queueBehind((tx) => admit(tx, arrival, null), [again, again, again]);
  expect(outcomes.map(({ status, row }) => [status, row.rowId])).toEqual(
    Array.from({ length: 3 }, () => ['duplicate', arrival.rowId]),
  );
});

test('a cancellation that waits for the arrival of its directive ends it', async () => {
  await using subject = await createSubject();
  const { inbox } = subject.stores;
  const arrival = newArrival();
  const cancelling = { targetNodeId: receiver, rowId: crypto.randomUUID(), cause: 'caller' } as const;
  const [cancelled] = await subject.queueBehind(
    (tx) => admit(tx, arrival, null),
    [() => inbox.cancel(arrival, cancelling)],
  );
  expect(cancelled).toMatchObject({ status: 'ended', row: { state: 'cancelled', rowId: arrival.rowId } });
});

test('a cancellation that waits for a claim leaves the work to its worker', async () => {
  await using subject = await createSubject();
  const { inbox } = subject.stores;
  const arrival = newArrival();
  await inbox.admit(arrival);
  const cancelling = { targetNodeId: receiver, rowId: crypto.randomUUID(), cause: 'caller' } as const;
  const [cancelled] = await subject.queueBehind(
    (tx) => claim(tx, receiver, worker),
    [() => inbox.cancel(arrival, cancelling)],
  );
  expect(cancelled).toMatchObject({ status: 'held', row: { state: 'leased', epoch: 1 } });
});

test('of writers that wait for one claimed row one wins, and its epoch fences the others', async () => {
  await using subject = await createSubject();
  const { inbox } = subject.stores;
  await inbox.admit(newArrival({ effect: 'alo' }));
  const [row] = await inbox.claim(receiver, worker);
  if (!row) throw new Error('there was nothing to claim');
  await inbox.start(row, row.epoch);
  const outcomes = await subject.queueBehind(
    (tx) => tx`select from swarm_directive_inbox for update`,
    [
      () => inbox.finish(row, row.epoch, resultOf('completed')),
      () => inbox.end(row, row.epoch, resultOf('timed_out')),
      () => inbox.recoverLost(row, row.epoch, { reason: 'worker_lost', message: 'the worker is gone' }),
      () => inbox.finish(row, row.epoch, resultOf('failed')),
    ],
  );
  expect(outcomes.filter(({ status }) => status === 'done')).toHaveLength(1);
  expect(await inbox.events(row)).toHaveLength(4);
});

test('a sweep that waits for a beat takes it into account', async () => {
  await using subject = await createSubject();
  const { nodes } = subject.stores;
  await nodes.admit(newNode(1));
  await nodes.beat(nodeId(1), { incarnation: 1, metrics });
  await subject.advance(lanTiming.suspectAfterMs);
  const [changes] = await subject.queueBehind(
    (tx) => takeBeat(tx, nodeId(1), { incarnation: 1, metrics }),
    [() => nodes.sweep(lanTiming, nodeId(9))],
  );
  expect(changes).toEqual([]);
  expect(await nodes.find(nodeId(1))).toMatchObject({ liveness: 'online' });
});

test("an admission that waits for a beat keeps the beat's metrics", async () => {
  await using subject = await createSubject();
  const { nodes } = subject.stores;
  await nodes.admit(newNode(1));
  await nodes.beat(nodeId(1), { incarnation: 1, metrics });
  const newer = { ...metrics, cpuPercent: 77 };
  await subject.queueBehind<unknown>(
    (tx) => takeBeat(tx, nodeId(1), { incarnation: 1, metrics: newer }),
    [() => nodes.admit(newNode(1, { recordVersion: 2 }))],
  );
  expect(await nodes.find(nodeId(1))).toMatchObject({ metrics: newer, record: { recordVersion: 2 } });
});

test('what changes the registry waits for its turn, and takes its revision after it', async () => {
  await using subject = await createSubject();
  const { nodes } = subject.stores;
  await nodes.admit(newNode(1));
  const before = await nodes.changesSince(undefined);
  await subject.queueBehind<unknown>(
    async (tx) => {
      await lockRegistry(tx);
      await tx`update nodes set revision = ${await nextRevisions(tx, 1)}, liveness = 'suspect'`;
      expect((await nodes.changesSince(before.cursor)).entries).toEqual([]);
    },
    [() => nodes.admit(newNode(2)), () => nodes.leave(nodeId(1), 1)],
  );
  const { entries } = await nodes.changesSince(before.cursor);
  expect(entries.map(({ id, liveness }) => [id, liveness]).toSorted()).toEqual([
    [nodeId(1), 'offline'],
    [nodeId(2), 'joining'],
  ]);
});

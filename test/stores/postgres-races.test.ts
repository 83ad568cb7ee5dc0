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
import { end } from '../../drizzle/src/statements/inbox/end.ts';
import { claimForSending } from '../../drizzle/src/statements/outbox/claim-for-sending.ts';
import { retarget } from '../../drizzle/src/statements/outbox/retarget.ts';
import { lockEntries } from '../../drizzle/src/statements/registry/lock-entries.ts';
import { lockRegistry } from '../../drizzle/src/statements/registry/lock-registry.ts';
import { nextRevisions } from '../../drizzle/src/statements/registry/next-revisions.ts';
import { takeBeat } from '../../drizzle/src/statements/registry/take-beat.ts';
import { writeEntry } from '../../drizzle/src/statements/registry/write-entry.ts';
import type { Sql } from '../../drizzle/src/statements/statement.ts';
import {
  metrics,
  newArrival,
  newDirective,
  newMail,
  newNode,
  newNote,
  newPlacement,
  nodeId,
  receiver,
  resultOf,
  sender,
} from './suites/samples.ts';

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

  const stores = createPostgresStores(database, { nodeId: receiver });
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

test('a claim that waits for a drain finds nothing, though its snapshot is older than the drain', async () => {
  await using subject = await createSubject();
  const { inbox, nodes } = subject.stores;
  const { entry } = await nodes.admit(newNode(2));
  await inbox.admit(newArrival());
  const claims = await subject.queueBehind(
    async (tx) => {
      await lockEntries(tx, [receiver]);
      await writeEntry(tx, { ...entry, eligibility: 'draining', eligibilityVersion: 1 });
    },
    Array.from({ length: 4 }, () => () => inbox.claim(receiver, worker)),
  );
  expect(claims.flat()).toEqual([]);
  expect(await inbox.counts(receiver)).toEqual({ queued: 1, running: 0 });
});

test('a claim that waits for the end of a drain finds what has waited', async () => {
  await using subject = await createSubject();
  const { inbox, nodes } = subject.stores;
  const { entry } = await nodes.admit(newNode(2));
  await inbox.admit(newArrival());
  await nodes.decide(receiver, { action: 'drain', note: newNote() });
  const [claimed] = await subject.queueBehind(
    async (tx) => {
      await lockEntries(tx, [receiver]);
      await writeEntry(tx, { ...entry, eligibilityVersion: 2 });
    },
    [() => inbox.claim(receiver, worker)],
  );
  expect(claimed).toHaveLength(1);
});

test('a drain waits for the claim that came first, and no claim comes in between', async () => {
  await using subject = await createSubject();
  const { inbox, nodes } = subject.stores;
  await nodes.admit(newNode(2));
  await inbox.admit(newArrival());
  await inbox.admit(newArrival());
  let drained = false;
  const [decided] = await subject.queueBehind(
    (tx) => claim(tx, receiver, worker),
    [
      async () => {
        const outcome = await nodes.decide(receiver, { action: 'drain', note: newNote() });
        drained = true;
        return outcome;
      },
    ],
  );
  expect([decided?.status, drained]).toEqual(['changed', true]);
  expect(await inbox.claim(receiver, worker)).toEqual([]);
  expect((await inbox.list(receiver, { limit: 10 })).map(({ state }) => state).toSorted()).toEqual([
    'leased',
    'received',
  ]);
});

test('claims, beats and decisions of one node at once never lock one another out', async () => {
  await using subject = await createSubject();
  const { inbox, nodes } = subject.stores;
  await nodes.admit(newNode(2));
  await nodes.beat(receiver, { incarnation: 1, metrics });
  const rounds = Array.from({ length: 25 }, (_, n) => n);
  for (const _ of rounds) await inbox.admit(newArrival());
  const [claims] = await Promise.all([
    Promise.all(rounds.map(() => inbox.claim(receiver, worker))),
    Promise.all(rounds.map(() => nodes.beat(receiver, { incarnation: 1, metrics }))),
    Promise.all(rounds.map((n) => nodes.decide(receiver, { action: n % 2 ? 'undrain' : 'drain', note: newNote() }))),
    Promise.all(rounds.map(() => nodes.sweep(lanTiming, nodeId(9)))),
  ]);
  const claimed = claims.flat().map(({ id }) => id);
  expect(new Set(claimed).size).toBe(claimed.length);
  expect(await nodes.find(receiver)).toMatchObject({ eligibility: 'draining', liveness: 'online' });
});

test('an idle claim writes nothing, so that it costs no commit', async () => {
  await using subject = await createSubject();
  const { nodes } = subject.stores;
  await nodes.admit(newNode(2));
  await subject.sql.begin(async (tx) => {
    expect(await claim(tx, receiver, worker)).toEqual([]);
    const [row] = await tx`select pg_current_xact_id_if_assigned() as id`;
    expect(row?.id).toBeNull();
  });
});

test('an effect that the database refuses leaves the row running and nothing of the others', async () => {
  await using subject = await createSubject();
  const { inbox, mail } = subject.stores;
  await inbox.admit(newArrival({ effect: 'tx' }));
  const [row] = await inbox.claim(receiver, worker);
  if (!row) throw new Error('there was nothing to claim');
  await inbox.start(row, row.epoch);
  const first = newMail();
  const same = { ...newMail(), id: first.id }; // its id is taken, which no index but the primary key's forgives
  const effects = [first, same].map((each) => ({ type: 'deliver', mail: each }) as const);
  await expect(inbox.finish(row, row.epoch, resultOf('completed'), effects)).rejects.toThrow();
  expect(await inbox.find(row)).toMatchObject({ state: 'running', result: null });
  expect(await mail.list(receiver, first.recipient, { limit: 10 })).toEqual([]);
  expect(await inbox.finish(row, row.epoch, resultOf('completed'), effects.slice(0, 1))).toMatchObject({
    status: 'done',
  });
  expect(await mail.list(receiver, first.recipient, { limit: 10 })).toHaveLength(1);
});

test('a finish that waits for the end of its work stores no effect', async () => {
  await using subject = await createSubject();
  const { inbox, mail } = subject.stores;
  await inbox.admit(newArrival({ effect: 'tx' }));
  const [row] = await inbox.claim(receiver, worker);
  if (!row) throw new Error('there was nothing to claim');
  await inbox.start(row, row.epoch);
  const effects = [{ type: 'deliver', mail: newMail() }] as const;
  const [finished] = await subject.queueBehind(
    (tx) => end(tx, row, row.epoch, resultOf('cancelled')),
    [() => inbox.finish(row, row.epoch, resultOf('completed'), effects)],
  );
  expect(finished).toEqual({ status: 'fenced' });
  expect(await mail.mailboxes(receiver)).toEqual([]);
});

test('a move that waits for a claim leaves the row to its first receiver, and a claim passes by a row that moves', async () => {
  await using subject = await createSubject();
  const { outbox } = subject.stores;
  const { id } = await outbox.insert(newDirective());
  const to = { targetNodeId: nodeId(7), placement: newPlacement({ nodeId: nodeId(7) }) };
  const [moved] = await subject.queueBehind(
    (tx) => claimForSending(tx, sender, toAnyone),
    [() => outbox.retarget(sender, id, to)],
  );
  expect(moved).toBeUndefined();
  expect(await outbox.find(sender, id)).toMatchObject({ state: 'sending', targetNodeId: receiver });
  const next = await outbox.insert(newDirective());
  await subject.sql.begin(async (tx) => {
    await retarget(tx, sender, next.id, to);
    expect(await outbox.claimForSending(sender, toAnyone)).toEqual([]);
  });
  const claimed = await outbox.claimForSending(sender, toAnyone);
  expect(claimed).toMatchObject([{ id: next.id, targetNodeId: nodeId(7) }]);
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

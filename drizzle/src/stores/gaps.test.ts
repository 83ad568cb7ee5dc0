/**
 * What is handed out in an order commits in that order, and what is accounted for is so once: whoever reads while a write
 * is under way passes nothing that is still to come. Each test holds a transaction open in the middle of it.
 */
import { randomUUID } from 'node:crypto';
import { MailId, NodeId, noUsage } from '@skein/contracts';
import type { Effect, NewMail } from '@skein/swarm';
import { expect, inject, test } from 'vitest';
import type { Sql } from '../statements/statement.ts';
import { lockLedger } from '../statements/usage/lock-ledger.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { applyEffect } from './apply-effect.ts';
import { createPostgresStores } from './postgres-stores.ts';

const nodeOf = (letter: string) => NodeId.parse(letter.repeat(26));
const [node, sender, stranger] = [nodeOf('a'), nodeOf('b'), nodeOf('c')];

const session = { session: 'agents' };

function newMail(own: Partial<NewMail> = {}): NewMail {
  const message = { messageId: '1', role: 'ROLE_USER' as const, parts: [{ text: 'hello' }] };
  const provenance = { origin: 'local', sourceNodeId: sender, directiveId: null } as const;
  const id = MailId.parse(randomUUID());
  return { ...{ id, nodeId: node, recipient: session, contextId: null, message, provenance, key: id }, ...own };
}

const deliver = (mail: NewMail): Effect => ({ type: 'deliver', mail });
const merge = (key: string, counter = 1): Effect => ({
  type: 'merge',
  nodeId: node,
  namespace: 'memory',
  entries: [{ key, value: counter, version: { counter, nodeId: sender } }],
});

async function createSubject() {
  const database = await createTestDatabase(inject('testCluster'));
  const { sql } = database;

  async function untilOneWaits(): Promise<void> {
    for (;;) {
      const [row] = await sql<{ waiting: number }[]>`
        select count(*)::int as waiting from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`;
      if (row?.waiting) return;
    }
  }

  /** Has `second` begin while `first` is not committed, and looks before it is. */
  async function inBetween<T>(first: (tx: Sql) => Promise<void>, second: () => Promise<T>, look: () => Promise<void>) {
    let begun: Promise<T> | undefined;
    await sql.begin(async (tx) => {
      await first(tx);
      begun = second();
      begun.catch(() => {}); // looked at below
      await untilOneWaits();
      await look();
    });
    return begun;
  }

  const stores = createPostgresStores(database, { nodeId: sender });
  return { ...database, stores, inBetween, [Symbol.asyncDispose]: () => database[Symbol.asyncDispose]() };
}

test('who reads a mailbox from a number on misses no mail that was under way', async () => {
  await using subject = await createSubject();
  const { mail } = subject.stores;
  const [first, second] = [newMail(), newMail({ recipient: { agent: 'other' } })];
  const sequences = async () => (await mail.list(node, session, { limit: 10 })).map(({ sequence }) => sequence);
  const delivered = await subject.inBetween(
    (tx) => applyEffect(tx, deliver(first)),
    () => mail.deliver(second),
    async () => expect(await sequences()).toEqual([]),
  );
  const [sequence = 0] = await sequences();
  expect(delivered?.mail.sequence).toBeGreaterThan(sequence);
  // Another node's mail waits for nobody.
  await subject.sql.begin(async (tx) => {
    await applyEffect(tx, deliver(newMail()));
    expect((await mail.deliver(newMail({ nodeId: stranger }))).status).toBe('delivered');
  });
});

test('a delivery that waits for the same mail is a duplicate of it', async () => {
  await using subject = await createSubject();
  const { mail } = subject.stores;
  const sent = newMail();
  const again = () => mail.deliver(newMail({ key: sent.key }));
  const delivered = await subject.inBetween(
    (tx) => applyEffect(tx, deliver(sent)),
    again,
    async () => {},
  );
  expect(delivered).toMatchObject({ status: 'duplicate', mail: { id: sent.id } });
});

test('who reads changes from a cursor on misses none that was under way', async () => {
  await using subject = await createSubject();
  const { state } = subject.stores;
  await state.write(node, 'memory', 'a', 0);
  let cursor = 0;
  const written = await subject.inBetween(
    (tx) => applyEffect(tx, merge('a', 7)),
    () => state.write(node, 'memory', 'a', 1),
    async () => {
      cursor = (await state.changesSince(node, 'memory', 0, 10)).cursor;
      expect(cursor).toBe(1);
      expect(await state.write(stranger, 'memory', 'a', 1)).toMatchObject({ value: 1 }); // waits for nobody
    },
  );
  expect(written?.version.counter).toBe(8); // above what it had to wait for
  expect(await state.changesSince(node, 'memory', cursor, 10)).toMatchObject({ entries: [{ key: 'a' }], cursor: 3 });
});

test('two who begin a namespace at once both write into it', async () => {
  await using subject = await createSubject();
  const { state } = subject.stores;
  const write = () => state.write(node, 'memory', 'b', 1);
  await subject.inBetween(
    (tx) => applyEffect(tx, merge('a')),
    write,
    async () => {},
  );
  expect(await state.changesSince(node, 'memory', 0, 10)).toMatchObject({
    entries: [{ key: 'a' }, { key: 'b' }],
    cursor: 2,
  });
});

test('a reading that waits for another account of the node adds only what that left', async () => {
  await using subject = await createSubject();
  const { usage } = subject.stores;
  const reading = { runId: 'run', usage: { ...noUsage, cpuMs: 7 } };
  await subject.inBetween(
    async (tx) => void (await lockLedger(tx, node)),
    () => Promise.all([usage.record(node, [reading]), usage.record(node, [reading])]),
    async () => {
      await usage.record(stranger, [reading]); // waits for nobody
    },
  );
  const hours = (await usage.series(node, 0)).hours.map((hour) => hour.usage.cpuMs);
  expect(hours).toEqual([7]);
});

test('effects are stored with the transaction that they came in, or not at all', async () => {
  await using subject = await createSubject();
  const { mail, state } = subject.stores;
  const effects = [deliver(newMail()), merge('a'), deliver(newMail({ recipient: { agent: 'one' } })), merge('b')];
  const store = (fails: boolean) =>
    subject.sql.begin(async (tx) => {
      for (const effect of effects) await applyEffect(tx, effect);
      if (fails) throw new Error('the worker was fenced');
    });
  await expect(store(true)).rejects.toThrow('fenced');
  expect([await mail.mailboxes(node), await state.list(node, 'memory')]).toEqual([[], []]);
  for (let time = 0; time < 2; time += 1) await store(false);
  expect(await mail.mailboxes(node)).toMatchObject([{ messages: 1 }, { messages: 1 }]);
  expect(await state.changesSince(node, 'memory', 0, 10)).toMatchObject({
    entries: [{ key: 'a' }, { key: 'b' }],
    cursor: 2,
  });
});

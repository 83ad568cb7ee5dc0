import { randomUUID } from 'node:crypto';
import { MailId, type Recipient } from '@skein/contracts';
import { KEEP_ACKNOWLEDGED_MAIL_MS, KEEP_MAIL_MS, MAX_LISTED, type NewMail } from '@skein/swarm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateSubject } from '../subject.ts';
import { DAY_MS, MINUTE_MS, newId, receiver as node, sender, stranger } from './samples.ts';

const session: Recipient = { session: 'agents' };
const agent: Recipient = { agent: 'agents' };

/** Values that a careless column gives back as something else. */
function newMail(own: Partial<NewMail> = {}): NewMail {
  return {
    id: MailId.parse(randomUUID()),
    nodeId: node,
    recipient: session,
    contextId: null,
    message: { messageId: '42', role: 'ROLE_USER', parts: [{ text: 'a\0b é' }], extra: { '42': [null, 42] } },
    provenance: { origin: 'forwarded', sourceNodeId: sender, directiveId: newId() },
    key: randomUUID(),
    ...own,
  };
}

export function mailStoreSuite(name: string, createSubject: CreateSubject): void {
  describe(`mail store on ${name}`, () => {
    test('mail is delivered as it came, and the same key brings the same mail', async () => {
      await using subject = await createSubject();
      const { mail, usage } = subject.stores;
      const sent = newMail({ contextId: 'thread' });
      const { status, mail: stored } = await mail.deliver(sent);
      const { nodeId: _, key: __, ...shown } = sent;
      const { sequence, receivedAt } = stored;
      expect({ status, stored }).toEqual({
        status: 'delivered',
        stored: { ...shown, sequence, receivedAt, acknowledgedAt: null },
      });
      expect(sequence).toBeGreaterThan(0);
      expect(Math.abs(Date.parse(receivedAt) - (await usage.now()))).toBeLessThanOrEqual(subject.driftMs);
      expect(await mail.find(node, sent.id)).toEqual(stored);
      expect(await mail.find(stranger, sent.id)).toBeUndefined();
      expect(await mail.find(node, newMail().id)).toBeUndefined();
      expect(await mail.deliver(newMail({ key: sent.key }))).toEqual({ status: 'duplicate', mail: stored });
      expect(await mail.list(node, session, { limit: 10 })).toEqual([stored]);
    });

    test('a key is one of its mailbox: that of another node, kind or name is another message', async () => {
      await using subject = await createSubject();
      const { mail } = subject.stores;
      const boxes = [{}, { recipient: agent }, { recipient: { session: 'other' } }, { nodeId: stranger }];
      for (const box of boxes) expect((await mail.deliver(newMail({ key: 'k', ...box }))).status).toBe('delivered');
      for (const box of boxes) expect((await mail.deliver(newMail({ key: 'k', ...box }))).status).toBe('duplicate');
      expect(await mail.list(node, session, { limit: 10 })).toHaveLength(1);
      expect(await mail.list(stranger, session, { limit: 10 })).toHaveLength(1);
    });

    test('of deliveries at once each key is delivered once, and all are shown the same mail', async () => {
      await using subject = await createSubject();
      const { mail } = subject.stores;
      const deliveries = fc.array(fc.record({ key: fc.nat(3), box: fc.constantFrom(session, agent) }), {
        maxLength: 16,
      });
      let run = 0;
      await fc.assert(
        fc.asyncProperty(deliveries, async (all) => {
          run += 1;
          const keyOf = (key: number) => `${run}.${key}`;
          const outcomes = await Promise.all(
            all.map(async ({ key, box }) => {
              const outcome = await mail.deliver(newMail({ key: keyOf(key), recipient: box, contextId: `${run}` }));
              return { ...outcome, at: `${JSON.stringify(box)} ${key}` };
            }),
          );
          const delivered = outcomes.filter(({ status }) => status === 'delivered');
          expect(delivered.map(({ at }) => at).toSorted()).toEqual(
            [...new Set(outcomes.map(({ at }) => at))].toSorted(),
          );
          for (const outcome of outcomes)
            expect(outcome.mail).toEqual(delivered.find(({ at }) => at === outcome.at)?.mail);
          const held = await Promise.all(
            [session, agent].map((box) => mail.list(node, box, { limit: 100, contextId: `${run}` })),
          );
          expect(held.flat()).toHaveLength(delivered.length);
        }),
        { numRuns: 20 },
      );
    });

    test('a mailbox is read in the order of arrival, from a place on, a thread alone, and with what was acknowledged', async () => {
      await using subject = await createSubject();
      const { mail } = subject.stores;
      const threads = [null, 'a', 'b', 'a', null];
      const ids: MailId[] = [];
      for (const contextId of threads) ids.push((await mail.deliver(newMail({ contextId }))).mail.id);
      await mail.deliver(newMail({ recipient: agent }));
      const listed = async (query: object) =>
        (await mail.list(node, session, { limit: 10, ...query })).map(({ id }) => id);
      expect(await listed({})).toEqual(ids);
      expect(await listed({ limit: 2 })).toEqual(ids.slice(0, 2));
      const { sequence = 0 } = (await mail.find(node, ids[1] as MailId)) ?? {};
      expect(await listed({ after: sequence })).toEqual(ids.slice(2));
      expect(await listed({ contextId: 'a' })).toEqual([ids[1], ids[3]]);
      await mail.acknowledge(node, session, ids.slice(0, 2));
      expect(await listed({})).toEqual(ids.slice(2));
      expect(await listed({ contextId: 'a' })).toEqual([ids[3]]);
      expect(await listed({ all: true })).toEqual(ids);
      expect(await listed({ all: true, contextId: 'a', after: sequence })).toEqual([ids[3]]);
    });

    test('mail is acknowledged several at once, twice as well as once, and in its own mailbox alone', async () => {
      await using subject = await createSubject();
      const { mail } = subject.stores;
      const [one, two, others] = [newMail(), newMail(), newMail({ recipient: agent })];
      for (const each of [one, two, others]) await mail.deliver(each);
      const missing = newMail().id;
      expect(await mail.acknowledge(node, session, [two.id, missing, others.id, one.id, two.id])).toEqual([
        two.id,
        one.id,
      ]);
      const first = await mail.find(node, one.id);
      expect(first?.acknowledgedAt).not.toBeNull();
      await subject.advance(MINUTE_MS);
      expect(await mail.acknowledge(node, session, [one.id])).toEqual([one.id]);
      expect(await mail.find(node, one.id)).toEqual(first);
      expect(await mail.acknowledge(stranger, session, [one.id])).toEqual([]);
      expect(await mail.acknowledge(node, session, [])).toEqual([]);
      expect(await mail.find(node, others.id)).toMatchObject({ acknowledgedAt: null });
      expect([await mail.countWaiting(node, session), await mail.countWaiting(node, agent)]).toEqual([0, 1]);
      expect((await mail.deliver({ ...one, id: newMail().id })).status).toBe('duplicate');
    });

    test('readers who acknowledge the same mail at once do not get in the way of each other', async () => {
      await using subject = await createSubject();
      const { mail } = subject.stores;
      const all = Array.from({ length: 20 }, () => newMail());
      for (const each of all) await mail.deliver(each);
      const ids = all.map(({ id }) => id);
      const orders = [ids, ids.toReversed(), ids.toSorted(), ids.toSorted().reverse()];
      const answers = await Promise.all(orders.map((order) => mail.acknowledge(node, session, order)));
      expect(answers).toEqual(orders);
      expect(await mail.countWaiting(node, session)).toBe(0);
    });

    test('threads and mailboxes are summed up, the latest first', async () => {
      await using subject = await createSubject();
      const { mail } = subject.stores;
      const sent: [Recipient, string | null][] = [
        [session, 'a'],
        [agent, 'a'],
        [session, null],
        [session, 'b'],
        [session, 'a'],
        [session, null],
      ];
      const times: string[] = [];
      const ids: MailId[] = [];
      for (const [recipient, contextId] of sent) {
        const { mail: stored } = await mail.deliver(newMail({ recipient, contextId }));
        times.push(stored.receivedAt);
        ids.push(stored.id);
        await subject.advance(MINUTE_MS);
      }
      await mail.deliver(newMail({ nodeId: stranger }));
      await mail.acknowledge(node, session, [ids[0], ids[3]] as MailId[]);
      expect(await mail.threads(node, session)).toEqual([
        { contextId: null, messages: 2, unacknowledged: 2, lastReceivedAt: times[5] },
        { contextId: 'a', messages: 2, unacknowledged: 1, lastReceivedAt: times[4] },
        { contextId: 'b', messages: 1, unacknowledged: 0, lastReceivedAt: times[3] },
      ]);
      expect(await mail.mailboxes(node)).toEqual([
        { recipient: session, messages: 5, unacknowledged: 3, lastReceivedAt: times[5] },
        { recipient: agent, messages: 1, unacknowledged: 1, lastReceivedAt: times[1] },
      ]);
      expect(await mail.countWaiting(node, session)).toBe(3);
      expect(await mail.threads(node, { session: 'nobody' })).toEqual([]);
    });

    test('what waits is measured, in a mailbox and on the node, and what was read is not', async () => {
      await using subject = await createSubject();
      const { mail } = subject.stores;
      expect(await mail.load(node, session)).toEqual({
        ...{ messages: 0, bytes: 0 },
        node: { messages: 0, bytes: 0, mailboxes: 0 },
      });
      const [one, two, read, others] = [newMail(), newMail(), newMail(), newMail({ recipient: agent })];
      for (const each of [one, two, read, others, newMail({ nodeId: stranger })]) await mail.deliver(each);
      await mail.acknowledge(node, session, [read.id]);
      const bytes = Buffer.byteLength(JSON.stringify(one.message));
      expect(await mail.load(node, session)).toEqual({
        ...{ messages: 2, bytes: 2 * bytes },
        node: { messages: 3, bytes: 3 * bytes, mailboxes: 2 },
      });
      expect(await mail.load(node, { session: 'new' })).toMatchObject({
        messages: 0,
        bytes: 0,
        node: { mailboxes: 2 },
      });
    });

    test('a page of large messages is a short one, and never empty', async () => {
      await using subject = await createSubject();
      const { mail } = subject.stores;
      const large = (megabytes: number) =>
        newMail({
          message: { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'x'.repeat(megabytes * 1_048_576) }] },
        });
      const sent = [large(5), large(1), large(1), large(1), large(1)];
      for (const each of sent) await mail.deliver(each);
      const pages: number[] = [];
      for (let after = 0; ; ) {
        const page = await mail.list(node, session, { after, limit: 10 });
        if (page.length === 0) break;
        pages.push(page.length);
        after = page.at(-1)?.sequence ?? 0;
      }
      expect(pages).toEqual([1, 3, 1]);
    });

    test('no more mailboxes and threads are listed than fit on a page', async () => {
      await using subject = await createSubject();
      const { mail } = subject.stores;
      const many = Array.from({ length: MAX_LISTED + 1 }, (_, n) => n);
      for (const n of many)
        await Promise.all([
          mail.deliver(newMail({ contextId: `thread ${n}` })),
          mail.deliver(newMail({ recipient: { session: `session ${n}` } })),
        ]);
      const [threads, boxes] = await Promise.all([mail.threads(node, session), mail.mailboxes(node)]);
      expect([threads.length, boxes.length]).toEqual([MAX_LISTED, MAX_LISTED]);
      expect(threads[0]?.contextId).toBe(`thread ${MAX_LISTED}`);
    });

    test('what was acknowledged a week ago is forgotten, and what nobody read after a month', async () => {
      await using subject = await createSubject();
      const { mail } = subject.stores;
      const [read, unread, late] = [newMail(), newMail(), newMail()];
      for (const each of [read, unread, late, newMail({ nodeId: stranger })]) await mail.deliver(each);
      await mail.acknowledge(node, session, [read.id]);
      await subject.advance(KEEP_ACKNOWLEDGED_MAIL_MS - DAY_MS);
      await mail.acknowledge(node, session, [late.id]);
      expect(await mail.purge(node)).toBe(0);
      await subject.advance(2 * DAY_MS);
      expect(await mail.purge(node)).toBe(1);
      expect((await mail.list(node, session, { limit: 10, all: true })).map(({ id }) => id)).toEqual([
        unread.id,
        late.id,
      ]);
      await subject.advance(KEEP_MAIL_MS - KEEP_ACKNOWLEDGED_MAIL_MS - 2 * DAY_MS);
      expect(await mail.purge(node)).toBe(1);
      await subject.advance(2 * DAY_MS);
      expect(await mail.purge(node)).toBe(1);
      expect(await mail.purge(node)).toBe(0);
      expect(await mail.countWaiting(stranger, session)).toBe(1);
    });
  });
}

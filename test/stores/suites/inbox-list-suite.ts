/** One sender's directives in the order of A2A's lists: by when they became what they are, page by page. */
import { type InboxKey, type InboxQuery, type InboxRow, type InboxStore, statusAt } from '@skein/swarm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateSubject } from '../subject.ts';
import { MINUTE_MS, newArrival, newId, receiver, resultOf, sender, stranger, TTL_MS } from './samples.ts';

const worker = { limit: 100, leasedBy: 'life-1', leaseMs: 60 * MINUTE_MS };
const refusal = { reason: 'not_allowed', message: 'no' };

/** How a row comes to where its sender sees something of its own. */
const lives = {
  waits: (inbox: InboxStore) => inbox.admit(newArrival()).then(({ row }) => row),
  refused: (inbox: InboxStore) => inbox.admit(newArrival({ refusal })).then(({ row }) => row),
  late: (inbox: InboxStore) => inbox.admit(newArrival({ remainingMs: 0 })).then(({ row }) => row),
  runs: async (inbox: InboxStore) => {
    const { row } = await inbox.admit(newArrival());
    const claimed = await inbox.claim(receiver, worker);
    for (const each of claimed) await (each.id === row.id ? inbox.start : inbox.release)(each, each.epoch);
    return { ...row, epoch: row.epoch + 1 };
  },
  completes: async (inbox: InboxStore) => {
    const running = await lives.runs(inbox);
    await inbox.finish(running, running.epoch, resultOf('completed'));
    return running;
  },
  timesOut: async (inbox: InboxStore) => {
    const running = await lives.runs(inbox);
    await inbox.end(running, running.epoch, resultOf('timed_out'));
    return running;
  },
};
type Life = keyof typeof lives;

/** The order that the port promises, from the rows as they are found. */
function inOrder(rows: readonly InboxRow[]): InboxRow[] {
  return [...rows].sort((a, b) => statusAt(b) - statusAt(a) || (a.rowId < b.rowId ? 1 : -1));
}

const idsOf = (rows: readonly InboxRow[]) => rows.map(({ id }) => id);

export function inboxListSuite(name: string, createSubject: CreateSubject): void {
  describe(`lists of the inbox store on ${name}`, () => {
    test('whatever the lives of the directives, page by page each is told once and in order', async () => {
      const life = fc.constantFrom<Life>('waits', 'refused', 'late', 'runs', 'completes', 'timesOut');
      const told = fc.array(fc.record({ life, pauseMs: fc.constantFrom(0, 1, 20_000) }), { maxLength: 20 });
      await fc.assert(
        fc.asyncProperty(told, fc.integer({ min: 1, max: 4 }), async (steps, limit) => {
          await using subject = await createSubject();
          const { inbox } = subject.stores;
          const keys: InboxKey[] = [];
          for (const { life, pauseMs } of steps) {
            keys.push(await lives[life](inbox));
            await subject.advance(pauseMs);
          }
          const all = await inbox.findMany(
            sender,
            keys.map(({ id }) => id),
          );
          const pages: InboxRow[] = [];
          for (let after: InboxQuery['after']; ; ) {
            const page = await inbox.listOf(sender, receiver, { limit, ...(after && { after }) });
            expect(page.total).toBe(all.length);
            pages.push(...page.rows);
            const last = page.rows.at(-1);
            expect(page.more).toBe(pages.length < all.length);
            if (!page.more || !last) break;
            after = { statusAt: statusAt(last), rowId: last.rowId };
          }
          expect(idsOf(pages)).toEqual(idsOf(inOrder(all)));
        }),
        { numRuns: 8 },
      );
    });

    test('a list is told whole rows, and of nobody else', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const { id } = await lives.completes(inbox);
      await inbox.admit(newArrival({ sourceNodeId: stranger }));
      await inbox.admit(newArrival({ targetNodeId: stranger }));
      const row = await inbox.find({ sourceNodeId: sender, id });
      expect(await inbox.listOf(sender, receiver, { limit: 10 })).toEqual({ rows: [row], total: 1, more: false });
      expect(await inbox.listOf(receiver, sender, { limit: 10 })).toEqual({ rows: [], total: 0, more: false });
    });

    test('a list is narrowed by id, by state with or without a start, and by moment, which counts with the total', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const made: Partial<Record<Life, InboxRow>> = {};
      for (const life of ['late', 'timesOut', 'refused', 'completes', 'waits'] as const) {
        const [row] = await inbox.findMany(sender, [(await lives[life](inbox)).id]);
        if (row) made[life] = row;
        await subject.advance(20_000);
      }
      const ask = async (query: Omit<InboxQuery, 'limit'>) => {
        const { rows, total } = await inbox.listOf(sender, receiver, { ...query, limit: 10 });
        expect(total).toBe(rows.length);
        const lifeOf = (row: InboxRow) => Object.entries(made).find(([, each]) => each?.id === row.id)?.[0];
        return rows.map(lifeOf);
      };
      const { completes, late } = made;
      if (!completes || !late) throw new Error('the rows are gone');
      expect(await ask({})).toEqual(['waits', 'completes', 'refused', 'timesOut', 'late']);
      expect(await ask({ id: completes.id })).toEqual(['completes']);
      expect(await ask({ id: newId() })).toEqual([]);
      expect(await ask({ states: [{ state: 'timed_out', started: false }] })).toEqual(['late']);
      expect(await ask({ states: [{ state: 'timed_out', started: true }] })).toEqual(['timesOut']);
      expect(
        await ask({
          states: [
            { state: 'rejected', started: false },
            { state: 'completed', started: true },
          ],
        }),
      ).toEqual(['completes', 'refused']);
      expect(await ask({ states: [] })).toEqual([]);
      expect(await ask({ since: statusAt(completes) })).toEqual(['waits', 'completes']);
      expect(await ask({ since: statusAt(completes) + 1 })).toEqual(['waits']);
      expect(await ask({ since: 0 })).toHaveLength(5);
      const first = await inbox.listOf(sender, receiver, { limit: 10, since: statusAt(late) + TTL_MS });
      expect(first).toEqual({ rows: [], total: 0, more: false });
    });
  });
}

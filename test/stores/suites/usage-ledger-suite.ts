import { laterUsage, noUsage, sumUsage, type Usage, type UsageHour } from '@skein/contracts';
import { HOUR_MS, KEEP_HOURS_MS, KEEP_RUNS_MS, type RunReading, type SwarmStores } from '@skein/swarm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateSubject } from '../subject.ts';
import { DAY_MS, newDatabaseId, receiver as node, nodeId, sender, stranger } from './samples.ts';

const usageOf = (own: Partial<Usage>): Usage => ({ ...noUsage, ...own });
const reading = (runId: string, own: Partial<Usage>): RunReading => ({ runId, usage: usageOf(own) });
const sumOf = (hours: readonly UsageHour[]) => hours.reduce((sum, { usage }) => sumUsage(sum, usage), noUsage);

/** Figures beyond what 32 bits hold. */
const large = usageOf({ tokensIn: 5_000_000_000, costMicroUsd: 7_000_000_000_000, peakMemoryBytes: 9_000_000_000 });

export function usageLedgerSuite(name: string, createSubject: CreateSubject): void {
  /** Stores at the middle of an hour, so that none ends while a test runs. */
  async function createLedger() {
    const subject = await createSubject();
    const { usage } = subject.stores;
    await subject.advance(1.5 * HOUR_MS - ((await usage.now()) % HOUR_MS));
    const now = await usage.now();
    const hour = (n = 0) => new Date(Math.floor(now / HOUR_MS) * HOUR_MS + n * HOUR_MS).toISOString();
    return { ...subject, usage, now, hour, [Symbol.asyncDispose]: () => subject[Symbol.asyncDispose]() };
  }

  const own = async (usage: SwarmStores['usage'], of = node) => (await usage.series(of, 0)).hours;

  describe(`usage ledger on ${name}`, () => {
    test('only what a reading adds to the last one is added to the hour', async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      const steps: [told: Partial<Usage>, hour: Partial<Usage>][] = [
        [large, large],
        [large, large],
        [
          { ...large, tokensIn: 5_000_000_007 },
          { ...large, tokensIn: 5_000_000_007 },
        ],
        [
          { ...large, tokensIn: 5_000_000_007, peakMemoryBytes: 5 },
          { ...large, tokensIn: 5_000_000_007 },
        ],
        // The tokens fell: whoever read them knew less than was read before. The cost went on.
        [
          { ...large, tokensIn: 3, costMicroUsd: 7_000_000_000_001 },
          { ...large, tokensIn: 5_000_000_007, costMicroUsd: 7_000_000_000_001 },
        ],
        [{ tokensIn: 5_000_000_007 }, { ...large, tokensIn: 5_000_000_007, costMicroUsd: 7_000_000_000_001 }],
      ];
      for (const [told, hour] of steps) {
        await usage.record(node, [reading('run', told)]);
        expect(await own(usage)).toEqual([{ hour: ledger.hour(), usage: usageOf(hour) }]);
      }
      await usage.record(node, []);
      await usage.record(sender, [reading('idle', {})]);
      expect(await own(usage, sender)).toEqual([]);
      expect((await usage.series(node, 0)).databaseId).toBe(await ledger.stores.nodes.databaseId());
    });

    test('work is accounted for in the hour that sees it, by the clock of the store', async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      await usage.record(node, [reading('run', { cpuMs: 10, peakMemoryBytes: 100 })]);
      await ledger.advance(HOUR_MS);
      await usage.record(node, [reading('run', { cpuMs: 10, peakMemoryBytes: 100 })]);
      await ledger.advance(HOUR_MS);
      await usage.record(node, [reading('run', { cpuMs: 15, peakMemoryBytes: 90 })]);
      const hours = [
        { hour: ledger.hour(), usage: usageOf({ cpuMs: 10, peakMemoryBytes: 100 }) },
        { hour: ledger.hour(2), usage: usageOf({ cpuMs: 5, peakMemoryBytes: 90 }) },
      ];
      expect(await own(usage)).toEqual(hours);
      expect((await usage.series(node, ledger.now)).hours).toEqual(hours);
      expect((await usage.series(node, ledger.now + HOUR_MS)).hours).toEqual(hours.slice(1));
      expect(await usage.hours(ledger.now + HOUR_MS)).toEqual([{ nodeId: node, hours: hours.slice(1) }]);
      expect(await usage.hours(ledger.now + 3 * HOUR_MS)).toEqual([]);
    });

    test('the hours sum up to the highest figures of the runs, however often, late and mixed they are read', async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      const figures = fc.record({
        ...{ tokensIn: fc.nat(5), tokensOut: fc.nat(5), costMicroUsd: fc.nat(5), toolCalls: fc.nat(5) },
        ...{ cpuMs: fc.nat(5), peakMemoryBytes: fc.nat(5) },
      });
      const parcel = fc.array(fc.record({ runId: fc.constantFrom('a', 'b', 'c'), usage: figures }), { maxLength: 4 });
      const step = fc.record({ readings: parcel, times: fc.integer({ min: 1, max: 3 }), hoursLater: fc.nat(1) });
      let run = 10;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 5 }), async (steps) => {
          run += 1;
          const highest = new Map<string, Usage>();
          for (const { readings, times, hoursLater } of steps) {
            if (hoursLater) await ledger.advance(HOUR_MS);
            for (const each of readings) {
              for (let time = 0; time < times; time += 1) await usage.record(nodeId(run), [each]);
              highest.set(each.runId, laterUsage(highest.get(each.runId) ?? noUsage, each.usage));
            }
            await usage.record(nodeId(run), [...readings, ...readings.toReversed()]);
          }
          const expected = [...highest.values()].reduce(sumUsage, noUsage);
          const { peakMemoryBytes: _, ...counted } = expected;
          expect(sumOf(await own(usage, nodeId(run)))).toMatchObject(counted);
        }),
        { numRuns: 12 },
      );
    });

    test('a parcel with several readings of one run is read in its order', async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      await usage.record(node, [
        reading('run', { cpuMs: 5 }),
        reading('other', { cpuMs: 1 }),
        reading('run', { cpuMs: 8 }),
        reading('run', { cpuMs: 2 }),
      ]);
      expect(sumOf(await own(usage))).toEqual(usageOf({ cpuMs: 9 }));
      await usage.record(node, [reading('run', { cpuMs: 2 })]);
      expect(sumOf(await own(usage))).toEqual(usageOf({ cpuMs: 9 }));
    });

    test('readings of the same runs at once count nothing twice', async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      const readings = ['a', 'b', 'c', 'd'].map((runId) => reading(runId, { cpuMs: 7, tokensOut: 1 }));
      const records = Array.from({ length: 12 }, (_, n) => (n % 2 ? readings : readings.toReversed()));
      await Promise.all(records.map((each) => usage.record(node, each)));
      expect(await own(usage)).toEqual([{ hour: ledger.hour(), usage: usageOf({ cpuMs: 28, tokensOut: 4 }) }]);
      await usage.record(stranger, readings);
      expect(sumOf(await own(usage, stranger))).toEqual(usageOf({ cpuMs: 28, tokensOut: 4 }));
    });

    test("another database's hours are copied: of two figures the higher one stays, whichever came first", async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      const [one, other] = [newDatabaseId(), newDatabaseId()];
      const told: UsageHour[] = [
        { hour: ledger.hour(), usage: { ...large, toolCalls: 4 } },
        { hour: ledger.hour(), usage: { ...large, tokensIn: 1, toolCalls: 5 } },
        { hour: ledger.hour(-1), usage: usageOf({ cpuMs: 1 }) },
      ];
      const highest = [
        { hour: ledger.hour(-1), usage: usageOf({ cpuMs: 1 }) },
        { hour: ledger.hour(), usage: { ...large, toolCalls: 5 } },
      ];
      await usage.copy(node, { databaseId: one, hours: told });
      expect(await usage.hours(0)).toEqual([{ nodeId: node, hours: highest }]);
      const orders = [...told, ...told.toReversed()].map((hour) => ({ databaseId: one, hours: [hour] }));
      await Promise.all(orders.map((series) => usage.copy(node, series)));
      await usage.copy(node, { databaseId: one, hours: [] });
      expect(await usage.hours(0)).toEqual([{ nodeId: node, hours: highest }]);
      expect(await own(usage)).toEqual([]);

      // A node that lost its database began another series; and there is what this database knows itself.
      await usage.copy(node, { databaseId: other, hours: told.slice(0, 1) });
      await usage.record(node, [reading('run', { toolCalls: 1, peakMemoryBytes: 1 })]);
      await usage.copy(sender, { databaseId: other, hours: told.slice(2) });
      expect(await usage.hours(0)).toEqual([
        { nodeId: sender, hours: highest.slice(0, 1) },
        {
          nodeId: node,
          hours: [
            highest[0],
            {
              hour: ledger.hour(),
              usage: { ...sumUsage(large, large), toolCalls: 10, peakMemoryBytes: large.peakMemoryBytes },
            },
          ],
        },
      ]);
    });

    test('a series that comes home is passed over', async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      await usage.record(node, [reading('run', { cpuMs: 3 })]);
      const { databaseId } = await usage.series(node, 0);
      await usage.copy(node, { databaseId, hours: [{ hour: ledger.hour(), usage: large }] });
      await usage.copy(sender, { databaseId, hours: [{ hour: ledger.hour(), usage: large }] });
      expect(await usage.hours(0)).toEqual([
        { nodeId: node, hours: [{ hour: ledger.hour(), usage: usageOf({ cpuMs: 3 }) }] },
      ]);
    });

    test('hours of three months ago are forgotten, and runs that nobody reads any more', async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      await usage.record(node, [reading('quiet', { cpuMs: 1 }), reading('gone', { cpuMs: 2 })]);
      for (let day = 0; day < KEEP_RUNS_MS / DAY_MS + 1; day += 1) {
        await ledger.advance(DAY_MS);
        await usage.record(node, [reading('quiet', { cpuMs: 1 })]); // it goes on, and uses nothing
      }
      expect(await usage.purge()).toBe(1);
      await usage.record(node, [reading('quiet', { cpuMs: 1 })]);
      expect(sumOf(await own(usage))).toEqual(usageOf({ cpuMs: 3 }));
      await ledger.advance(KEEP_HOURS_MS - 9 * DAY_MS);
      expect(await usage.purge()).toBe(1);
      expect(await own(usage)).toHaveLength(1);
      await ledger.advance(2 * DAY_MS);
      expect(await usage.purge()).toBe(1);
      expect(await own(usage)).toEqual([]);
      expect(await usage.purge()).toBe(0);
    });
  });
}

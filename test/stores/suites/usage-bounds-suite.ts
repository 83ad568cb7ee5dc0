import { noUsage, type Usage, UsageHour } from '@skein/contracts';
import { HOUR_MS, type RunReading } from '@skein/swarm';
import { describe, expect, test } from 'vitest';
import type { CreateSubject } from '../subject.ts';
import { newDatabaseId, receiver as node, sender, stranger } from './samples.ts';

const MOST = Number.MAX_SAFE_INTEGER;
const absurd: Usage = {
  ...{ tokensIn: MOST, tokensOut: MOST, costMicroUsd: MOST, toolCalls: MOST, cpuMs: MOST, peakMemoryBytes: MOST },
};
const reading = (runId: string, usage: Usage): RunReading => ({ runId, usage });

/** What programs and other nodes may say, whatever it is, leaves books that can be written and told. */
export function usageBoundsSuite(name: string, createSubject: CreateSubject): void {
  async function createLedger() {
    const subject = await createSubject();
    const { usage } = subject.stores;
    await subject.advance(1.5 * HOUR_MS - ((await usage.now()) % HOUR_MS));
    const now = await usage.now();
    const hour = (n = 0) => new Date(Math.floor(now / HOUR_MS) * HOUR_MS + n * HOUR_MS).toISOString();
    return { ...subject, usage, hour, [Symbol.asyncDispose]: () => subject[Symbol.asyncDispose]() };
  }

  describe(`bounds of the usage ledger on ${name}`, () => {
    test('runs that report the largest figures leave an hour that can be written and told', async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      for (let run = 0; run < 1_100; run += 100) {
        const readings = Array.from({ length: 100 }, (_, n) => reading(`run ${run + n}`, absurd));
        await usage.record(node, readings);
        for (const each of readings.slice(0, 20)) await usage.record(node, [{ ...each, runId: `${each.runId} alone` }]);
      }
      const { hours } = await usage.series(node, 0);
      expect(hours).toEqual([{ hour: ledger.hour(), usage: absurd }]);
      expect(UsageHour.parse(hours[0])).toEqual(hours[0]);
    });

    test('several series together come to no more than can be told', async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      const hours = [{ hour: ledger.hour(), usage: absurd }];
      for (let n = 0; n < 3; n += 1) await usage.copy(sender, { databaseId: newDatabaseId(), hours });
      expect(await usage.hours(0)).toEqual([{ nodeId: sender, hours }]);
    });

    test('of databases that a node makes up the latest copies are kept, and nothing of other nodes or its home goes', async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      const told = (at: number, cpuMs: number) => ({
        databaseId: newDatabaseId(),
        hours: [{ hour: ledger.hour(at), usage: { ...noUsage, cpuMs } }],
      });
      await usage.copy(stranger, told(-3, 7));
      await usage.record(sender, [reading('run', { ...noUsage, cpuMs: 10_000 })]);
      for (let n = 0; n < 8; n += 1) await usage.copy(sender, told(0, 1));
      await usage.copy(sender, told(-2, 100)); // told last: it is kept, whatever hours it tells of
      const hours = await usage.hours(0);
      const sums = hours.map(({ nodeId, hours: of }) => [nodeId, of.reduce((sum, each) => sum + each.usage.cpuMs, 0)]);
      expect(new Map(sums as [string, number][])).toEqual(
        new Map<string, number>([
          [sender, 10_000 + 100 + 2],
          [stranger, 7],
        ]),
      );
    });

    test('copies of many databases at once end as some of them, and none waits for another for ever', async () => {
      await using ledger = await createLedger();
      const { usage } = ledger;
      const databases = Array.from({ length: 6 }, newDatabaseId);
      const hours = [-2, -1, 0].map((n) => ({ hour: ledger.hour(n), usage: { ...noUsage, cpuMs: 1 } }));
      await Promise.all(
        [...databases, ...databases.toReversed()].map((databaseId) => usage.copy(sender, { databaseId, hours })),
      );
      const [held] = await usage.hours(0);
      expect(held?.hours.map(({ usage: { cpuMs } }) => cpuMs)).toEqual([3, 3, 3]);
    });
  });
}

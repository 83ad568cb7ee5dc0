import { type Usage, UsageHour } from '@skein/contracts';
import { HOUR_MS, type RunReading } from '@skein/swarm';
import { describe, expect, test } from 'vitest';
import type { CreateSubject } from '../subject.ts';
import { newDatabaseId, receiver as node, sender } from './samples.ts';

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
  });
}

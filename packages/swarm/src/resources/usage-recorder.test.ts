import { DatabaseId, type NodeId, noUsage, sumUsage, type Usage } from '@skein/contracts';
import { createFakeClock, createMemoryLogger } from '@skein/contracts/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nodeIdNo, used } from '../testing/fleet-examples.ts';
import { createInMemoryUsageLedger } from './in-memory-usage-ledger.ts';
import type { RunReading, UsageLedger } from './usage-ledger.ts';
import { startUsageRecorder, type UsageRecorder, type UsageRecorderOptions } from './usage-recorder.ts';

const self = nodeIdNo(0);
const databaseId = async () => DatabaseId.parse('00000000-0000-4000-8000-000000000001');

/** A ledger whose store can go away, with a recorder on it. `runs` are what runs now. */
function recording(options?: UsageRecorderOptions) {
  const clock = createFakeClock();
  const ledger = createInMemoryUsageLedger({ clock, databaseId });
  const runs = new Map<string, Usage>();
  const writes: RunReading[][] = [];
  const store = { away: false };
  const usage: Pick<UsageLedger, 'record' | 'purge'> = {
    async record(nodeId: NodeId, readings) {
      if (store.away) throw new Error('the database is away');
      writes.push([...readings]);
      await ledger.record(nodeId, readings);
    },
    purge: () => ledger.purge(),
  };
  const readings = () => [...runs].map(([runId, usage]) => ({ runId, usage }));
  const begin = () => startUsageRecorder({ self, usage, readings, clock, logger: createMemoryLogger() }, options);
  const total = async () =>
    (await ledger.hours(0))
      .flatMap(({ hours }) => hours)
      .map(({ usage }) => usage)
      .reduce(sumUsage, noUsage);
  return { clock, runs, writes, store, begin, total };
}

/** What the store says to a record, whichever way. */
const attempt = (recorder: UsageRecorder, readings: RunReading[]) =>
  recorder.record(readings).then(
    () => 'stored',
    (cause: Error) => cause.message,
  );

test('what runs is read every two seconds, and written only where it changed', async () => {
  const { clock, runs, writes, begin, total } = recording();
  await using _recorder = begin();
  runs.set('a', used({ tokensIn: 3 }));
  runs.set('idle', noUsage);
  await clock.advance(2_000);
  runs.set('a', used({ tokensIn: 5 }));
  await clock.advance(2_000);
  await clock.advance(20_000);
  expect(writes.map((readings) => readings.map(({ runId }) => runId))).toEqual([['a'], ['a']]);
  expect(await total()).toEqual(used({ tokensIn: 5 }));
});

test('a reading that the store did not take is written when it is back, once', async () => {
  const { clock, store, begin, total } = recording();
  await using recorder = begin();
  await clock.advance(0);
  store.away = true;
  expect(await attempt(recorder, [{ runId: 'a', usage: used({ costMicroUsd: 7 }) }])).toBe('the database is away');
  await clock.advance(10_000);
  store.away = false;
  await clock.advance(2_000);
  expect(await total()).toEqual(used({ costMicroUsd: 7 }));
  expect(await attempt(recorder, [{ runId: 'a', usage: used({ costMicroUsd: 7 }) }])).toBe('stored');
  expect(await total()).toEqual(used({ costMicroUsd: 7 }));
});

test('a stop writes what waits, and can come twice', async () => {
  const { clock, store, begin, total } = recording();
  const recorder = begin();
  await clock.advance(0);
  store.away = true;
  await attempt(recorder, [{ runId: 'a', usage: used({ toolCalls: 2 }) }]);
  store.away = false;
  await recorder.stop();
  await recorder.stop();
  expect(await total()).toEqual(used({ toolCalls: 2 }));
});

test('a reading that comes late never counts as a counter that began anew', async () => {
  const { begin, total } = recording();
  await using recorder = begin();
  await recorder.record([{ runId: 'a', usage: used({ cpuMs: 70 }) }]);
  await recorder.record([{ runId: 'a', usage: used({ cpuMs: 50 }) }]);
  expect(await total()).toEqual(used({ cpuMs: 70 }));
});

test('with no place left a new run’s reading is refused, and those that wait are kept', async () => {
  const { clock, store, begin, total } = recording({ maxWaiting: 2 });
  await using recorder = begin();
  await clock.advance(0);
  store.away = true;
  const one = (runId: string) => [{ runId, usage: used({ tokensOut: 1 }) }];
  for (const runId of ['a', 'b', 'c']) expect(await attempt(recorder, one(runId))).toBe('the database is away');
  store.away = false;
  expect(await attempt(recorder, one('c'))).toBe('stored');
  expect(await total()).toEqual(used({ tokensOut: 3 }));
});

test('figures that are no whole numbers are made such, so that they hold nobody up', async () => {
  const { begin, total } = recording();
  await using recorder = begin();
  const nonsense = used({ tokensIn: 1.6, tokensOut: Number.NaN, toolCalls: -4, cpuMs: Number.POSITIVE_INFINITY });
  await recorder.record([{ runId: 'a', usage: nonsense }]);
  expect(await total()).toEqual(used({ tokensIn: 2, cpuMs: Number.MAX_SAFE_INTEGER }));
});

test('a run that rests for weeks is written again now and then, and counts once', async () => {
  const { clock, runs, begin, total } = recording({ everyMs: 3_600_000 });
  await using _recorder = begin();
  runs.set('a', used({ tokensIn: 3 }));
  for (let day = 0; day < 20; day += 1) await clock.advance(86_400_000);
  runs.set('a', used({ tokensIn: 4 }));
  await clock.advance(86_400_000);
  expect(await total()).toEqual(used({ tokensIn: 4 }));
});

test('whatever outages, restarts and repetitions there are, the ledger ends with what the runs used', async () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ use: fc.constantFrom('a', 'b', 'c'), tokens: fc.nat({ max: 100 }) }) },
    { weight: 1, arbitrary: fc.constantFrom('away' as const, 'back' as const, 'restart' as const) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { clock, runs, store, begin, total } = recording();
      let recorder = begin();
      let expected = 0;
      for (const step of steps) {
        if (step === 'away' || step === 'back') store.away = step === 'away';
        else if (step === 'restart') {
          store.away = false; // a node ends its work in good order
          await recorder.flush();
          await recorder.stop();
          recorder = begin();
        } else {
          const before = runs.get(step.use) ?? noUsage;
          runs.set(step.use, { ...before, tokensIn: before.tokensIn + step.tokens });
          expected += step.tokens;
          await clock.advance(step.tokens * 50);
        }
      }
      store.away = false;
      await recorder.flush();
      await recorder.stop();
      expect((await total()).tokensIn).toBe(expected);
    }),
    { numRuns: 50 },
  );
});

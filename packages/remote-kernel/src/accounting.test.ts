import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAccounting, noProgramUsage } from './accounting.ts';

const usage = (cpuMs: number, peakMemoryBytes = 0) => ({
  ...noProgramUsage,
  cpuMs,
  peakMemoryBytes,
  tokensIn: cpuMs * 2,
});

test('totals are what finished runs used and running ones have used so far', () => {
  const accounting = createAccounting();
  accounting.update('a', usage(5, 100));
  accounting.update('b', usage(1, 30));
  accounting.finish('a', usage(7, 110));
  accounting.update('b', usage(3, 40));
  expect(accounting.totals()).toEqual({
    ...noProgramUsage,
    cpuMs: 10,
    tokensIn: 20,
    peakMemoryBytes: 110,
    runningCount: 1,
    finishedCount: 1,
  });
  expect(accounting.listRuns().map((run) => [run.runId, run.state])).toEqual([
    ['b', 'running'],
    ['a', 'finished'],
  ]);
});

test('old runs are forgotten one by one, and never in the totals', () => {
  const runs = fc.array(fc.record({ id: fc.constantFrom('a', 'b', 'c', 'd'), cpuMs: fc.nat({ max: 1000 }) }));
  fc.assert(
    fc.property(runs, fc.integer({ min: 1, max: 3 }), (runs, keepFinished) => {
      const accounting = createAccounting({ keepFinished });
      for (const { id, cpuMs } of runs) {
        accounting.update(id, usage(cpuMs / 2));
        accounting.finish(id, usage(cpuMs));
        expect(accounting.ofRun(id)).toEqual({ ...usage(cpuMs), runId: id, state: 'finished' });
      }
      expect(accounting.totals().cpuMs).toBe(runs.reduce((sum, run) => sum + run.cpuMs, 0));
      expect(accounting.totals().finishedCount).toBe(runs.length);
      expect(accounting.listRuns().length).toBeLessThanOrEqual(keepFinished);
    }),
  );
});

test('programs that report the largest figures together come to no more than one of them', () => {
  const accounting = createAccounting();
  const absurd = { ...noProgramUsage, tokensIn: Number.MAX_SAFE_INTEGER, toolCalls: Number.MAX_SAFE_INTEGER };
  for (const run of ['a', 'b', 'c']) accounting.finish(run, absurd);
  expect(accounting.totals()).toMatchObject(absurd);
});

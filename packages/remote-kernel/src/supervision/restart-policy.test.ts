import fc from 'fast-check';
import { expect, test } from 'vitest';
import { afterRun, endOfExit, freshRestartState, type RestartState, type RunEnd } from './restart-policy.ts';

const settings = { budget: 3, delayMs: 1_000 };
const fresh = freshRestartState(settings);
const run = (ends: readonly RunEnd[], from: RestartState = fresh, given = settings) => {
  let state = from;
  const verdicts = ends.map((end) => {
    const next = afterRun(state, end, given);
    state = next.state;
    return next.verdict;
  });
  return { state, verdicts };
};
const times = <T>(count: number, value: T): T[] => Array(count).fill(value);

test.each([
  [{ status: 'exited', exitCode: 0 }, 'good'],
  [{ status: 'exited', exitCode: 1 }, 'crash'],
  [{ status: 'exited', exitCode: 78 }, 'fatal'],
  [{ status: 'exited', exitCode: 143 }, 'crash'],
  [{ status: 'signalled', signal: 'SIGSEGV' }, 'crash'],
  [{ status: 'not_started', reason: 'ENOENT' }, 'fatal'],
] as const)('%j is the end of a run: %s', (exit, end) => {
  expect(endOfExit(exit)).toBe(end);
});

test('each crash takes a restart and doubles the wait, until none is left', () => {
  expect(run(times(5, 'crash')).verdicts).toEqual([
    { status: 'restart', delayMs: 1_000 },
    { status: 'restart', delayMs: 2_000 },
    { status: 'restart', delayMs: 4_000 },
    { status: 'spent' },
    { status: 'spent' },
  ]);
});

test('the wait never exceeds a minute', () => {
  const { verdicts } = run(times(2_000, 'crash'), undefined, { budget: 0, delayMs: 1_000 });
  expect(verdicts.at(-1)).toEqual({ status: 'spent' });
  const many = { budget: 2_000, delayMs: 1_000 };
  const waits = run(times(2_000, 'crash'), freshRestartState(many), many).verdicts;
  expect(waits.slice(5, 8)).toEqual([32_000, 60_000, 60_000].map((delayMs) => ({ status: 'restart', delayMs })));
  expect(waits.at(-1)).toEqual({ status: 'restart', delayMs: 60_000 });
});

test.each<RunEnd>(['good', 'fatal', 'stopped'])('a %s end is not restarted and costs nothing', (end) => {
  expect(run([end])).toEqual({ state: fresh, verdicts: [{ status: 'over' }] });
});

test('a good run ends the row of crashes, a stop does not', () => {
  expect(run(['crash', 'good', 'crash']).verdicts.at(-1)).toEqual({ status: 'restart', delayMs: 1_000 });
  expect(run(['crash', 'stopped', 'crash']).verdicts.at(-1)).toEqual({ status: 'restart', delayMs: 2_000 });
});

test('ten good runs give one restart back', () => {
  expect(run(['crash', 'crash', ...times<RunEnd>(9, 'good')]).state.left).toBe(1);
  expect(run(['crash', 'crash', ...times<RunEnd>(10, 'good')]).state.left).toBe(2);
  expect(run(['crash', 'crash', ...times<RunEnd>(20, 'good')]).state.left).toBe(3);
  expect(run(['crash', ...times<RunEnd>(9, 'good'), 'crash', 'good']).state.left).toBe(1);
});

test('good runs of a full budget are not saved up for later', () => {
  expect(run([...times<RunEnd>(50, 'good'), 'crash', 'good']).state).toMatchObject({ left: 2, goodRuns: 1 });
});

test('whatever happens, the budget holds', () => {
  const ends = fc.array(fc.constantFrom<RunEnd>('good', 'good', 'good', 'crash', 'fatal', 'stopped'));
  fc.assert(
    fc.property(ends, fc.integer({ min: 0, max: 4 }), (ends, budget) => {
      let state = freshRestartState({ budget, delayMs: 10 });
      let restarts = 0;
      for (const end of ends) {
        const next = afterRun(state, end, { budget, delayMs: 10 });
        if (next.verdict.status === 'restart') restarts += 1;
        state = next.state;
        expect(state.left).toBeGreaterThanOrEqual(0);
        expect(state.left).toBeLessThanOrEqual(budget);
      }
      const good = ends.filter((end) => end === 'good').length;
      expect(restarts).toBeLessThanOrEqual(budget + Math.floor(good / 10));
    }),
  );
});

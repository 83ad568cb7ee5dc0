import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import type { RunEnd } from './restart-policy.ts';
import { createRestartBudget, supervise } from './supervisor.ts';

function setUp(ends: RunEnd[], settings = { budget: 2, delayMs: 100 }) {
  const clock = createFakeClock(0);
  const abort = new AbortController();
  const heard: unknown[] = [];
  const budget = createRestartBudget(settings);
  const supervised = () =>
    supervise(
      { clock, budget },
      {
        signal: abort.signal,
        async start(attempt) {
          heard.push([clock.now(), attempt]);
          return { end: ends.shift() ?? 'good', value: attempt };
        },
        onRestart: ({ attempt, delayMs, after }) => heard.push({ attempt, delayMs, after }),
      },
    );
  return { clock, abort, heard, supervised };
}

test('what crashes is started again after its wait, and each restart is told before', async () => {
  const { clock, heard, supervised } = setUp(['crash', 'crash', 'good']);
  const end = supervised();
  await clock.advance(1_000);
  expect(await end).toEqual({ status: 'good', attempts: 3, value: 3 });
  expect(heard).toEqual([
    [0, 1],
    { attempt: 2, delayMs: 100, after: 1 },
    [100, 2],
    { attempt: 3, delayMs: 200, after: 2 },
    [300, 3],
  ]);
});

test.each<RunEnd>(['good', 'fatal', 'stopped'])('a %s end is the end', async (end) => {
  const { supervised } = setUp([end]);
  expect(await supervised()).toEqual({ status: end, attempts: 1, value: 1 });
});

test('the budget is shared by all that run under it', async () => {
  const { clock, supervised } = setUp(['crash', 'crash', 'crash', 'crash']);
  const first = supervised();
  await clock.advance(1_000);
  expect(await first).toMatchObject({ status: 'spent', attempts: 3 });
  expect(await supervised()).toMatchObject({ status: 'spent', attempts: 1 });
});

test('a stop ends the wait at once, leaving no sleeper', async () => {
  const { clock, abort, heard, supervised } = setUp(['crash']);
  const end = supervised();
  await clock.advance(50);
  abort.abort(new Error('enough'));
  expect(await end).toEqual({ status: 'stopped', attempts: 1, value: 1 });
  expect([clock.sleeping, heard.length]).toEqual([0, 2]);
});

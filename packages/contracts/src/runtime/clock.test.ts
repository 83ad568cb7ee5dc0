import { getEventListeners } from 'node:events';
import { afterEach, expect, test, vi } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { deadlineSignal, systemClock } from './clock.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const tooLate = new Error('too late');

test('a deadline aborts with its reason, and neither a timer nor a listener stays', async () => {
  const clock = createFakeClock();
  const parent = new AbortController();
  const deadline = deadlineSignal(clock, 50, () => tooLate, parent.signal);
  await clock.advance(50);
  expect(deadline.signal.reason).toBe(tooLate);
  expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0);
  deadline.clear();
  expect(clock.sleeping).toBe(0);
});

test('the parent’s abort comes first with its own reason, and takes the timer with it', async () => {
  const clock = createFakeClock();
  const parent = new AbortController();
  const deadline = deadlineSignal(clock, 50, () => tooLate, parent.signal);
  parent.abort(tooLate);
  expect(deadline.signal.reason).toBe(tooLate);
  deadline.clear();
  expect(clock.sleeping).toBe(0);
});

test('a deadline that was cleared has gone from its parent, which may live on for ever', async () => {
  const clock = createFakeClock();
  const parent = new AbortController();
  const deadline = deadlineSignal(clock, 50, () => tooLate, parent.signal);
  expect(getEventListeners(parent.signal, 'abort')).toHaveLength(1);
  deadline.clear();
  expect(getEventListeners(parent.signal, 'abort')).toHaveLength(0);
  parent.abort();
  await clock.advance(100);
  expect(deadline.signal.aborted).toBe(false);
  expect(clock.sleeping).toBe(0);
});

test('the machine’s clock tells whole milliseconds, and a correction of the hour does not move it', () => {
  const before = systemClock.now();
  vi.spyOn(Date, 'now').mockReturnValue(0);
  const after = systemClock.now();
  expect(after).toBeGreaterThanOrEqual(before);
  expect(after - before).toBeLessThan(1_000);
  expect(Number.isInteger(after)).toBe(true);
});

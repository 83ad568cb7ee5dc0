import { getEventListeners } from 'node:events';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test, vi } from 'vitest';
import { CallDeadlines } from './call-deadlines.ts';

const never = new Promise<never>(() => {});
const settled = (promise: Promise<unknown>) => promise.catch((cause: unknown) => cause);

test('a call ends with TIMEOUT, on time and not before, and its signal with it', async () => {
  const clock = createFakeClock();
  const deadline = new CallDeadlines(clock).start(1_000, 'The reply', undefined);
  const { signal } = deadline;
  const waiting = settled(deadline.during(never));
  await clock.advance(999);
  expect(deadline.aborted).toBe(false);
  await clock.advance(1);
  const timeout = { code: 'TIMEOUT', message: 'The reply did not come within 1000 ms' };
  expect(await waiting).toMatchObject(timeout);
  expect(signal.reason).toMatchObject(timeout);
  expect(deadline.signal.aborted).toBe(true);
});

test('many calls are watched by one timer, each to its own end; the last takes the timer along', async () => {
  const clock = createFakeClock();
  const deadlines = new CallDeadlines(clock);
  const limits = [5_000, 1_000, 3_000, 3_000];
  const calls = limits.map((ms) => deadlines.start(ms, 'It', undefined));
  await clock.advance(0);
  expect(clock.sleeping).toBe(1);
  const ended = () => limits.filter((_, index) => calls[index]?.aborted);
  await clock.advance(1_000);
  expect(ended()).toEqual([1_000]);
  calls[2]?.clear();
  await clock.advance(2_000);
  expect(ended()).toEqual([1_000, 3_000]);
  expect(clock.sleeping).toBe(1);
  calls[0]?.clear();
  await clock.advance(0);
  expect(clock.sleeping).toBe(0);
  expect(ended()).toEqual([1_000, 3_000]);
});

test('the caller’s abort comes first with its own reason, disarmed or not; cleared, nothing is heard any more', async () => {
  const clock = createFakeClock();
  const deadlines = new CallDeadlines(clock);
  const caller = new AbortController();
  const [plain, disarmed, cleared] = [1, 2, 3].map(() => deadlines.start(1_000, 'It', caller.signal));
  const waiting = settled(plain?.during(never) ?? never);
  disarmed?.disarm();
  cleared?.clear();
  const reason = new Error('mine');
  caller.abort(reason);
  expect(await waiting).toBe(reason);
  expect([plain, disarmed, cleared].map((deadline) => deadline?.signal.reason)).toEqual([reason, reason, undefined]);
  expect(getEventListeners(caller.signal, 'abort')).toHaveLength(0);
  const late = deadlines.start(1_000, 'It', caller.signal);
  expect(await settled(late.during(never))).toBe(reason);
  await clock.advance(0);
  expect(clock.sleeping).toBe(0);
});

test('a limit that is renewed counts from then on, and one that is taken off not at all', async () => {
  const clock = createFakeClock();
  const deadline = new CallDeadlines(clock).start(1_000, 'The first', undefined);
  for (let times = 0; times < 3; times += 1) {
    await clock.advance(900);
    deadline.allow(1_000, 'The next');
  }
  deadline.disarm();
  await clock.advance(60_000);
  expect(deadline.aborted).toBe(false);
  deadline.allow(1_000, 'The next');
  const waiting = settled(deadline.during(never));
  await clock.advance(1_000);
  expect(await waiting).toMatchObject({ message: 'The next did not come within 1000 ms' });
});

test('work within a limit comes to what it comes to, and leaves nothing behind', async () => {
  const clock = createFakeClock();
  const deadlines = new CallDeadlines(clock);
  const heard = vi.fn();
  const work = deadlines.within(1_000, 'It', undefined, async (deadline) => {
    deadline.onAbort(heard);
    return 'done';
  });
  expect(await work).toBe('done');
  const failing = deadlines.within(1_000, 'It', undefined, () => Promise.reject(new Error('mine')));
  await expect(failing).rejects.toThrow('mine');
  await clock.advance(60_000);
  expect(heard).not.toHaveBeenCalled();
  expect(clock.sleeping).toBe(0);
});

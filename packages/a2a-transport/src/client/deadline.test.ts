import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { orAborted, startDeadline } from './deadline.ts';

const never = new Promise<never>(() => {});

test('a deadline aborts with TIMEOUT, on time and not before', async () => {
  const clock = createFakeClock();
  const { signal } = startDeadline(clock, 1_000, 'The reply', undefined);
  await clock.advance(999);
  expect(signal.aborted).toBe(false);
  await clock.advance(1);
  expect(signal.reason).toMatchObject({ code: 'TIMEOUT', message: 'The reply did not come within 1000 ms' });
});

test("the caller's abort comes through with its own reason, disarmed or not; cleared, nothing does", async () => {
  const clock = createFakeClock();
  const reason = new Error('mine');
  const caller = new AbortController();
  const [plain, disarmed, cleared] = [1, 2, 3].map(() => startDeadline(clock, 1_000, 'It', caller.signal));
  disarmed?.disarm();
  cleared?.clear();
  caller.abort(reason);
  expect([plain, disarmed, cleared].map((deadline) => deadline?.signal.reason)).toEqual([reason, reason, undefined]);
  expect(startDeadline(clock, 1_000, 'It', caller.signal).signal.reason).toBe(reason);
});

test('a promise that never settles is left at the abort', async () => {
  const controller = new AbortController();
  const waiting = orAborted(never, controller.signal);
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(orAborted(never, controller.signal)).rejects.toThrow('enough');
  expect(await orAborted(Promise.resolve(1), new AbortController().signal)).toBe(1);
});

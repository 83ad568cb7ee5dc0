import { getEventListeners } from 'node:events';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { startPump } from './pump.ts';

test('a pump runs at once, then after each rest, sooner when it asked for it', async () => {
  const clock = createFakeClock();
  const began = clock.now();
  const at: number[] = [];
  const rests = [50, undefined, 500];
  await using _pump = startPump(
    clock,
    async () => {
      at.push(clock.now() - began);
      return rests[at.length - 1];
    },
    { everyMs: 100, onError: () => {} },
  );
  await clock.advance(260);
  expect(at).toEqual([0, 50, 150, 250]);
});

test('a wake during a run leads to exactly one more run, however many wakes there were', async () => {
  const clock = createFakeClock();
  let runs = 0;
  await using pump = startPump(
    clock,
    async () => {
      runs += 1;
      if (runs === 1) for (let wakes = 0; wakes < 5; wakes += 1) pump.wake();
      return undefined;
    },
    { everyMs: 1_000, onError: () => {} },
  );
  await clock.advance(10);
  expect(runs).toBe(2);
});

test('a failure is told and does not end the pump; stopping ends it, twice', async () => {
  const clock = createFakeClock();
  const errors: unknown[] = [];
  let runs = 0;
  const pump = startPump(
    clock,
    async () => {
      runs += 1;
      throw new Error('no luck');
    },
    { everyMs: 10, onError: (cause) => errors.push(cause) },
  );
  await clock.advance(25);
  expect(errors).toHaveLength(3);
  await pump.stop();
  await pump.stop();
  await clock.advance(100);
  expect(runs).toBe(3);
  expect(clock.sleeping).toBe(0);
});

test('a rest leaves no trace in the signal of a pump, and its stopping ends the rest at once', async () => {
  const clock = createFakeClock();
  const signals = new Set<AbortSignal>();
  const pump = startPump(clock, async (signal) => void signals.add(signal), { everyMs: 10, onError: () => {} });
  await clock.advance(1_000);
  expect([...signals].map((signal) => getEventListeners(signal, 'abort').length)).toEqual([0]);
  expect(clock.sleeping).toBe(1);
  await pump.stop();
  expect(clock.sleeping).toBe(0);
});

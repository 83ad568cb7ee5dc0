import type { Liveness } from '@skein/contracts';
import { expect, test } from 'vitest';
import { livenessAfter } from './liveness.ts';
import { lanTiming } from './timing.ts';

test.each<[Liveness, number, Liveness]>([
  ['online', 0, 'online'],
  ['online', 44_999, 'online'],
  ['online', 45_000, 'suspect'],
  ['suspect', 119_999, 'suspect'],
  ['suspect', 120_000, 'offline'],
  ['online', 120_000, 'offline'],
  ['suspect', 10, 'online'],
  ['joining', 120_000, 'joining'],
  ['joining', 300_000, 'offline'],
  ['offline', 0, 'offline'], // only a beat brings it back
  ['unverified', 0, 'unverified'],
])('%s after %d ms of silence is %s', (before, silentMs, after) => {
  expect(livenessAfter(before, silentMs, lanTiming)).toBe(after);
});

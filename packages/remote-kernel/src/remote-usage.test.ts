import { noUsage, type Usage } from '@skein/contracts';
import { expect, test } from 'vitest';
import { addUsage, growthSince } from './remote-usage.ts';

const usage = (some: Partial<Usage>): Usage => ({ ...noUsage, ...some });

test.each<[string, Partial<Usage>, Partial<Usage>, Partial<Usage>, boolean]>([
  ['the first reading counts in full', {}, { tokensIn: 5, cpuMs: 3 }, { tokensIn: 5, cpuMs: 3 }, false],
  ['the same reading adds nothing', { tokensIn: 5 }, { tokensIn: 5 }, {}, false],
  [
    'a later one adds what is new',
    { tokensIn: 5 },
    { tokensIn: 8, toolCalls: 1 },
    { tokensIn: 3, toolCalls: 1 },
    false,
  ],
  ['a counter that fell counts in full', { tokensIn: 50, cpuMs: 9 }, { tokensIn: 4, cpuMs: 9 }, { tokensIn: 4 }, true],
  [
    'a peak is what it is, and its fall is no reset',
    { peakMemoryBytes: 9 },
    { peakMemoryBytes: 7 },
    { peakMemoryBytes: 7 },
    false,
  ],
])('%s', (_name, last, reading, growth, reset) => {
  expect(growthSince(usage(last), usage(reading))).toEqual({ usage: usage(growth), reset });
});

test('sums add counters, keep the higher peak, and stay whole numbers', () => {
  const most = usage({ tokensOut: Number.MAX_SAFE_INTEGER, peakMemoryBytes: 3 });
  expect(addUsage(most, usage({ tokensOut: 5, peakMemoryBytes: 4 }))).toEqual({ ...most, peakMemoryBytes: 4 });
});

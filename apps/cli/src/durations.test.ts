import { expect, test } from 'vitest';
import { formatDuration, parseDuration } from './durations.ts';

test.each([
  ['1ms', 1],
  ['500 ms', 500],
  ['30s', 30_000],
  ['1.5h', 5_400_000],
  ['10m', 600_000],
  ['10min', 600_000],
  ['2d', 172_800_000],
  ['10', undefined],
  ['0s', undefined],
  ['-1s', undefined],
  ['soon', undefined],
  ['10mm', undefined],
  ['', undefined],
])('%s is %s ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each([
  [0, '0 ms'],
  [31.4, '31 ms'],
  [999, '999 ms'],
  [1_000, '1.0 s'],
  [59_949, '59.9 s'],
  [59_960, '1 min'],
  [60_000, '1 min'],
  [123_000, '2 min 3 s'],
  [3_599_700, '1 h'],
  [11_100_000, '3 h 5 min'],
  [187_200_000, '2 d 4 h'],
])('%s ms reads %s', (ms, text) => {
  expect(formatDuration(ms)).toBe(text);
});

import { expect, test } from 'vitest';
import { parsePidFile } from './postmaster.ts';

test('a pid file names the process, and its state on the eighth line', () => {
  expect(parsePidFile('4711\n/data/pg\n1700000000\n5432\n/data/run\n\n  1234  5\nready   \n')).toEqual({
    pid: 4711,
    state: 'ready',
  });
});

test('a pid file that is being written names a process without a state, or nobody', () => {
  expect(parsePidFile('4711\n/data/pg\n')).toEqual({ pid: 4711, state: '' });
  expect(parsePidFile('')).toBeUndefined();
  expect(parsePidFile('-4711\n')).toBeUndefined();
});

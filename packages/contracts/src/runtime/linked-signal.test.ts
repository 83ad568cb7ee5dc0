import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { linkedSignal } from './linked-signal.ts';

const listenersOf = (signal: AbortSignal) => getEventListeners(signal, 'abort').length;

test.each([0, 1])('the abort of parent %i comes through with its own reason', (which) => {
  const parents = [new AbortController(), new AbortController()];
  const link = linkedSignal(...parents.map((parent) => parent.signal));
  const reason = new Error('enough');
  parents[which]?.abort(reason);
  expect(link.signal.reason).toBe(reason);
  expect(parents.map(({ signal }) => listenersOf(signal))).toEqual([0, 0]);
});

test('a parent that has aborted already is heard at once, and nobody is listened to', () => {
  const long = new AbortController();
  const reason = new Error('over');
  const link = linkedSignal(long.signal, AbortSignal.abort(reason));
  expect(link.signal.reason).toBe(reason);
  expect(listenersOf(long.signal)).toBe(0);
});

test('a parent that outlives its links keeps nothing of them once they are cleared, twice', () => {
  const long = new AbortController();
  const links = Array.from({ length: 100 }, () => linkedSignal(undefined, long.signal));
  for (const link of links) {
    link.clear();
    link.clear();
  }
  expect(listenersOf(long.signal)).toBe(0);
  long.abort();
  expect(links.some(({ signal }) => signal.aborted)).toBe(false);
});

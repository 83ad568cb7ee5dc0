import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createAgentCardCache, freshForMs } from './card-cache.ts';

const date = 'Thu, 01 Jan 2026 00:00:00 GMT';

test.each<[string, Record<string, string>, number | undefined]>([
  ['nothing', {}, 0],
  ['max-age', { 'cache-control': 'public, max-age=60' }, 60_000],
  ['max-age in quotes and capitals', { 'cache-control': 'Max-Age="60"' }, 60_000],
  ['max-age after time on the way', { 'cache-control': 'max-age=60', age: '20' }, 40_000],
  ['more time on the way than max-age', { 'cache-control': 'max-age=60', age: '90' }, 0],
  ['a max-age that is no number', { 'cache-control': 'max-age=-5' }, 0],
  ['a year', { 'cache-control': 'max-age=31536000' }, 86_400_000],
  ['no-store', { 'cache-control': 'no-store, max-age=60' }, undefined],
  ['no-cache', { 'cache-control': 'no-cache, max-age=60' }, 0],
  ['s-maxage, which is for shared caches', { 'cache-control': 's-maxage=60' }, 0],
  ['a reply that depends on everything', { 'cache-control': 'max-age=60', vary: '*' }, 0],
  ['Expires', { expires: 'Thu, 01 Jan 2026 00:01:00 GMT', date }, 60_000],
  [
    'Expires by another clock',
    { expires: 'Thu, 01 Jan 2026 10:01:00 GMT', date: 'Thu, 01 Jan 2026 10:00:00 GMT' },
    60_000,
  ],
  ['Expires without a date', { expires: 'Thu, 01 Jan 2026 00:01:00 GMT' }, 60_000],
  ['Expires beside max-age, which counts', { expires: date, 'cache-control': 'max-age=5' }, 5_000],
  ['Expires in the past', { expires: '0' }, 0],
])('a reply with %s is fresh for %s, %s', (_what, headers, freshMs) => {
  expect(freshForMs(new Headers(headers), createFakeClock())).toBe(freshMs);
});

test('of too many cards the one that was longest out of use goes', () => {
  const cache = createAgentCardCache({ maxCards: 2 });
  const card = { json: '{}', freshUntilMs: 0, etag: undefined, lastModified: undefined };
  for (const url of ['a', 'b']) cache.store(url, card);
  cache.find('a');
  cache.store('c', card);
  expect(['a', 'b', 'c'].map((url) => cache.find(url) !== undefined)).toEqual([true, false, true]);
  cache.forget('a');
  expect(cache.find('a')).toBeUndefined();
  expect(() => createAgentCardCache({ maxCards: 0 })).toThrow('at least one card');
});

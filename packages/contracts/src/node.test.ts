import { expect, test } from 'vitest';
import { NodeRecord } from './node.ts';

const record = {
  ...{ key: 'key', name: 'north', addresses: ['http://127.0.0.1:4220'], kinds: ['execute_task'], capabilities: [] },
  ...{ labels: {}, capacity: 4, incarnation: 1, recordVersion: 1 },
};
const labels = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`label-${n}`, 'x']));
const address = (length: number) => 'http://127.0.0.1/'.padEnd(length, 'x');

test.each<[string, object, boolean]>([
  ['64 labels', { labels: labels(64) }, true],
  ['more labels than that', { labels: labels(65) }, false],
  ['an address of 255 characters', { addresses: [address(255)] }, true],
  ['a longer address', { addresses: [address(256)] }, false],
])('a record with %s', (_what, own, fine) => {
  expect(NodeRecord.safeParse({ ...record, ...own }).success).toBe(fine);
});

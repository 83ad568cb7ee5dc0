import { MAX_STATE_COUNTER, NodeId, type StateEntry } from '@skein/contracts';
import { expect, test } from 'vitest';
import { type HeldEntry, judgeEntries } from './entry-rules.ts';
import type { StateNamespace } from './namespace.ts';
import { createNamespaces } from './namespaces.ts';
import type { StateValue } from './state-store.ts';

const nodeId = NodeId.parse('b'.repeat(26));
const sender = { nodeId, tier: 'unprivileged', isSelf: false } as const;

const value = (key: string, content: string, counter = 5): StateEntry => ({
  key,
  value: content,
  version: { counter, nodeId },
});
const gone = (key: string, counter = 5): StateEntry => ({ key, deleted: true, version: { counter, nodeId } });
const held = (key: string, content: string, counter = 1): HeldEntry => ({
  ...{ key, value: content, deleted: false },
  version: { counter, nodeId },
});
const heldGone = (key: string, counter: number): HeldEntry => ({ key, deleted: true, version: { counter, nodeId } });

/** Room for two entries of 10 bytes: a key of one letter is 3, a value of five letters 7. */
const tight: StateNamespace = { maxEntries: 2, maxBytes: 20, maxValueBytes: 10 };

test.each<[string, HeldEntry[], StateEntry[], string[], [string, string][]]>([
  ['a new entry goes in', [], [value('a', 'hello')], ['a'], []],
  ['one that is known is neither news nor refused', [held('a', 'hello', 5)], [value('a', 'hello')], [], []],
  [
    'an older one is passed over, even if it could not go in',
    [held('a', 'x', 9)],
    [value('a', 'x'.repeat(50))],
    [],
    [],
  ],
  ['a value before its deletion stays away', [heldGone('a', 6)], [value('a', 'hello')], [], []],
  ['of one key the latest counts', [], [value('a', 'one', 7), value('a', 'two', 8), value('a', 'x', 6)], ['a'], []],
  ['a large value is refused', [], [value('a', '123456789')], [], [['a', 'value_too_large']]],
  ['one entry too many is refused', [held('a', ''), held('b', '')], [value('c', '')], [], [['c', 'too_many_entries']]],
  ['one byte too many is refused', [held('a', 'hello')], [value('b', 'hello!')], [], [['b', 'namespace_full']]],
  ['the last byte may be used', [held('a', 'hello')], [value('b', 'hello')], ['b'], []],
  ['a replacement counts its difference', [held('a', 'hello'), held('b', 'hello')], [value('a', 'HELLO')], ['a'], []],
  [
    'what a deletion frees is there for the others, in whatever order they come',
    [held('a', 'hello'), held('b', 'hello')],
    [value('c', 'hello'), gone('a')],
    ['a', 'c'],
    [],
  ],
  ['the deletion of what is not here is kept', [], [gone('a')], ['a'], []],
  [
    'above the last version there is none',
    [],
    [value('a', 'x', MAX_STATE_COUNTER), gone('b', MAX_STATE_COUNTER)],
    [],
    [
      ['b', 'version_out_of_bounds'],
      ['a', 'version_out_of_bounds'],
    ],
  ],
  [
    'whatever honest writers come to in a hundred years is taken, for a new key and a known one',
    [held('a', 'x')],
    [value('a', 'y', 2 ** 32), value('b', 'y', 2 ** 32)],
    ['a', 'b'],
    [],
  ],
  [
    'a version far above what is held is refused, for a new key and a known one, a value and a deletion',
    [held('a', 'x'), held('b', 'x', 2 ** 33)],
    [value('a', 'y', 2 ** 32 + 1), gone('b', 2 ** 33 + 2 ** 20 + 1), gone('c', MAX_STATE_COUNTER - 1)],
    [],
    [
      ['b', 'version_too_far_ahead'],
      ['c', 'version_too_far_ahead'],
      ['a', 'version_too_far_ahead'],
    ],
  ],
  ['a key that is there already goes on', [held('a', 'x', 2 ** 33)], [value('a', 'y', 2 ** 33 + 2 ** 20)], ['a'], []],
  [
    'what is refused takes no room',
    [held('a', 'hello')],
    [value('b', '123456789'), value('c', 'hello')],
    ['c'],
    [['b', 'value_too_large']],
  ],
])('%s', (_, entries, sent, news, refused) => {
  const namespaces = createNamespaces();
  namespaces.register('tight', tight);
  const size = {
    entries: entries.filter(({ deleted }) => !deleted).length,
    bytes: entries.reduce((sum, entry) => sum + (entry.deleted ? 0 : JSON.stringify(entry.value).length + 3), 0),
    tombstones: entries.filter(({ deleted }) => deleted).length,
  };
  const judged = judgeEntries(sent, { entries, size }, namespaces.require('tight'), sender);
  expect(judged.news.map(({ key }) => key)).toEqual(news);
  expect(judged.refused.map(({ key, reason }) => [key, reason])).toEqual(refused);
});

const nested = (levels: number): StateValue => (levels === 0 ? 1 : [nested(levels - 1)]);

test.each<[string, StateValue, boolean]>([
  ['32 levels', nested(32), true],
  ['33 levels', nested(33), false],
  ['a key that reaches a prototype', [{ a: JSON.parse('{"__proto__":1}') }], false],
  ['a key that reaches a constructor', { constructor: 1 }, false],
  ['a text that looks like one', ['constructor'], true],
])('a value with %s travels: %j', (_, content, travels) => {
  const sent: StateEntry = { key: 'a', value: content, version: { counter: 1, nodeId } };
  const nothing = { entries: [], size: { entries: 0, bytes: 0, tombstones: 0 } };
  const judged = judgeEntries([sent], nothing, createNamespaces().require('memory'), sender);
  expect(judged.refused).toEqual(travels ? [] : [{ key: 'a', reason: 'value_not_portable' }]);
});

test('a namespace that was made smaller still lets its entries shrink', () => {
  const namespaces = createNamespaces();
  namespaces.register('tight', { ...tight, maxBytes: 5 });
  const entries = [held('a', 'hello'), held('b', 'hello')];
  const judged = judgeEntries(
    [value('a', 'h'), value('b', 'helloo')],
    { entries, size: { entries: 2, bytes: 20, tombstones: 0 } },
    namespaces.require('tight'),
    sender,
  );
  expect(judged.news.map(({ key }) => key)).toEqual(['a']);
  expect(judged.refused).toEqual([{ key: 'b', reason: 'namespace_full' }]);
});

test('a namespace remembers no more deletions than its bound, and lets go what it holds even then', () => {
  const namespaces = createNamespaces();
  namespaces.register('tight', { maxEntries: 2 });
  const rules = namespaces.require('tight');
  const held19 = { entries: [held('a', 'x'), heldGone('b', 1)], size: { entries: 1, bytes: 6, tombstones: 19 } };
  const many = ['c', 'd', 'e'].map((key) => gone(key));
  const judged = judgeEntries([...many, gone('a'), value('b', 'y'), value('f', 'y')], held19, rules, sender);
  expect(judged.news.map(({ key }) => key)).toEqual(['c', 'a', 'b']);
  expect(judged.refused).toEqual(['d', 'e', 'f'].map((key) => ({ key, reason: 'too_many_tombstones' })));
  const own = judgeEntries([value('f', 'y')], { ...held19, size: { ...held19.size, tombstones: 30 } }, rules, {
    ...sender,
    isSelf: true,
  });
  expect(own.refused).toEqual([]);
});

test('a namespace says itself what it refuses, and where it fails, nothing goes in', () => {
  const namespaces = createNamespaces();
  namespaces.register('choosy', {
    refuse: ({ key }) => {
      if (key === 'b') throw new Error('stumbles');
      return key === 'a' ? 'not_this_one' : undefined;
    },
  });
  const sent = [value('a', ''), value('b', ''), value('c', '')];
  const nothing = { entries: [], size: { entries: 0, bytes: 0, tombstones: 0 } };
  const judged = judgeEntries(sent, nothing, namespaces.require('choosy'), sender);
  expect(judged.news.map(({ key }) => key)).toEqual(['c']);
  expect(judged.refused).toEqual([
    { key: 'a', reason: 'not_this_one' },
    { key: 'b', reason: 'check_failed' },
  ]);
});

test.each<[string, StateNamespace]>([
  ['Memory', {}],
  ['', {}],
  ['a b', {}],
  ['memory', { maxEntries: 0 }],
  ['memory', { maxBytes: 1.5 }],
  ['memory', { maxValueBytes: 262_145 }],
])('a namespace %j with %j cannot be registered', (name, namespace) => {
  expect(() => createNamespaces().register(name, namespace)).toThrowError(
    expect.objectContaining({ code: 'INVALID_ARGUMENT' }),
  );
});

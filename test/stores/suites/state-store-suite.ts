import { compareVersions, type StateEntry, type StateEntryView } from '@skein/contracts';
import { entryBytes, KEEP_TOMBSTONES_MS, type StateStore, type StateValue } from '@skein/swarm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateSubject } from '../subject.ts';
import { DAY_MS, MINUTE_MS, receiver as node, nodeId, sender, stranger } from './samples.ts';

const keys = ['a', 'b', 'é', '42'];

/** Values that a careless column gives back as something else. */
const values: StateValue[] = ['42', 42, null, false, 'a\0b', [], { '1': 'é', nested: [null, { deep: '"\\' }] }];

const entryOf = (key: string, counter: number, by = sender, value: StateValue = `${key}${counter}`): StateEntry => ({
  key,
  value,
  version: { counter, nodeId: by },
});
const tombstoneOf = (key: string, counter: number, by = sender): StateEntry => ({
  key,
  deleted: true,
  version: { counter, nodeId: by },
});

/** Few versions of few keys, so that they meet; also such as were given out twice, with another value. */
const entry: fc.Arbitrary<StateEntry> = fc
  .tuple(
    fc.constantFrom(...keys),
    fc.integer({ min: 1, max: 3 }),
    fc.integer({ min: 1, max: 2 }),
    fc.option(fc.constantFrom(...values)),
    fc.boolean(),
  )
  .map(([key, counter, by, value, isLive]) =>
    isLive ? entryOf(key, counter, nodeId(by), value) : tombstoneOf(key, counter, nodeId(by)),
  );

/** The whole of a copy, but for when it came to be. */
async function held(state: StateStore, namespace: string) {
  const entries = await state.findMany(node, namespace, keys);
  return entries
    .map(({ updatedAt: _, namespace: __, ...rest }) => rest)
    .toSorted((a, b) => keys.indexOf(a.key) - keys.indexOf(b.key));
}

const withoutTime = ({ updatedAt: _, ...view }: StateEntryView) => view;

export function stateStoreSuite(name: string, createSubject: CreateSubject): void {
  describe(`state store on ${name}`, () => {
    test('a value is kept as it was written, whatever JSON it is', async () => {
      await using subject = await createSubject();
      const { state, usage } = subject.stores;
      for (const [n, value] of values.entries()) {
        const view = await state.write(node, 'memory', `key ${n}`, value);
        const version = { counter: 1, nodeId: node };
        expect(withoutTime(view)).toEqual({ namespace: 'memory', key: `key ${n}`, value, deleted: false, version });
        expect(Math.abs(Date.parse(view.updatedAt) - (await usage.now()))).toBeLessThanOrEqual(subject.driftMs);
        expect(await state.find(node, 'memory', `key ${n}`)).toEqual(view);
      }
      expect((await state.list(node, 'memory')).map(({ value }) => value)).toEqual(values);
      expect((await state.changesSince(node, 'memory', 0, 10)).entries).toEqual(
        values.map((value, n) => ({ key: `key ${n}`, value, version: { counter: 1, nodeId: node } })),
      );
      await state.merge(
        node,
        'merged',
        values.map((value, n) => entryOf(`key ${n}`, 1, sender, value)),
      );
      expect((await state.list(node, 'merged')).map(({ value }) => value)).toEqual(values);
    });

    test('a write goes above every version seen of its key, and leaves a tombstone where nothing is written', async () => {
      await using subject = await createSubject();
      const { state } = subject.stores;
      await state.merge(node, 'memory', [entryOf('a', 7, stranger)]);
      expect(await state.write(node, 'memory', 'a', 1)).toMatchObject({ version: { counter: 8, nodeId: node } });
      const gone = await state.write(node, 'memory', 'a', undefined);
      expect(gone).toMatchObject({ deleted: true, version: { counter: 9, nodeId: node } });
      expect(gone).not.toHaveProperty('value');
      expect(await state.find(node, 'memory', 'a')).toEqual(gone);
      expect(await state.findMany(node, 'memory', ['b', 'a', 'a'])).toEqual([gone]);
      expect(await state.findMany(node, 'memory', [])).toEqual([]);
      expect(await state.list(node, 'memory')).toEqual([]);
      expect(await state.write(node, 'memory', 'a', 2)).toMatchObject({ value: 2, version: { counter: 10 } });
      expect(await state.write(node, 'memory', 'b', undefined)).toMatchObject({
        deleted: true,
        version: { counter: 1 },
      });
    });

    test('a key that was pushed to the highest version can still be written', async () => {
      await using subject = await createSubject();
      const { state } = subject.stores;
      await state.merge(node, 'memory', [entryOf('a', 2 ** 48 - 1, stranger)]);
      for (const value of [1, 2]) {
        expect(await state.write(node, 'memory', 'a', value)).toMatchObject({ value, version: { counter: 2 ** 48 } });
      }
      expect((await state.changesSince(node, 'memory', 1, 10)).entries).toMatchObject([{ key: 'a', value: 2 }]);
    });

    test('a merge takes over what is later, and says what that was', async () => {
      await using subject = await createSubject();
      const { state } = subject.stores;
      expect(await state.merge(node, 'memory', [])).toEqual({ merged: [], revision: 0 });
      const first = [entryOf('a', 2), entryOf('b', 2), tombstoneOf('é', 2)];
      expect(await state.merge(node, 'memory', first)).toEqual({ merged: ['a', 'b', 'é'], revision: 3 });
      expect(await state.merge(node, 'memory', first)).toEqual({ merged: [], revision: 3 });
      const second = [
        entryOf('a', 1, stranger),
        entryOf('b', 2, stranger),
        entryOf('é', 3),
        entryOf('42', 1),
        entryOf('42', 4),
      ];
      expect(await state.merge(node, 'memory', second)).toEqual({ merged: ['b', 'é', '42'], revision: 6 });
      expect(await held(state, 'memory')).toEqual([
        { ...entryOf('a', 2), deleted: false },
        { ...entryOf('b', 2, stranger), deleted: false },
        { ...entryOf('é', 3), deleted: false },
        { ...entryOf('42', 4), deleted: false },
      ]);
    });

    test("each node's copy of a namespace is its own", async () => {
      await using subject = await createSubject();
      const { state } = subject.stores;
      await state.write(node, 'memory', 'a', 1);
      expect(await state.find(stranger, 'memory', 'a')).toBeUndefined();
      expect(await state.find(node, 'skills', 'a')).toBeUndefined();
      expect(await state.changesSince(stranger, 'memory', 0, 10)).toEqual({ entries: [], cursor: 0, more: false });
      expect(await state.merge(stranger, 'memory', [entryOf('a', 1)])).toEqual({ merged: ['a'], revision: 1 });
    });

    test('entries are listed in the order of their keys, byte by byte', async () => {
      await using subject = await createSubject();
      const { state } = subject.stores;
      const ordered = ['A', 'Z', 'a', 'a b', 'ab', 'é', '\uffee', '😀'];
      for (const key of ordered.toReversed()) await state.write(node, 'memory', key, 1);
      expect((await state.list(node, 'memory')).map(({ key }) => key)).toEqual(ordered);
    });

    test('the same entries make the same state, in any order, in any parcels, however often', async () => {
      await using subject = await createSubject();
      const { state } = subject.stores;
      let run = 0;
      const entries = fc.array(entry, { maxLength: 10 });
      const twoOrders = entries.chain((all) => {
        const order = fc.shuffledSubarray([...all, ...all, ...all], { minLength: all.length * 3 });
        return fc.tuple(fc.constant(all), order, fc.integer({ min: 1, max: 4 }), fc.boolean());
      });
      await fc.assert(
        fc.asyncProperty(twoOrders, async ([all, order, parcel, atOnce]) => {
          run += 1;
          const parcels = Array.from({ length: Math.ceil(order.length / parcel) }, (_, n) =>
            order.slice(n * parcel, (n + 1) * parcel),
          );
          await state.merge(node, `one${run}`, all);
          const merge = (some: StateEntry[]) => state.merge(node, `other${run}`, some);
          if (atOnce) await Promise.all(parcels.map(merge));
          else for (const some of parcels) await merge(some);
          const copy = await held(state, `one${run}`);
          expect(await held(state, `other${run}`)).toEqual(copy);
          for (const { key, version } of copy) {
            const versions = all.filter((each) => each.key === key).map((each) => each.version);
            expect(versions.every((each) => compareVersions(version, each) >= 0)).toBe(true);
          }
          // What one tells the other changes nothing any more.
          const told = await state.changesSince(node, `one${run}`, 0, 100);
          expect((await merge(told.entries)).merged).toEqual([]);
        }),
        { numRuns: 20 },
      );
    });

    test('writers at once make as many versions, each with a revision of its own', async () => {
      await using subject = await createSubject();
      const { state } = subject.stores;
      const written = await Promise.all(Array.from({ length: 16 }, (_, n) => state.write(node, 'memory', 'a', n)));
      const counters = written.map(({ version }) => version.counter).toSorted((a, b) => a - b);
      expect(counters).toEqual(Array.from({ length: 16 }, (_, n) => n + 1));
      const last = written.find(({ version }) => version.counter === 16);
      expect(await state.find(node, 'memory', 'a')).toEqual(last);
      expect(await state.changesSince(node, 'memory', 0, 10)).toMatchObject({ cursor: 16, more: false });
    });

    test('changes are told in the order of their revisions, a page at a time, tombstones too', async () => {
      await using subject = await createSubject();
      const { state } = subject.stores;
      for (const key of ['c', 'a', 'b']) await state.write(node, 'memory', key, key);
      await state.write(node, 'memory', 'c', undefined);
      const [a, b, c] = [entryOf('a', 1, node, 'a'), entryOf('b', 1, node, 'b'), tombstoneOf('c', 2, node)];
      expect(await state.changesSince(node, 'memory', 0, 10)).toEqual({ entries: [a, b, c], cursor: 4, more: false });
      expect(await state.changesSince(node, 'memory', 0, 2)).toEqual({ entries: [a, b], cursor: 3, more: true });
      expect(await state.changesSince(node, 'memory', 3, 1)).toEqual({ entries: [c], cursor: 4, more: false });
      expect(await state.changesSince(node, 'memory', 4, 1)).toEqual({ entries: [], cursor: 4, more: false });
    });

    test('who follows the changes while many write misses none', async () => {
      await using subject = await createSubject();
      const { state } = subject.stores;
      const names = Array.from({ length: 6 }, (_, n) => `key ${n}`);
      let writing = true;
      const copy = new Map<string, StateEntry>();
      async function follow() {
        for (let cursor = 0, last = false; !last; ) {
          last = !writing;
          const changes = await state.changesSince(node, 'memory', cursor, 3);
          for (const each of changes.entries) copy.set(each.key, each);
          cursor = changes.cursor;
          if (changes.more) last = false;
        }
      }
      const followed = follow();
      await Promise.all(
        names.map(async (key, n) => {
          for (let time = 0; time < 8; time += 1)
            if ((time + n) % 2) await state.write(node, 'memory', key, time);
            else
              await state.merge(
                node,
                'memory',
                names.map((each) => entryOf(each, time * 3 + n, nodeId(n))),
              );
        }),
      );
      writing = false;
      await followed;
      const all = await state.changesSince(node, 'memory', 0, 100);
      expect(all.entries).toHaveLength(names.length);
      for (const each of all.entries) expect(copy.get(each.key)).toEqual(each);
    });

    test('the size of a namespace is that of its live entries', async () => {
      await using subject = await createSubject();
      const { state } = subject.stores;
      expect(await state.size(node, 'memory')).toEqual({ entries: 0, bytes: 0, tombstones: 0 });
      await state.write(node, 'memory', 'é', { a: '😀' });
      await state.merge(node, 'memory', [entryOf('b', 1, sender, null), tombstoneOf('c', 1)]);
      const bytes = entryBytes('é', { a: '😀' }) + entryBytes('b', null);
      expect(await state.size(node, 'memory')).toEqual({ entries: 2, bytes, tombstones: 1 });
      await state.write(node, 'memory', 'é', undefined);
      expect(await state.size(node, 'memory')).toEqual({ entries: 1, bytes: entryBytes('b', null), tombstones: 2 });
    });

    test('tombstones of a week ago are forgotten, and no entry that lives', async () => {
      await using subject = await createSubject();
      const { state } = subject.stores;
      await state.merge(node, 'memory', [tombstoneOf('a', 1), tombstoneOf('b', 1), entryOf('é', 1)]);
      await state.merge(stranger, 'memory', [tombstoneOf('a', 1)]);
      await subject.advance(KEEP_TOMBSTONES_MS - DAY_MS);
      await state.write(node, 'memory', 'b', 1);
      await state.write(node, 'skills', '42', undefined);
      expect(await state.purge(node)).toBe(0);
      await subject.advance(DAY_MS + MINUTE_MS);
      expect(await state.purge(node)).toBe(1);
      expect(await state.purge(node)).toBe(0);
      expect((await held(state, 'memory')).map(({ key }) => key)).toEqual(['b', 'é']);
      expect(await state.find(stranger, 'memory', 'a')).toMatchObject({ deleted: true });
      expect(await state.find(node, 'skills', '42')).toMatchObject({ deleted: true });
    });
  });
}

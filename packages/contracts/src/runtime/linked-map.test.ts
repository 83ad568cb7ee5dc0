import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LinkedMap } from './linked-map.ts';

const names = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const steps = fc.array(
  fc.oneof(
    fc.record({ act: fc.constant('add' as const), name: names }),
    fc.record({ act: fc.constant('delete' as const), name: names }),
    fc.constant({ act: 'take' as const }),
  ),
  { maxLength: 200 },
);

test('the oldest goes first, whatever was taken, deleted and added again before', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const map = new LinkedMap<string>();
      let expected: string[] = [];
      for (const step of taken) {
        if (step.act === 'take') {
          expect(map.takeOldest()).toBe(expected.shift());
        } else if (step.act === 'delete') {
          map.delete(step.name);
          expected = expected.filter((name) => name !== step.name);
        } else {
          map.set(step.name, step.name);
          expected = [...expected.filter((name) => name !== step.name), step.name];
        }
        expect([...map.values()]).toEqual(expected);
        expect(map.size).toBe(expected.length);
      }
    }),
  );
});

/** Adds and takes away many, and tells of the first ones without holding on to them. */
function passThrough(map: LinkedMap<object>): WeakRef<object>[] {
  const refs: WeakRef<object>[] = [];
  for (let n = 0; n < 10_000; n += 1) {
    const value = { n };
    if (n < 100) refs.push(new WeakRef(value));
    map.set(`${n}`, value);
    if (n % 2 === 0) map.delete(`${n}`);
    else map.takeOldest();
  }
  return refs;
}

test('what was taken away is held on to by nobody', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void; // the flag's own function
  const map = new LinkedMap<object>();
  const refs = passThrough(map);
  await new Promise((resolve) => setImmediate(resolve)); // within one turn references stay
  collect();
  expect(refs.filter((ref) => ref.deref() !== undefined)).toEqual([]);
  expect(map.size).toBe(0);
});

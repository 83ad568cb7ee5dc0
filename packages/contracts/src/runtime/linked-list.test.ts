import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LinkedList, type Place } from './linked-list.ts';

const steps = fc.array(
  fc.oneof(fc.constant({ act: 'add' as const }), fc.record({ act: fc.constant('remove' as const), at: fc.nat(20) })),
  { maxLength: 200 },
);

test('it holds what a Set would, in its order, however often something is taken out', () => {
  fc.assert(
    fc.property(steps, (taken) => {
      const list = new LinkedList<{ n: number }>();
      const expected = new Set<{ n: number }>();
      const places: { value: { n: number }; place: Place<{ n: number }> }[] = [];
      for (const step of taken) {
        if (step.act === 'add') {
          const value = { n: places.length };
          places.push({ value, place: list.add(value) });
          expected.add(value);
        } else {
          const chosen = places[step.at];
          if (!chosen) continue;
          list.remove(chosen.place);
          expected.delete(chosen.value);
          expect(chosen.place.value).toBeUndefined();
        }
        expect(list.values()).toEqual([...expected]);
        expect(list.size).toBe(expected.size);
        expect(list.first?.value).toBe([...expected][0]);
      }
    }),
  );
});

test('a place of another list takes nothing out', () => {
  const [one, other] = [new LinkedList<object>(), new LinkedList<object>()];
  const place = one.add({});
  other.add({});
  other.remove(place);
  expect([one.size, other.size]).toEqual([1, 1]);
});

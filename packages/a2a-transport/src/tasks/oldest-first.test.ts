import fc from 'fast-check';
import { expect, test } from 'vitest';
import { OldestFirst } from './oldest-first.ts';

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
      const queue = new OldestFirst<string>();
      let expected: string[] = [];
      for (const step of taken) {
        if (step.act === 'take') {
          expect(queue.takeOldest()).toBe(expected.shift());
        } else if (step.act === 'delete') {
          queue.delete(step.name);
          expected = expected.filter((name) => name !== step.name);
        } else {
          queue.add(step.name, step.name);
          if (!expected.includes(step.name)) expected.push(step.name);
        }
        expect([...queue.values()]).toEqual(expected);
        expect(queue.size).toBe(expected.length);
      }
    }),
  );
});

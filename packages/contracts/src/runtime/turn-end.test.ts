import { expect, test } from 'vitest';
import { createTurnEnd } from './turn-end.ts';

/** A loop that turns when the test says so. */
function createLoop() {
  let due: (() => void)[] = [];
  return {
    soon: (act: () => void) => void due.push(act),
    turn() {
      const now = due;
      due = [];
      for (const act of now) act();
      return due.length;
    },
  };
}

test('the acts of one turn are done in their order at its end, and those that they ask for at the next', () => {
  const loop = createLoop();
  const atTurnEnd = createTurnEnd(loop.soon);
  const done: string[] = [];
  atTurnEnd(() => {
    done.push('a');
    atTurnEnd(() => done.push('c'));
  });
  atTurnEnd(() => done.push('b'));
  expect(done).toEqual([]);
  expect(loop.turn()).toBe(1);
  expect(done).toEqual(['a', 'b']);
  expect(loop.turn()).toBe(0);
  expect(done).toEqual(['a', 'b', 'c']);
});

test('an act that throws takes none of the others with it', () => {
  const loop = createLoop();
  const atTurnEnd = createTurnEnd(loop.soon);
  const done: string[] = [];
  atTurnEnd(() => done.push('a'));
  atTurnEnd(() => {
    throw new Error('b fails');
  });
  atTurnEnd(() => done.push('c'));
  expect(() => loop.turn()).toThrow('b fails');
  expect(loop.turn()).toBe(0);
  expect(done).toEqual(['a', 'c']);
});

import { createFakeClock } from '@skein/contracts/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FairTurns } from './fair-turns.ts';

test('an owner has at most its own number of turns at once, all together have at most theirs, and nothing stays', async () => {
  const plan = fc.array(fc.record({ owner: fc.nat(5), ms: fc.nat(20), fails: fc.boolean() }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(plan, async (all) => {
      const clock = createFakeClock();
      const turns = new FairTurns({ concurrency: 5, perOwner: 2 });
      const running: number[] = [];
      const taken = all.map(({ owner, ms, fails }) =>
        turns.take(`${owner}`, async () => {
          running.push(owner);
          expect(running.length).toBeLessThanOrEqual(5);
          expect(running.filter((each) => each === owner).length).toBeLessThanOrEqual(2);
          await clock.sleep(ms);
          running.splice(running.indexOf(owner), 1);
          if (fails) throw new Error('no');
        }),
      );
      const ended = Promise.allSettled(taken);
      await clock.advance(20 * 60 + 1);
      expect((await ended).map(({ status }) => status)).toEqual(
        all.map(({ fails }) => (fails ? 'rejected' : 'fulfilled')),
      );
      expect(turns.owners).toBe(0);
    }),
  );
});

test('where every place is taken, the next is for an owner that has none', async () => {
  const clock = createFakeClock();
  const turns = new FairTurns({ concurrency: 4, perOwner: 2 });
  const began: string[] = [];
  const take = (owner: string) =>
    turns.take(owner, async () => {
      began.push(owner);
      await clock.sleep(10);
    });
  const all = ['a', 'a', 'a', 'b', 'b', 'c', 'c', 'd'].map(take);
  await clock.advance(9);
  expect(began).toEqual(['a', 'a', 'b', 'b']);
  await clock.advance(1);
  expect(began.slice(4, 6)).toEqual(['c', 'd']);
  await clock.advance(20);
  await Promise.all(all);
});

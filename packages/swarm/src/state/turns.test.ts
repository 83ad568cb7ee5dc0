import { expect, test } from 'vitest';
import { createTurns } from './turns.ts';

test('turns of one name come one after the other, those of another name at once', async () => {
  const turns = createTurns();
  const order: string[] = [];
  const first = await turns.take('a');
  const waiting = ['second', 'third'].map(async (who) => {
    const passOn = await turns.take('a');
    order.push(who);
    passOn();
    passOn(); // twice is as good as once
  });
  (await turns.take('b'))();
  expect(order).toEqual([]);
  first();
  await Promise.all(waiting);
  expect(order).toEqual(['second', 'third']);
});

test('whoever gives up waiting keeps nobody else from the turn', async () => {
  const turns = createTurns();
  const first = await turns.take('a');
  const givingUp = new AbortController();
  const second = turns.take('a', givingUp.signal);
  const third = turns.take('a');
  givingUp.abort(new Error('no time'));
  await expect(second).rejects.toThrow('no time');
  first();
  (await third)();
  await expect(turns.take('a', givingUp.signal)).rejects.toThrow('no time');
  (await turns.take('a'))();
});

import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { paceNews } from './paced-news.ts';

interface News {
  a: number;
  b: string;
}

test('the first is told at once, what follows is told together, and the last is never lost', async () => {
  const clock = createFakeClock(0);
  const heard: unknown[] = [];
  const paced = paceNews<News>({ clock, intervalMs: 100 }, (news) => heard.push([clock.now(), news]));
  paced.tell({ a: 1 });
  paced.tell({ b: 'x' });
  paced.tell({ a: 2 });
  await clock.advance(500);
  paced.tell({ a: 3 });
  paced.tell({ a: 4 });
  paced.close();
  paced.close();
  paced.tell({ a: 5 });
  expect(heard).toEqual([
    [0, { a: 1 }],
    [100, { a: 2, b: 'x' }],
    [500, { a: 3 }],
    [500, { a: 4 }],
  ]);
  await clock.advance(500);
  expect([heard.length, clock.sleeping]).toEqual([4, 0]);
});

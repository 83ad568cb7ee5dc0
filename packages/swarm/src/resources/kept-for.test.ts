import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { keptFor } from './kept-for.ts';

test('a reading is shared for its moment, and a failure is not kept', async () => {
  const clock = createFakeClock();
  let readings = 0;
  const read = keptFor(clock, 1_000, async () => {
    readings += 1;
    if (readings === 1) throw new Error('not now');
    return readings;
  });
  await expect(read()).rejects.toThrow('not now');
  expect(await Promise.all([read(), read()])).toEqual([2, 2]);
  await clock.advance(999);
  expect(await read()).toBe(2);
  await clock.advance(1);
  expect(await read()).toBe(3);
});

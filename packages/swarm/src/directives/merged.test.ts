import fc from 'fast-check';
import { expect, test } from 'vitest';
import { merged } from './merged.ts';

async function* of<T>(items: readonly T[]): AsyncGenerator<T, void, void> {
  for (const item of items) {
    await Promise.resolve();
    yield item;
  }
}

test('every item of every stream comes once, and those of one stream in their order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(fc.nat(), { maxLength: 6 }), { maxLength: 6 }), async (lists) => {
      const heard: [number, number][] = [];
      const streams = lists.map((list, index) => of(list.map((item): [number, number] => [index, item])));
      for await (const item of merged(streams)) heard.push(item);
      lists.forEach((list, index) => {
        expect(heard.filter(([from]) => from === index).map(([, item]) => item)).toEqual(list);
      });
      expect(heard).toHaveLength(lists.flat().length);
    }),
  );
});

test('a failure of one fails the whole, and the others are closed', async () => {
  let closed = false;
  async function* patient() {
    try {
      for (;;) {
        await Promise.resolve();
        yield 'more';
      }
    } finally {
      closed = true;
    }
  }
  // biome-ignore lint/correctness/useYield: it fails before it has anything to say
  async function* failing(): AsyncGenerator<string, void, void> {
    await Promise.resolve();
    throw new Error('broken');
  }
  const read = async () => {
    for await (const _ of merged([patient(), failing()]));
  };
  await expect(read()).rejects.toThrow('broken');
  await Promise.resolve();
  await Promise.resolve();
  expect(closed).toBe(true);
});

test('whoever leaves early closes all', async () => {
  const closed: string[] = [];
  async function* named(name: string) {
    try {
      for (;;) {
        await Promise.resolve();
        yield name;
      }
    } finally {
      closed.push(name);
    }
  }
  for await (const _ of merged([named('a'), named('b')])) break;
  await new Promise((resolve) => setImmediate(resolve));
  expect(closed.toSorted()).toEqual(['a', 'b']);
});

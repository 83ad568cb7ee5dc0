import { expect, test } from 'vitest';
import { createCoalescer } from './coalesce.ts';

/** A write that ends when the test says so, and what was written together. */
function createWriter() {
  const flights: { items: string[]; end(cause?: Error): void }[] = [];
  const write = (items: readonly string[]) =>
    new Promise<string[]>((resolve, reject) => {
      const end = (cause?: Error) => (cause ? reject(cause) : resolve(items.map((item) => item.toUpperCase())));
      flights.push({ items: [...items], end });
    });
  return { flights, write, carried: () => flights.map(({ items }) => items.join('')) };
}

const isOutage = (cause: unknown) => cause instanceof Error && cause.message === 'outage';
/** A clock on which nobody waits to the end, unless the test says so. */
function createWaits() {
  const waits: { ms: number; end(): void }[] = [];
  return { waits, sleep: (ms: number) => new Promise<void>((end) => waits.push({ ms, end })) };
}
const deps = { keyOf: (item: string) => item.toLowerCase(), sizeOf: () => 10, clock: createWaits(), isOutage };
/** What is ready has left, and so has what that made ready. */
const soon = async () => {
  for (let turn = 0; turn < 2; turn += 1) await new Promise((resolve) => setImmediate(resolve));
};

test('what comes at one moment leaves together, and what comes meanwhile follows together', async () => {
  const { flights, write, carried } = createWriter();
  const store = createCoalescer({ ...deps, write }, { maxFlights: 1 });
  const first = ['a', 'b'].map(store);
  await soon();
  const second = ['c', 'd', 'e'].map(store);
  await soon();
  expect(carried()).toEqual(['ab']);
  flights[0]?.end();
  expect(await Promise.all(first)).toEqual(['A', 'B']);
  await soon();
  expect(carried()).toEqual(['ab', 'cde']);
  flights[1]?.end();
  expect(await Promise.all(second)).toEqual(['C', 'D', 'E']);
});

test('what comes while others are on their way leaves when it is as many, or when they have arrived', async () => {
  const { flights, write, carried } = createWriter();
  const store = createCoalescer({ ...deps, write }, { maxFlights: 2 });
  const all = [...'abc'].map(store);
  await soon();
  all.push(...[...'de'].map(store));
  await soon();
  expect(carried()).toEqual(['abc']);
  all.push(store('f'));
  await soon();
  expect(carried()).toEqual(['abc', 'def']);
  all.push(store('g'));
  flights[1]?.end();
  await soon();
  expect(carried()).toEqual(['abc', 'def']);
  flights[0]?.end();
  await soon();
  expect(carried()).toEqual(['abc', 'def', 'g']);
  flights[2]?.end();
  expect((await Promise.all(all)).join('')).toBe('ABCDEFG');
});

test('what waits for company beside a slow flight leaves after a few milliseconds all the same', async () => {
  const { flights, write, carried } = createWriter();
  const clock = createWaits();
  const store = createCoalescer({ ...deps, clock, write }, { maxFlights: 2 });
  const all = [...'abc'].map(store);
  await soon();
  all.push(store('d'));
  await soon();
  all.push(store('e'));
  await soon();
  expect(carried()).toEqual(['abc']);
  expect(clock.waits.map(({ ms }) => ms)).toEqual([5]);
  clock.waits[0]?.end();
  await soon();
  expect(carried()).toEqual(['abc', 'de']);
  for (const { end } of flights) end();
  expect((await Promise.all(all)).join('')).toBe('ABCDE');
});

test('a flight whose entries are tried one by one holds nobody back', async () => {
  const { flights, write, carried } = createWriter();
  const store = createCoalescer({ ...deps, write }, { maxFlights: 2 });
  const all = [...'abc'].map(store);
  await soon();
  flights[0]?.end(new Error('one of them is refused'));
  await soon();
  all.push(store('d'));
  await soon();
  expect(carried()).toEqual(['abc', 'a', 'd']);
  for (const at of [1, 2, 3, 4]) {
    flights[at]?.end();
    await soon();
  }
  expect((await Promise.all(all)).join('')).toBe('ABCD');
});

test('no more flights than allowed, and no more on one than fits', async () => {
  const { flights, write, carried } = createWriter();
  const store = createCoalescer({ ...deps, write }, { maxFlights: 2, maxItems: 3, maxBytes: 20 });
  const all = [...'abcdefg'].map(store);
  await soon();
  expect(carried()).toEqual(['ab', 'cd']);
  for (let n = 0; n < 4; n += 1) {
    flights[n]?.end();
    await soon();
  }
  expect(carried()).toEqual(['ab', 'cd', 'ef', 'g']);
  expect((await Promise.all(all)).join('')).toBe('ABCDEFG');
});

test('one that is larger than a flight travels alone', async () => {
  const { write, carried } = createWriter();
  const store = createCoalescer({ ...deps, write, sizeOf: (item) => (item === 'b' ? 100 : 1) }, { maxBytes: 20 });
  for (const item of 'abc') void store(item);
  await soon();
  expect(carried()).toEqual(['ac', 'b']);
});

test('two of one key keep their order, whatever travels beside them', async () => {
  const { flights, write, carried } = createWriter();
  const store = createCoalescer({ ...deps, write }, { maxFlights: 2 });
  const all = ['a', 'b', 'A', 'a', 'c'].map(store);
  await soon();
  expect(carried()).toEqual(['abc']);
  flights[0]?.end();
  await soon();
  expect(carried()).toEqual(['abc', 'A']);
  flights[1]?.end();
  await soon();
  expect(carried()).toEqual(['abc', 'A', 'a']);
  flights[2]?.end();
  expect(await Promise.all(all)).toHaveLength(5);
});

test('after a failure each is tried alone, so that it rejects only who is to blame', async () => {
  const write = async (items: readonly string[]) => {
    if (items.includes('b')) throw new Error('b is refused');
    return items;
  };
  const store = createCoalescer({ ...deps, write });
  const outcomes = await Promise.allSettled(['a', 'b', 'c'].map(store));
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});

test('an outage is told to all, and nobody is tried again', async () => {
  const { flights, write, carried } = createWriter();
  const store = createCoalescer({ ...deps, write });
  const all = Promise.allSettled(['a', 'b'].map(store));
  await soon();
  flights[0]?.end(new Error('outage'));
  expect((await all).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(carried()).toEqual(['ab']);
});

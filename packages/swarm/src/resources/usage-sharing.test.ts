import type { Usage } from '@skein/contracts';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { databaseIdNo, nodeIdNo, used } from '../testing/fleet-examples.ts';
import { createInMemoryUsageLedger } from './in-memory-usage-ledger.ts';
import { HOUR_MS } from './usage-ledger.ts';
import { copyUsage, createUsageTeller } from './usage-sharing.ts';

const node = nodeIdNo(0);

function twoLedgers() {
  const clock = createFakeClock();
  const home = createInMemoryUsageLedger({ clock, databaseId: async () => databaseIdNo(0) });
  const seed = createInMemoryUsageLedger({ clock, databaseId: async () => databaseIdNo(1) });
  const use = (tokensIn: number) => home.record(node, [{ runId: 'run', usage: used({ tokensIn }) }]);
  const teller = createUsageTeller(home, node);
  /** One beat: what it carried, by the tokens of each hour. */
  const beat = async (isAnswered = true) => {
    const news = await teller.news();
    if (news && isAnswered) {
      await copyUsage(seed, node, news.series);
      news.heard();
    }
    return news?.series.hours.map(({ usage }) => usage.tokensIn);
  };
  return { clock, home, seed, use, teller, beat };
}

test('a beat carries the hours that changed since the last answered one, and nothing where none did', async () => {
  const { clock, home, seed, use, beat } = twoLedgers();
  expect(await beat()).toBeUndefined();
  await use(5);
  expect(await beat(false)).toEqual([5]);
  expect(await beat()).toEqual([5]);
  expect(await beat()).toBeUndefined();
  await use(6);
  await clock.advance(HOUR_MS);
  await use(10);
  expect(await beat()).toEqual([6, 4]);
  expect(await beat()).toBeUndefined();
  expect(await seed.hours(0)).toEqual(await home.hours(0));
});

test('a seed that may have lost what it was told is told the last day anew', async () => {
  const { clock, use, teller, beat } = twoLedgers();
  await use(1);
  await beat();
  await clock.advance(30 * HOUR_MS);
  await use(3);
  await beat();
  teller.forget();
  expect(await beat()).toEqual([2]);
});

test('what changed in an hour after it was told is told in the next one', async () => {
  const { clock, use, beat } = twoLedgers();
  await clock.advance(HOUR_MS - 1_000);
  await use(1);
  await beat();
  await use(2);
  await clock.advance(2_000);
  expect(await beat()).toEqual([2]);
});

test.each([
  ['in the middle of an hour', HOUR_MS / 2],
  ['two hours ahead', 2 * HOUR_MS],
  ['older than any report tells', -26 * HOUR_MS],
])('an hour %s is not taken in', async (_which, offsetMs) => {
  const { clock, seed } = twoLedgers();
  const at = (ms: number) => ({ hour: new Date(clock.now() + ms).toISOString(), usage: used({ tokensIn: 1 }) });
  await copyUsage(seed, node, { databaseId: databaseIdNo(0), hours: [at(offsetMs), at(0)] });
  expect(await seed.hours(0)).toEqual([{ nodeId: node, hours: [at(0)] }]);
});

test.each([Number.MAX_SAFE_INTEGER + 1, 2 ** 63, 1e300, Number.POSITIVE_INFINITY, Number.NaN, -1, 0.5])(
  'an hour with the figure %j is passed over, and the others of its series are taken in',
  async (cpuMs) => {
    const { clock, seed } = twoLedgers();
    const at = (hours: number, usage: Usage) => ({
      hour: new Date(clock.now() + hours * HOUR_MS).toISOString(),
      usage,
    });
    const fine = at(0, used({ tokensIn: 1 }));
    await copyUsage(seed, node, { databaseId: databaseIdNo(0), hours: [at(-1, used({ cpuMs })), fine] });
    expect(await seed.hours(0)).toEqual([{ nodeId: node, hours: [fine] }]);
  },
);

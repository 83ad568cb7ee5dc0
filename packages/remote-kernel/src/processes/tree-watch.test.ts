import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createMemoryProcessTable } from './memory-process-table.ts';
import { createTreeWatch, defaultCadence, nextLookMs, type TreeFigures } from './tree-watch.ts';

test.each([
  ['a new run is looked at often', 0, 1, 20],
  ['also where looking costs nothing', 0, 0, 10],
  ['less often when it grows older', 300, 1, 150],
  ['and seldom in the end', 60_000, 1, 500],
  ['never so often that looking takes more than its share', 60_000, 40, 800],
  ['but a young run is not lost for one slow look', 150, 40, 300],
])('%s', (_name, youngestMs, lookCostMs, waitMs) => {
  expect(nextLookMs(youngestMs, lookCostMs, defaultCadence)).toBe(waitMs);
});

function setUp() {
  const clock = createFakeClock();
  const table = createMemoryProcessTable();
  let looks = 0;
  const counted = {
    ...table,
    pids: () => {
      looks += 1;
      return table.pids();
    },
    reapedCpuMs: () => table.reaped,
  };
  const claimedRunId = (marker: string) => marker;
  const watch = createTreeWatch({ clock, table: counted, claimedRunId }, { cores: 2 });
  return { clock, table, watch, looks: () => looks };
}
const nobody = () => {};

test('one look serves all runs, often at first and seldom later', async () => {
  const { clock, table, watch, looks } = setUp();
  for (const pid of [10, 20, 30]) {
    table.add({ pid });
    watch.watch(`run-${pid}`, pid, nobody);
  }
  await clock.advance(100);
  expect(looks()).toBeGreaterThanOrEqual(5);
  expect(looks()).toBeLessThanOrEqual(8);
  await clock.advance(60_000);
  const before = looks();
  await clock.advance(10_000);
  expect(looks() - before).toBe(20);
});

test('a new run is looked at soon, though an old one was not due', async () => {
  const { clock, table, watch, looks } = setUp();
  table.add({ pid: 10 });
  watch.watch('old', 10, nobody);
  await clock.advance(60_000);
  const before = looks();
  table.add({ pid: 20 });
  watch.watch('new', 20, nobody);
  await clock.advance(10);
  expect(looks() - before).toBeGreaterThanOrEqual(1);
});

test('when no run is left, nobody looks and nothing sleeps', async () => {
  const { clock, table, watch, looks } = setUp();
  table.add({ pid: 10 });
  watch.watch('run', 10, nobody);
  await clock.advance(1_000);
  watch.unwatch('run');
  await clock.advance(1_000);
  const before = looks();
  await clock.advance(10_000);
  expect(looks()).toBe(before);
  expect(clock.sleeping).toBe(0);
  watch.watch('run', 10, nobody);
  await clock.advance(1_000);
  expect(looks()).toBeGreaterThan(before);
});

test('figures are those of the whole tree, and a peak stays', async () => {
  const { clock, table, watch } = setUp();
  table.add({ pid: 10, ownCpuMs: 30, residentBytes: 100, peakResidentBytes: 150 });
  const heard: TreeFigures[] = [];
  watch.watch('run', 10, (figures) => heard.push(figures));
  expect(heard[0]).toMatchObject({ cpuMs: 30, memoryBytes: 100, peakMemoryBytes: 150 });
  table.add({ pid: 11, parentPid: 10, ownCpuMs: 5, residentBytes: 70, peakResidentBytes: 70 });
  await clock.advance(10);
  expect(heard.at(-1)).toMatchObject({ cpuMs: 35, memoryBytes: 170, peakMemoryBytes: 220 });
  table.processes.delete(11);
  await clock.advance(100);
  expect(heard.at(-1)).toMatchObject({ cpuMs: 35, memoryBytes: 100, peakMemoryBytes: 220 });
});

test('what a root used after the last look is learned from what the node was charged for it', async () => {
  const { clock, table, watch } = setUp();
  table.reaped = 1_000; // children of before
  table.add({ pid: 10, ownCpuMs: 10 });
  table.add({ pid: 20, ownCpuMs: 10 });
  watch.watch('first', 10, nobody);
  watch.watch('second', 20, nobody);
  await clock.advance(300);
  table.processes.clear();
  table.reaped += 420;
  const ended = Promise.all([watch.rootEnded('first'), watch.rootEnded('second')]);
  await clock.advance(0);
  await ended;
  const sum = watch.figures('first').cpuMs + watch.figures('second').cpuMs;
  expect(sum).toBeGreaterThan(20);
  expect(sum).toBeLessThanOrEqual(420);
  expect(watch.figures('first').cpuMs).toBe(watch.figures('second').cpuMs);
});

test('a root that was seen, and reaped, is counted once', async () => {
  const { clock, table, watch } = setUp();
  table.add({ pid: 10, ownCpuMs: 500 });
  table.add({ pid: 11, parentPid: 10, ownCpuMs: 100 });
  watch.watch('run', 10, nobody);
  await clock.advance(1_000);
  table.processes.clear();
  table.reaped = 600;
  const ended = watch.rootEnded('run');
  watch.look();
  await ended;
  expect(watch.figures('run').cpuMs).toBe(600);
});

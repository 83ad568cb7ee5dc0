import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { ProcessStat } from './process-table.ts';
import { newTreeCpu, shareReaped, treeCpuAfter, treeCpuMs, treePeakBytes } from './tree-usage.ts';

describe('memory', () => {
  test.each([
    [[], 0],
    [[[10, 10]], 10],
    [[[10, 64]], 64],
    [
      [
        [10, 30],
        [20, 25],
      ],
      50,
    ], // one peak at a time: 30 + 20
  ] as [number[][], number][])('of %j is %i', (members, bytes) => {
    const processes = members.map(([residentBytes = 0, peakResidentBytes = 0]) => ({
      residentBytes,
      peakResidentBytes,
    }));
    expect(treePeakBytes(processes)).toBe(bytes);
  });
});

const stat = (pid: number, parentPid: number, ownCpuMs: number, reapedCpuMs = 0): ProcessStat => ({
  pid,
  parentPid,
  groupId: 1,
  sessionId: 1,
  startTicks: 1,
  ended: false,
  name: 'p',
  ownCpuMs,
  reapedCpuMs,
});

/** Looks follow each other; the answer is the time after each. */
const timesAfter = (...looks: ProcessStat[][]) => {
  let cpu = newTreeCpu(undefined, 10);
  return looks.map((members) => {
    cpu = treeCpuAfter(cpu, members);
    return treeCpuMs(cpu);
  });
};

describe('cpu time', () => {
  test('a child that came and went between two looks is in what its parent reaped', () => {
    expect(timesAfter([stat(10, 1, 5)], [stat(10, 1, 5, 300)])).toEqual([5, 305]);
  });

  test('a child that was seen and reaped is counted once', () => {
    expect(timesAfter([stat(10, 1, 5), stat(20, 10, 100)], [stat(10, 1, 5, 120)])).toEqual([105, 125]);
  });

  test('a grandchild and its parent that ended together are counted once', () => {
    const before = [stat(10, 1, 0), stat(20, 10, 10), stat(30, 20, 100)];
    expect(timesAfter(before, [stat(10, 1, 0, 115)])).toEqual([110, 115]);
  });

  test('an orphan keeps counting when it has ended, though nobody of the tree reaped it', () => {
    expect(timesAfter([stat(10, 1, 5), stat(20, 1, 100)], [stat(10, 1, 6)])).toEqual([105, 106]);
  });

  test('a child whose parent ignores the deaths of its children keeps counting', () => {
    expect(timesAfter([stat(10, 1, 5), stat(20, 10, 100)], [stat(10, 1, 5, 0)])).toEqual([105, 105]);
  });

  test('a pid that is used again starts a new account', () => {
    const again = { ...stat(20, 10, 7), startTicks: 2 };
    expect(timesAfter([stat(10, 1, 0), stat(20, 10, 100)], [stat(10, 1, 0, 100), again])).toEqual([100, 107]);
  });

  test('looked at after every event, the sum is exact whatever forks, burns, ends and is adopted', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('fork' as const), who: fc.nat() }),
      fc.record({ kind: fc.constant('burn' as const), who: fc.nat(), ms: fc.nat({ max: 1000 }) }),
      fc.record({ kind: fc.constant('end' as const), who: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (events, ignoresDeaths) => {
        const alive = new Map([[10, stat(10, 1, 0)]]);
        let cpu = newTreeCpu(undefined, 10);
        let truthMs = 0;
        let nextPid = 11;
        for (const event of events) {
          const who = [...alive.values()][event.who % alive.size];
          if (!who) break;
          if (event.kind === 'fork') {
            alive.set(nextPid, stat(nextPid, who.pid, 0));
            nextPid += 1;
          } else if (event.kind === 'burn') {
            truthMs += event.ms;
            alive.set(who.pid, { ...who, ownCpuMs: who.ownCpuMs + event.ms });
          } else if (who.pid !== 10) {
            alive.delete(who.pid);
            const parent = alive.get(who.parentPid);
            const chargedMs = ignoresDeaths ? 0 : who.ownCpuMs + who.reapedCpuMs;
            if (parent) alive.set(parent.pid, { ...parent, reapedCpuMs: parent.reapedCpuMs + chargedMs });
            for (const child of alive.values())
              if (child.parentPid === who.pid) alive.set(child.pid, { ...child, parentPid: 1 });
          }
          cpu = treeCpuAfter(cpu, [...alive.values()]);
          expect(treeCpuMs(cpu)).toBe(truthMs);
        }
      }),
    );
  });
});

describe('what the node was charged for', () => {
  test.each([
    ['one root gets all of it', 300, [{ seenMs: 100, unseenMs: 500 }], [300]],
    ['nobody gets less than was seen', 50, [{ seenMs: 100, unseenMs: 500 }], [100]],
    [
      'two share the rest by the time unseen',
      300,
      [
        { seenMs: 100, unseenMs: 300 },
        { seenMs: 0, unseenMs: 100 },
      ],
      [250, 50],
    ],
    ['nobody gets more than the cores could have burnt', 90_000, [{ seenMs: 0, unseenMs: 100 }], [220]],
    ['nothing is nothing', 0, [{ seenMs: 0, unseenMs: 0 }], [0]],
  ])('%s', (_name, reapedMs, ended, shares) => {
    expect(shareReaped(reapedMs, ended, 2)).toEqual(shares);
  });
});

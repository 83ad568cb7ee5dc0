import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type KnownRun, knownAfter, membersByRun, nothingKnown, type ObservedProcess } from './membership.ts';

function observed(given: Partial<ObservedProcess> & { pid: number }): ObservedProcess {
  return {
    parentPid: 1,
    groupId: given.pid,
    sessionId: given.pid,
    startTicks: 100,
    ended: false,
    name: 'program',
    ownCpuMs: 0,
    reapedCpuMs: 0,
    claimedRunId: undefined,
    sockets: [],
    ...given,
  };
}

const root = observed({ pid: 10 });
const known: KnownRun = { members: new Map([[10, 100]]), sessions: new Set([10]), sockets: new Set(['socket:[7]']) };
const pidsOf = (processes: ObservedProcess[], run = known) =>
  membersByRun(processes, new Map([['run', run]]))
    .get('run')
    ?.map((process) => process.pid);

test.each<[string, Partial<ObservedProcess>, boolean]>([
  ['a child that left the session and dropped its mark', { parentPid: 10 }, true],
  ['an orphan in the session', { sessionId: 10 }, true],
  ['an orphan in a session of its own with the mark', { claimedRunId: 'run' }, true],
  ['an orphan in a session of its own without the mark, with a pipe', { sockets: ['socket:[7]'] }, true],
  ['a stranger', {}, false],
  ["a stranger with another run's mark", { claimedRunId: 'other' }, false],
  ['a stranger with a pipe of its own', { sockets: ['socket:[8]'] }, false],
])('%s: %s', (_name, traits, belongs) => {
  expect(pidsOf([root, observed({ pid: 20, ...traits })])).toEqual(belongs ? [10, 20] : [10]);
});

test('a pid that is used again is somebody else', () => {
  expect(pidsOf([observed({ pid: 10, startTicks: 200, sessionId: 1 })])).toEqual([]);
});

test('a parent weighs more than a forged mark', () => {
  const runs = new Map([
    ['run', known],
    ['other', nothingKnown],
  ]);
  const members = membersByRun([root, observed({ pid: 20, parentPid: 10, claimedRunId: 'other' })], runs);
  expect(members.get('run')).toHaveLength(2);
  expect(members.get('other')).toHaveLength(0);
});

test('a session is forgotten when nobody is left in it, because its number may come back', () => {
  const after = knownAfter(known, [observed({ pid: 30 })]);
  expect([...after.sessions]).toEqual([30]);
});

test("a session that no member began is not the run's", () => {
  expect([...knownAfter(known, [observed({ pid: 30, sessionId: 5 })]).sessions]).toEqual([]);
});

test('whoever keeps one trait at each step is found, in whatever order the processes come', () => {
  const step = fc.record({
    parent: fc.nat({ max: 30 }),
    keeps: fc.constantFrom('parent', 'session', 'mark', 'pipe'),
    shuffle: fc.nat(),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const family = [root];
      steps.forEach(({ parent, keeps }, index) => {
        const from = family[parent % family.length] ?? root;
        const pid = 100 + index;
        family.push(
          observed({
            pid,
            parentPid: keeps === 'parent' ? from.pid : 1,
            sessionId: keeps === 'session' ? root.sessionId : pid,
            claimedRunId: keeps === 'mark' ? 'run' : undefined,
            sockets: keeps === 'pipe' ? ['socket:[7]'] : [],
          }),
        );
      });
      const strangers = [observed({ pid: 1, parentPid: 0 }), observed({ pid: 2 })];
      const order = (process: ObservedProcess) => (steps[process.pid - 100]?.shuffle ?? process.pid) % 97;
      const shown = [...family, ...strangers].sort((a, b) => order(a) - order(b));
      expect(pidsOf(shown)?.toSorted((a, b) => a - b)).toEqual(family.map((p) => p.pid).toSorted((a, b) => a - b));
    }),
  );
});

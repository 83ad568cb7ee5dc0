import { createFakeClock } from '@skein/contracts/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createMemoryProcessTable, type MemoryProcessTable, type PretendProcess } from './memory-process-table.ts';
import { endTree } from './tree-ending.ts';

const timing = { graceMs: 5_000, giveUpMs: 5_000 };

/** A tree is here whatever the table holds, in group and session 10. */
function setUp(...processes: Partial<PretendProcess>[]) {
  const clock = createFakeClock();
  const table = createMemoryProcessTable();
  processes.forEach((given, index) => void table.add({ pid: 10 + index, groupId: 10, sessionId: 10, ...given }));
  const look = () => ({ living: [...table.processes.values()].filter((process) => !process.ended), sure: true });
  return { clock, table, tree: { rootPid: 10, look } };
}

const sent = (table: MemoryProcessTable) => table.signals.map(({ target, signal }) => `${signal} ${target}`);

test('a tree that hears TERM is never killed', async () => {
  const { clock, table, tree } = setUp({}, {});
  const ending = endTree({ clock, table }, tree, timing);
  await clock.advance(10);
  expect(await ending).toEqual({ status: 'gone' });
  expect(sent(table)).toEqual(['SIGTERM 10', 'SIGTERM 11']);
});

test('whoever ignores TERM is killed after the grace period, not before', async () => {
  const onSignal: PretendProcess['onSignal'] = (signal) => (signal === 'SIGKILL' ? 'ends' : 'stays');
  const { clock, table, tree } = setUp({ onSignal });
  const ending = endTree({ clock, table }, tree, timing);
  await clock.advance(4_999);
  expect(sent(table)).toEqual(['SIGTERM 10', 'SIGCONT 10']);
  await clock.advance(10);
  expect(await ending).toEqual({ status: 'gone' });
  expect(sent(table)).toContain('SIGKILL -10');
});

test('without grace there is no TERM', async () => {
  const { clock, table, tree } = setUp({});
  const ending = endTree({ clock, table }, tree, { ...timing, graceMs: 0 });
  await clock.advance(10);
  await ending;
  expect(sent(table)).toEqual(['SIGKILL -10']); // the group's signal left nobody to hit
});

test('a group that nobody of the tree leads is left alone', async () => {
  const { clock, table, tree } = setUp({ groupId: 2 });
  const ending = endTree({ clock, table }, tree, { ...timing, graceMs: 0 });
  await clock.advance(10);
  await ending;
  expect(sent(table)).toEqual(['SIGKILL 10']);
});

test('whoever may not be killed survives, and is named at once', async () => {
  const { clock, table, tree } = setUp({ onSignal: () => 'refuses' });
  expect(await endTree({ clock, table }, tree, { ...timing, graceMs: 0 })).toEqual({ status: 'survived', pids: [10] });
});

test('whoever hangs in the kernel is given up in the end', async () => {
  const { clock, table, tree } = setUp({ onSignal: () => 'stays' });
  const ending = endTree({ clock, table }, tree, timing);
  await clock.advance(10_200);
  expect(await ending).toEqual({ status: 'survived', pids: [10] });
});

test('a look that was not sure is repeated before anybody is called gone', async () => {
  const { clock, table } = setUp();
  let looks = 0;
  const look = () => {
    looks += 1;
    return { living: [], sure: looks === 3 };
  };
  expect(await endTree({ clock, table }, { rootPid: 10, look }, timing)).toEqual({ status: 'gone' });
  expect(looks).toBe(3);
});

test('a tree that forks while it is being killed is gone in the end', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat({ max: 3 }), { maxLength: 40 }), fc.boolean(), async (forks, ownGroups) => {
      const { clock, table, tree } = setUp({});
      let nextPid = 11;
      const look = () => {
        const seen = tree.look();
        for (let n = forks.shift() ?? 0; n > 0 && seen.living.length > 0; n--) {
          table.add({ pid: nextPid, groupId: ownGroups ? nextPid : 10, sessionId: 10 }); // right after the look
          nextPid += 1;
        }
        return seen;
      };
      const ending = endTree({ clock, table }, { rootPid: 10, look }, { graceMs: 0, giveUpMs: 60_000 });
      await clock.advance(60_000);
      expect(await ending).toEqual({ status: 'gone' });
      expect(table.processes.size).toBe(0);
    }),
  );
});

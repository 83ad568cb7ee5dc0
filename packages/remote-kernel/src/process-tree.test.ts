import { expect, test } from 'vitest';
import { createProcessTree } from './process-tree.ts';

const entry = (pid: number, parentPid?: number) => ({
  pid,
  ...(parentPid === undefined ? {} : { parentPid }),
  runId: 'run',
  label: `p${pid}`,
  startedAt: pid,
});
const figures = { cpuMs: 5, memoryBytes: 7, peakMemoryBytes: 9 };

test('a process is registered, updated, and remembered with its exit', () => {
  const tree = createProcessTree();
  tree.register(entry(10));
  tree.update(10, figures);
  expect(tree.find(10)).toEqual({ ...entry(10), ...figures, kind: 'directive', state: 'running' });
  tree.exit(10, { status: 'exited', exitCode: 0 });
  tree.exit(10);
  tree.update(10, { ...figures, cpuMs: 99 });
  expect(tree.list()).toEqual([
    {
      ...entry(10),
      ...figures,
      kind: 'directive',
      memoryBytes: 0,
      state: 'exited',
      exit: { status: 'exited', exitCode: 0 },
    },
  ]);
});

test('only so many ended processes are remembered, the latest ones', () => {
  const tree = createProcessTree({ keepExited: 2 });
  for (const pid of [1, 2, 3]) {
    tree.register(entry(pid));
    tree.exit(pid);
  }
  expect(tree.list().map((e) => e.pid)).toEqual([3, 2]);
});

test('a pid that comes again ends the one before', () => {
  const tree = createProcessTree();
  tree.register(entry(1));
  tree.register({ ...entry(1), label: 'again' });
  expect(tree.list().map((e) => [e.label, e.state])).toEqual([
    ['again', 'running'],
    ['p1', 'exited'],
  ]);
});

test('a list can be narrowed', () => {
  const tree = createProcessTree();
  tree.register(entry(1));
  tree.register({ ...entry(2), runId: 'other' });
  tree.exit(2);
  expect(tree.list({ runId: 'other' }).map((e) => e.pid)).toEqual([2]);
  expect(tree.list({ state: 'running' }).map((e) => e.pid)).toEqual([1]);
});

test('a snapshot holds the running ones under their parents, and an orphan at the top', () => {
  const tree = createProcessTree();
  for (const [pid, parent] of [[1], [2, 1], [3, 2], [4, 99]] as [number, number?][]) tree.register(entry(pid, parent));
  tree.update(3, figures);
  const { roots, runningCount, memoryBytes } = tree.snapshot();
  expect([runningCount, memoryBytes]).toEqual([4, 7]);
  expect(roots.map((root) => root.pid)).toEqual([1, 4]);
  expect(roots[0]?.children[0]?.children[0]?.pid).toBe(3);
});

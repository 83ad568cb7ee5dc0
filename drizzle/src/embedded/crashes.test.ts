import { createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { killKinds, runKills } from '../testing/embedded/kills.ts';
import { launchNode, startNode, stopNode } from '../testing/embedded/node-under-test.ts';
import { eventually, processesOf, watchersOf } from '../testing/embedded/processes-of.ts';
import { runRaces } from '../testing/embedded/races.ts';
import { makeTestFolder } from '../testing/embedded/test-folder.ts';
import { signalProcess } from './process-table.ts';

/** Nodes are processes of their own here, on the built package; `node drizzle/chaos/embedded.mjs` is the long run. */
test('kills of node, server, both, a backend or the watcher lose no acknowledged row and leave no process', async () => {
  await using folder = await makeTestFolder();
  const rounds = [...killKinds, 'server', 'both', 'backend', 'node'] as const;
  const figures = await runKills({ folder: folder.path, rounds, random: createSeededRandom(1) });
  expect(figures).toMatchObject({ rounds: 10, lostRows: 0, processesLeft: 0 });
  expect(figures.slowestRecoveryMs).toBeLessThan(5_000);
}, 60_000);

test('of nodes that start on one folder at once, one owns it and the others are told its name', async () => {
  await using folder = await makeTestFolder();
  const figures = await runRaces({ folder: folder.path, contenders: [4, 2, 4, 2, 2] });
  expect(figures).toMatchObject({ races: 5, withoutOneOwner: 0, unnamedRefusals: 0 });
}, 60_000);

test('a server whose node and watcher were both killed is adopted', async () => {
  await using folder = await makeTestFolder();
  const { node, said } = await startNode({ folder: folder.path, owner: 'first' });
  if (said.event === 'refused') throw new Error(said.message);
  for (const watcher of watchersOf(new Set([said.pid]))) signalProcess(watcher, 'SIGKILL');
  await node.kill();
  const second = await startNode({ folder: folder.path, owner: 'second' });
  expect(second.said).toMatchObject({ event: 'owned', how: 'adopted', pid: said.pid });
  await stopNode(second.node);
  expect(processesOf(folder.path)).toEqual([]);
});

test.runIf(process.getuid?.() === 0)('an ordinary user runs a node as oneself', async () => {
  await using folder = await makeTestFolder();
  await folder.giveTo(65_534);
  const node = launchNode({ folder: folder.path, owner: 'ordinary', uid: 65_534 });
  await node.heard('ready');
  node.tell('go');
  expect(await node.heard('owned', 'refused')).toMatchObject({ event: 'owned', how: 'started' });
  node.tell('write');
  await node.acknowledges(10);
  await node.kill();
  await eventually('the watcher has ended the server', () => processesOf(folder.path).length === 0);
});

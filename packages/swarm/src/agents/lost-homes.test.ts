import { DatabaseId, type NodeId } from '@skein/contracts';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import type { NodeEntry } from '../membership/node-store.ts';
import { nodeNo } from '../testing/fleet-examples.ts';
import {
  agentIdOf,
  directiveIdOf,
  endedAgent,
  homeId,
  order,
  spawnerId,
  strangerId,
  testAgent,
  testNode,
} from '../testing/test-agents.ts';
import { startLostHomes } from './lost-homes.ts';
import { createPlainRemoteProcesses } from './plain-remote-processes.ts';
import { createRemoteAgents } from './remote-agents.ts';

const [before, after] = [1, 2].map((n) => DatabaseId.parse(`b0000000-0000-4000-8000-00000000000${n}`));

/** A spawner with one agent at its home, which was ordered of the database `before`, and another's that it saw. */
async function world(home: Partial<NodeEntry> = {}) {
  const clock = createFakeClock();
  const spawner = testNode(spawnerId, clock, createSeededRandom(1));
  const { agents, outbox } = spawner.stores;
  const processes = createPlainRemoteProcesses({ clock });
  const ends: number[] = [];
  const remote = createRemoteAgents({
    ...{ self: spawnerId, agents, outbox, processes, clock, events: spawner.events },
    onDetachedEnd: () => void ends.push(1),
  });
  await order(outbox, testAgent(1));
  await outbox.accept(spawnerId, directiveIdOf(1), { taskId: 'task', databaseId: before ?? null });
  await remote.takeReports(homeId, { agents: [report(1)] });
  await agents.mirror(testAgent(2, { spawnedBy: strangerId }));
  const entries = new Map<NodeId, NodeEntry>([[homeId, nodeNo(1, { id: homeId, ...home })]]);
  const asked: NodeId[] = [];
  const database = { now: before };
  const start = () =>
    startLostHomes({
      ...{ self: spawnerId, agents, outbox, remote, clock, events: spawner.events, logger: createMemoryLogger() },
      nodes: { find: async (id) => entries.get(id) },
      peers: {
        async homeDatabase(id) {
          asked.push(id);
          if (!database.now) throw new Error('away');
          return database.now;
        },
      },
    });
  const state = async () => (await agents.find(agentIdOf(1)))?.state;
  return { ...spawner, clock, remote, processes, ends, entries, asked, database, start, state };
}

function report(n: number) {
  const { nodeId: _, spawnedBy: __, ...told } = testAgent(n);
  return told;
}

test.each<[string, Partial<NodeEntry>]>([
  ['was taken out', { removed: true }],
  ['is sealed and away', { eligibility: 'sealed', liveness: 'offline' }],
])('agents of a home that %s are interrupted, announced, and out of the tree', async (_why, change) => {
  const { clock, start, stores, processes, ends, remote } = await world(change);
  const homes = start();
  await clock.advance(0);
  await homes.stop();
  const agent = await stores.agents.find(agentIdOf(1));
  expect(agent).toMatchObject({ state: 'interrupted', result: { error: { reason: 'home_gone' } } });
  expect(processes.tree(spawnerId).remote).toBe(0);
  expect(ends).toHaveLength(1);
  expect(await stores.agents.find(agentIdOf(2))).toMatchObject({ state: 'running' });
  // What the home may still say comes too late.
  const { nodeId: _, spawnedBy: __, ...late } = endedAgent(1, { version: 9 });
  await remote.takeReports(homeId, { agents: [late] });
  expect(await stores.agents.find(agentIdOf(1))).toEqual(agent);
  // Nothing is owed for it: it is forgotten with the others.
  await stores.agents.markAnnounced(agentIdOf(1));
  await clock.advance(31 * 86_400_000);
  await stores.agents.purge(spawnerId);
  expect(await stores.agents.find(agentIdOf(1))).toBeUndefined();
});

test.each<[string, Partial<NodeEntry>]>([
  ['is silent', { liveness: 'offline' }],
  ['is sealed and still there', { eligibility: 'sealed' }],
  ['drains', { eligibility: 'draining' }],
])('agents of a home that %s are waited for', async (_why, change) => {
  const { clock, start, state } = await world(change);
  await using _homes = start();
  await clock.advance(600_000);
  expect(await state()).toBe('running');
});

test('a removal is heeded at once, and one that a seed told of soon after', async () => {
  const { clock, start, state, entries, events } = await world();
  await using _homes = start();
  await clock.advance(1);
  entries.set(homeId, nodeNo(1, { id: homeId, removed: true }));
  events.emit({ type: 'node.removed', nodeId: homeId, name: 'home' });
  await clock.advance(0);
  expect(await state()).toBe('interrupted');

  const other = await world();
  await using _others = other.start();
  await other.clock.advance(1);
  other.entries.delete(homeId);
  await other.clock.advance(10_000);
  expect(await other.state()).toBe('interrupted');
});

test('a home is asked once in each of its lives which database it is on; on another one its agents are lost', async () => {
  const { clock, start, state, entries, asked, database } = await world();
  await using _homes = start();
  await clock.advance(120_000);
  expect(asked).toEqual([homeId]);
  database.now = undefined;
  const next = nodeNo(1, { id: homeId });
  entries.set(homeId, { ...next, record: { ...next.record, incarnation: 2 } });
  await clock.advance(30_000);
  expect(asked.length).toBeGreaterThan(2);
  expect(await state()).toBe('running');
  database.now = after;
  await clock.advance(10_000);
  expect(await state()).toBe('interrupted');
});

import { type AgentReport, type AgentView, type NodeId, noUsage } from '@skein/contracts';
import { createFakeClock, createSeededRandom } from '@skein/contracts/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
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
import { createPlainRemoteProcesses } from './plain-remote-processes.ts';
import { createRemoteAgents } from './remote-agents.ts';

function world() {
  const clock = createFakeClock();
  const spawner = testNode(spawnerId, clock, createSeededRandom(1));
  const processes = createPlainRemoteProcesses({ clock });
  const ends: number[] = [];
  const live = () =>
    createRemoteAgents({
      ...{ self: spawnerId, agents: spawner.stores.agents, outbox: spawner.stores.outbox, processes, clock },
      ...{ events: spawner.events, onDetachedEnd: () => void ends.push(clock.now()) },
    });
  const remote = live();
  const report = (agent: AgentView, from: NodeId = homeId) => remote.takeReports(from, { agents: [toReport(agent)] });
  return { ...spawner, clock, processes, ends, live, remote, report };
}

const toReport = ({ nodeId: _, spawnedBy: __, ...report }: AgentView): AgentReport => report;
const told = (heard: readonly { type: string }[]) => heard.map(({ type }) => type);

test('what a home tells is stored, shown while it is open, gone from the tree with its end, and told once', async () => {
  const { stores, report, processes, heard } = world();
  const agent = testAgent(1, { mode: 'wait' });
  await order(stores.outbox, agent);
  expect(await report(agent)).toEqual({ taken: [{ id: agent.id, version: 1 }] });
  expect(processes.pidOf(agent.id)).toBeGreaterThanOrEqual(900_000);

  const grown = testAgent(1, { mode: 'wait', version: 2, usage: { ...noUsage, cpuMs: 500 } });
  await report(grown);
  await report(grown);
  expect(processes.tree(spawnerId).roots).toMatchObject([{ cpuMs: 500 }]);

  const ended = endedAgent(1, { mode: 'wait' });
  expect(await report(ended)).toEqual({ taken: [{ id: agent.id, version: 5 }] });
  expect(await report(ended)).toEqual({ taken: [{ id: agent.id, version: 5 }] });
  expect(await stores.agents.find(agent.id)).toEqual(ended);
  expect(processes.pidOf(agent.id)).toBeUndefined();
  expect(told(heard)).toEqual(['agent.changed', 'agent.changed', 'agent.ended']);
});

test('a detached agent’s end is left to its announcement', async () => {
  const { stores, report, ends, heard } = world();
  await order(stores.outbox, testAgent(1));
  await report(endedAgent(1));
  expect(ends).toHaveLength(1);
  expect(heard).toEqual([]);
});

test('in whatever order reports arrive, and however often, the highest version stands, in the tree too', async () => {
  const versions = [testAgent(1), testAgent(1, { version: 2 }), testAgent(1, { version: 3 }), endedAgent(1)] as const;
  await fc.assert(
    fc.asyncProperty(fc.array(fc.constantFrom(...versions), { minLength: 1, maxLength: 12 }), async (reports) => {
      const { stores, report, processes } = world();
      await order(stores.outbox, testAgent(1));
      // A home tells again what was not taken for now.
      const told = await Promise.allSettled(reports.map((agent) => report(agent)));
      for (const [n, { status }] of told.entries()) if (status === 'rejected') await report(reports[n] ?? testAgent(1));
      const highest = Math.max(...reports.map(({ version }) => version));
      expect((await stores.agents.find(agentIdOf(1)))?.version).toBe(highest);
      expect(processes.pidOf(agentIdOf(1)) === undefined).toBe(highest === 5);
    }),
    { numRuns: 50 },
  );
});

test.each<[string, (agent: AgentView) => AgentView, NodeId]>([
  ['an agent of a directive that was never sent', (agent) => ({ ...agent, directiveId: directiveIdOf(9) }), homeId],
  ['an agent of a directive that went to another node', (agent) => agent, strangerId],
  ['an agent of another type than was ordered', (agent) => ({ ...agent, agentType: 'miner' }), homeId],
  ['a detached agent where one was to be waited for', (agent) => ({ ...agent, mode: 'detach' }), homeId],
  ['an agent below another’s', (agent) => ({ ...agent, parentDirectiveId: directiveIdOf(2) }), homeId],
  ['an agent of the node itself', (agent) => agent, spawnerId],
])('%s is not taken: nobody plants agents in another’s tree', async (_, change, from) => {
  const { stores, report, processes, heard } = world();
  const agent = testAgent(1, { mode: 'wait' });
  await order(stores.outbox, agent);
  expect(await report(change(agent), from)).toEqual({ taken: [] });
  expect(await stores.agents.find(agent.id)).toBeUndefined();
  expect(processes.tree(spawnerId).remote).toBe(0);
  expect(heard).toEqual([]);
});

test.each([
  ['amo', 1],
  ['alo', 3],
] as const)('an order of class %s brings no more agents than it may have starts: %i', async (effect, most) => {
  const { stores, report, processes } = world();
  await order(stores.outbox, testAgent(1), {}, effect);
  const taken = [];
  for (let n = 1; n <= 5; n += 1) {
    const { taken: ids } = await report(endedAgent(n, { directiveId: directiveIdOf(1) }));
    taken.push(...ids);
  }
  expect(taken).toHaveLength(most);
  expect(await stores.agents.list({ limit: 9 })).toHaveLength(most);
  expect(await report(endedAgent(1, { version: 6 }))).toMatchObject({ taken: [{ id: agentIdOf(1) }] });
  expect(processes.tree(spawnerId).remote).toBe(0);
});

test('a home that tells faster than is stored is told to come again; others are not held up by it', async () => {
  const { stores, report, remote } = world();
  for (const n of [1, 2]) await order(stores.outbox, testAgent(n, n === 2 ? { nodeId: strangerId } : {}));
  const { mirror } = stores.agents;
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  stores.agents.mirror = async (agent) => {
    if (agent.nodeId === homeId) await held;
    return mirror(agent);
  };
  const told = [1, 2, 3].map((version) => report(testAgent(1, { version })));
  await expect(report(testAgent(1, { version: 4 }))).rejects.toMatchObject({ httpStatus: 429 });
  expect(await report(testAgent(2, { nodeId: strangerId }), strangerId)).toMatchObject({ taken: [{ version: 1 }] });
  letGo();
  await Promise.all(told);
  expect((await stores.agents.find(agentIdOf(1)))?.version).toBe(3);
  remote.stop();
});

test('an agent stays its home’s: another node, or another order, cannot take its id over', async () => {
  const { stores, report } = world();
  await order(stores.outbox, testAgent(1));
  await order(stores.outbox, testAgent(2, { nodeId: strangerId }));
  await report(testAgent(1));
  const theft = testAgent(2, { id: agentIdOf(1), version: 9 });
  expect(await report(theft, strangerId)).toEqual({ taken: [] });
  expect(await report({ ...theft, directiveId: directiveIdOf(1) }, strangerId)).toEqual({ taken: [] });
  expect(await stores.agents.find(agentIdOf(1))).toEqual(testAgent(1));
});

test('an agent that outlives its directive’s row is still taken, because it is known', async () => {
  const { stores, report, remote } = world();
  await stores.agents.mirror(testAgent(1));
  expect(await report(testAgent(1, { version: 2 }))).toMatchObject({ taken: [{ version: 2 }] });
  remote.stop();
});

test('after a restart the open agents of other nodes are in the tree again, and no others', async () => {
  const { stores, live, processes } = world();
  await stores.agents.mirror(testAgent(1));
  await stores.agents.mirror(endedAgent(2));
  await stores.agents.mirror(testAgent(3, { spawnedBy: strangerId }));
  await stores.agents.mirror(testAgent(4, { nodeId: spawnerId }));
  await live().restore();
  expect(processes.tree(spawnerId).roots.map(({ agentId }) => agentId)).toEqual([agentIdOf(1)]);
});

test('an end that is told while the tree is restored does not come back to life', async () => {
  const { stores, remote, report, processes } = world();
  await stores.agents.mirror(testAgent(1));
  const { list } = stores.agents;
  stores.agents.list = async (filter) => {
    const open = await list(filter);
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve(); // the answer takes its time
    return open;
  };
  await Promise.all([remote.restore(), report(endedAgent(1))]);
  expect(processes.tree(spawnerId).remote).toBe(0);
});

test('when a node goes offline its open agents are out of sight, and are said to be', async () => {
  const { stores, events, heard, clock } = world();
  await stores.agents.mirror(testAgent(1));
  await stores.agents.mirror(endedAgent(2));
  await stores.agents.mirror(testAgent(3, { nodeId: strangerId }));
  for (const to of ['suspect', 'offline'] as const)
    events.emit({ type: 'node.liveness_changed', nodeId: homeId, from: 'online', to, incarnation: 1 });
  await clock.advance(0);
  expect(heard.filter(({ type }) => type === 'agent.lost_sight')).toEqual([
    { type: 'agent.lost_sight', agentId: agentIdOf(1), nodeId: homeId },
  ]);
});

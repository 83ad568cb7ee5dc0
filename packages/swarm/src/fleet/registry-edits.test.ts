import type { AgentView, SwarmEvent } from '@skein/contracts';
import { expect, test } from 'vitest';
import type { AgentFilter } from '../agents/agent-store.ts';
import { SwarmError } from '../errors.ts';
import type { NodeEntry } from '../membership/node-store.ts';
import { agentIdNo, agentNo, nodeIdNo, nodeNo } from '../testing/fleet-examples.ts';
import { editNode, type RegistryEditDeps, removeNode } from './registry-edits.ts';

const self = nodeIdNo(0);
const other = nodeIdNo(1);

interface World {
  node?: Partial<NodeEntry>;
  /** Open agents in the own book. */
  known?: AgentView[];
  /** What the other node says; undefined where it does not answer. */
  told?: AgentView[];
}

function world({ node = {}, known = [], told }: World) {
  const events: SwarmEvent[] = [];
  const writes: unknown[] = [];
  const entries = new Map([nodeNo(0), nodeNo(1, node)].map((entry) => [entry.id, entry]));
  const fits =
    ({ nodeId, spawnedBy }: AgentFilter) =>
    (agent: AgentView) =>
      (nodeId === undefined || agent.nodeId === nodeId) && (spawnedBy === undefined || agent.spawnedBy === spawnedBy);
  const deps: RegistryEditDeps = {
    self,
    nodes: {
      find: async (id) => entries.get(id),
      async edit(id, change) {
        writes.push(change);
        const entry = entries.get(id);
        return entry && { ...entry, ...change };
      },
      async remove(id) {
        writes.push('removed');
        const entry = entries.get(id);
        return entry && { ...entry, removed: true };
      },
    },
    agents: { list: async (filter) => known.filter(fits(filter)) },
    askAgents: async () => told,
    events: { emit: (event) => void events.push(event) },
  };
  return { deps, events, writes };
}

const refusal = (work: Promise<unknown>) =>
  work.then(
    () => undefined,
    (cause) => (cause instanceof SwarmError ? { code: cause.code, ...cause.metadata } : cause),
  );

test('tier and group of a node are changed in this registry', async () => {
  const { deps, writes } = world({});
  expect(await editNode(deps, other, { group: null, tier: 'sudo' })).toMatchObject({ id: other, tier: 'sudo' });
  await editNode(deps, other, { tier: 'root' });
  expect(writes).toEqual([{ group: null, tier: 'sudo' }, { tier: 'root' }]);
});

test('a node is taken out, and it is told as an event', async () => {
  const { deps, events, writes } = world({});
  expect(await removeNode(deps, other)).toMatchObject({ id: other, name: 'node-1' });
  expect(writes).toEqual(['removed']);
  expect(events).toEqual([{ type: 'node.removed', nodeId: other, name: 'node-1' }]);
});

test.each<[string, World, number[]]>([
  ['agents that run there by its own word', { told: [agentNo(1), agentNo(2, { spawnedBy: nodeIdNo(2) })] }, [1, 2]],
  ['agents that are known to run there, where it does not answer', { known: [agentNo(1)] }, [1]],
  ['agents that it has running here', { told: [], known: [agentNo(3, { nodeId: self, spawnedBy: other })] }, [3]],
  [
    'agents that it has running here, while it is gone',
    { node: { liveness: 'offline' }, known: [agentNo(3, { nodeId: self, spawnedBy: other }), agentNo(4)] },
    [3],
  ],
])('%s keep a node from being changed and from being taken out', async (_why, given, ids) => {
  const { deps, events, writes } = world(given);
  const expected = { count: String(ids.length), agentIds: ids.map(agentIdNo).join(',') };
  for (const work of [editNode(deps, other, { tier: 'sudo' }), removeNode(deps, other)])
    expect(await refusal(work)).toEqual({ code: 'AGENTS_RUNNING', nodeId: other, ...expected });
  expect([writes, events]).toEqual([[], []]);
});

test.each<[string, World]>([
  ['agents that have ended by its own word', { told: [], known: [agentNo(1)] }],
  ['agents of a node that is offline', { node: { liveness: 'offline' }, known: [agentNo(1)] }],
  ['agents of a node that is sealed', { node: { eligibility: 'sealed' }, known: [agentNo(1)] }],
])('%s keep nobody in the registry', async (_why, given) => {
  const { deps, writes } = world(given);
  await removeNode(deps, other);
  expect(writes).toEqual(['removed']);
});

test.each<[string, World, ReturnType<typeof nodeIdNo>, string]>([
  ['itself', {}, self, 'INVALID_ARGUMENT'],
  ['whom it does not know', {}, nodeIdNo(2), 'UNKNOWN_NODE'],
  ['who is out already', { node: { removed: true } }, other, 'UNKNOWN_NODE'],
])('a node cannot take out %s', async (_who, given, id, code) => {
  const { deps, writes } = world(given);
  expect(await refusal(removeNode(deps, id))).toMatchObject({ code });
  expect(writes).toEqual([]);
});

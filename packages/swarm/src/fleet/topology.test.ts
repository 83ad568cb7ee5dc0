import { type AgentBranch, type AgentView, noUsage, SwarmTopology, sumUsage } from '@skein/contracts';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agentIdNo, agentNo, answerOf, directiveIdNo, nodeIdNo, nodeNo, used } from '../testing/fleet-examples.ts';
import { agentBranches } from './branches.ts';
import { buildTopology, type TopologyInput } from './topology.ts';

const topology = (change: Partial<TopologyInput>) => {
  const nodes = [nodeNo(0), nodeNo(1), nodeNo(2, { liveness: 'offline' })];
  const built = buildTopology({
    ...{ self: nodeIdNo(0), atMs: 0, nodes, answers: new Map(), known: [], hours: [] },
    ...change,
  });
  expect(SwarmTopology.parse(built)).toEqual(built);
  return built;
};

/** Branches in short: each agent by its number, with those below it. */
type Drawn = [number, ...Drawn[]];
const draw = ({ agent, children }: AgentBranch): Drawn => [Number(agent.id.slice(-2)), ...children.map(draw)];
const drawn = (agents: AgentView[]) => agentBranches(agents).map(({ roots }) => roots.map(draw));
const below = (n: number) => ({ parentDirectiveId: directiveIdNo(n) });

test.each<[string, AgentView[], Drawn[][]]>([
  ['nobody', [], []],
  ['agents of one node', [agentNo(1), agentNo(2)], [[[1], [2]]]],
  ['agents of two nodes', [agentNo(1), agentNo(2, { spawnedBy: nodeIdNo(2) })], [[[1]], [[2]]]],
  [
    'a child on another node',
    [agentNo(1), agentNo(2, { ...below(1), nodeId: nodeIdNo(2), spawnedBy: nodeIdNo(1) })],
    [[[1, [2]]]],
  ],
  ['three generations', [agentNo(3, below(2)), agentNo(1), agentNo(2, below(1))], [[[1, [2, [3]]]]]],
  ['a child of a directive that is no agent’s', [agentNo(1, below(9))], [[[1]]]],
  ['its own ancestor', [agentNo(1, below(1))], [[[1]]]],
  ['a circle, and one below it', [agentNo(1, below(2)), agentNo(2, below(1)), agentNo(3, below(2))], [[[2, [1], [3]]]]],
])('%s stand in branches', (_who, agents, expected) => {
  expect(drawn(agents)).toEqual(expected);
});

test('of two agents with one directive, children stand below the one at the node that spawned them', () => {
  const twins = [
    agentNo(1, { nodeId: nodeIdNo(1), directiveId: directiveIdNo(7) }),
    agentNo(2, { nodeId: nodeIdNo(2), directiveId: directiveIdNo(7) }),
  ];
  const child = agentNo(3, { ...below(7), spawnedBy: nodeIdNo(2) });
  expect(drawn([...twins, child])).toEqual([[[1], [2, [3]]]]);
});

test('each agent stands in the branches exactly once, and totals add up, whatever the agents claim', () => {
  const number = fc.nat({ max: 11 });
  const agents = fc
    .uniqueArray(
      fc.record({
        id: number,
        directive: number,
        parent: fc.option(number),
        node: fc.nat(3),
        by: fc.nat(3),
        cost: fc.nat(99),
      }),
      { selector: ({ id }) => id },
    )
    .map((all) =>
      all.map(({ id, directive, parent, node, by, cost }) =>
        agentNo(id, {
          ...{ nodeId: nodeIdNo(node), spawnedBy: nodeIdNo(by), directiveId: directiveIdNo(directive) },
          parentDirectiveId: parent === null ? null : directiveIdNo(parent),
          usage: used({ costMicroUsd: cost, peakMemoryBytes: cost }),
        }),
      ),
    );
  fc.assert(
    fc.property(agents, (agents) => {
      const branches = agentBranches(agents);
      const met: string[] = [];
      const check = (branch: AgentBranch): void => {
        met.push(branch.agent.id);
        branch.children.forEach(check);
        expect(branch.agents).toBe(1 + branch.children.reduce((sum, child) => sum + child.agents, 0));
        expect(branch.totals).toEqual(branch.children.map(({ totals }) => totals).reduce(sumUsage, branch.agent.usage));
        for (const child of branch.children) expect(child.agent.parentDirectiveId).toBe(branch.agent.directiveId);
      };
      for (const { spawnedBy, roots, totals } of branches) {
        roots.forEach(check);
        expect(roots.every(({ agent }) => agent.spawnedBy === spawnedBy)).toBe(true);
        expect(totals).toEqual(roots.map(({ totals }) => totals).reduce(sumUsage, noUsage));
      }
      expect(met.sort()).toEqual(agents.map(({ id }) => id as string).sort());
      const all = branches.map(({ totals }) => totals).reduce(sumUsage, noUsage);
      expect(all).toEqual(agents.map(({ usage }) => usage).reduce(sumUsage, noUsage));
    }),
  );
});

test('a chain of thousands of agents is no danger to the stack', () => {
  const chain = Array.from({ length: 20_000 }, (_, n) => agentNo(n, n > 0 ? below(n - 1) : {}));
  expect(agentBranches(chain)).toMatchObject([{ roots: [{ agents: 20_000, totals: { tokensIn: 20_000 } }] }]);
});

test('of an agent that is told twice the home’s word counts, and what the home does not tell has ended', () => {
  const stale = { usage: used({ tokensIn: 1 }), version: 1 };
  const fresh = agentNo(1, { usage: used({ tokensIn: 5 }), version: 2 });
  const built = topology({
    known: [agentNo(1, stale), agentNo(2, stale), agentNo(3, { ...stale, nodeId: nodeIdNo(2) })],
    answers: new Map([
      [nodeIdNo(1), answerOf(1, { agents: [fresh, agentNo(4, { nodeId: nodeIdNo(2) })] })],
      [nodeIdNo(2), undefined],
    ]),
  });
  const agentsOf = built.nodes.map(({ agents, answered }) => [answered, ...agents.map(({ id }) => id)]);
  expect(agentsOf).toEqual([[false], [true, agentIdNo(1)], [false, agentIdNo(3)]]);
  expect(built.totals).toEqual(used({ tokensIn: 6 }));
});

test('edges tell how much each node has running on each other one, and nothing of what runs at home', () => {
  const directive = (n: number, from: number) => ({
    ...{ id: directiveIdNo(n), kind: 'execute_task' as const, sourceNodeId: nodeIdNo(from), parentDirectiveId: null },
    startedAt: '2026-01-01T00:00:00.000Z',
  });
  const { edges, nodes } = topology({
    answers: new Map([
      [nodeIdNo(0), answerOf(0, { directives: [directive(1, 0), directive(2, 1)] })],
      [nodeIdNo(1), answerOf(1, { agents: [agentNo(1), agentNo(2)], directives: [directive(3, 0)] })],
    ]),
  });
  expect(edges).toEqual([
    { from: nodeIdNo(0), to: nodeIdNo(1), agents: 2, directives: 1 },
    { from: nodeIdNo(1), to: nodeIdNo(0), agents: 0, directives: 1 },
  ]);
  expect(nodes.map(({ isSelf, directives }) => [isSelf, directives.length])).toEqual([
    [true, 2],
    [false, 1],
    [false, 0],
  ]);
});

test('a node stands with what its work used in the day', () => {
  const hours = [{ nodeId: nodeIdNo(1), hours: [{ hour: '2026-01-01T00:00:00.000Z', usage: used({ cpuMs: 3 }) }] }];
  expect(topology({ hours }).nodes.map(({ usage }) => usage.cpuMs)).toEqual([0, 3, 0]);
});

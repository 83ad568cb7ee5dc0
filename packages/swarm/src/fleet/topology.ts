/** Who runs what, where, and for whom: put together from what each node says that it runs. */
import {
  type AgentView,
  type GetActivityReply,
  type NodeId,
  nodeStatus,
  noUsage,
  type SwarmTopology,
  sumUsage,
  type TopologyEdge,
  type TopologyNode,
} from '@skein/contracts';
import type { NodeEntry } from '../membership/node-store.ts';
import type { NodeHours } from '../resources/usage-ledger.ts';
import { agentBranches } from './branches.ts';
import { usageByNode } from './report.ts';

export interface TopologyInput {
  self: NodeId;
  atMs: number;
  nodes: readonly NodeEntry[];
  answers: ReadonlyMap<NodeId, GetActivityReply | undefined>;
  /** Open agents as this node's own book has them: they stand for nodes that did not answer. */
  known: readonly AgentView[];
  hours: readonly NodeHours[];
}

export function buildTopology({ self, atMs, nodes, answers, known, hours }: TopologyInput): SwarmTopology {
  const used = usageByNode(hours);
  const agents = openAgents(answers, known);
  const rows = nodes.map((node): TopologyNode => {
    const answer = answers.get(node.id);
    return {
      nodeId: node.id,
      name: node.record.name,
      group: node.group,
      status: nodeStatus(node.liveness, node.eligibility),
      isSelf: node.id === self,
      answered: answer !== undefined,
      agents: agents.filter(({ nodeId }) => nodeId === node.id),
      directives: answer?.directives ?? [],
      usage: used.get(node.id) ?? noUsage,
    };
  });
  const branches = agentBranches(agents);
  return {
    at: new Date(atMs).toISOString(),
    nodes: rows,
    edges: edgesOf(agents, answers),
    branches,
    totals: branches.map(({ totals }) => totals).reduce(sumUsage, noUsage),
  };
}

/** Each agent once. Where its home answered, the home's word counts: what it does not tell has ended. */
function openAgents(answers: TopologyInput['answers'], known: readonly AgentView[]): AgentView[] {
  const agents = new Map<string, AgentView>();
  for (const agent of known) if (!answers.get(agent.nodeId)) agents.set(agent.id, agent);
  for (const [nodeId, answer] of answers)
    for (const agent of answer?.agents ?? []) if (agent.nodeId === nodeId) agents.set(agent.id, agent);
  return [...agents.values()].sort((a, b) => compare(a.startedAt, b.startedAt) || compare(a.id, b.id));
}

/** Work of one node on another; its own work at home is no edge. */
function edgesOf(agents: readonly AgentView[], answers: TopologyInput['answers']): TopologyEdge[] {
  const edges = new Map<string, TopologyEdge>();
  const count = (from: NodeId, to: NodeId, what: 'agents' | 'directives') => {
    if (from === to) return;
    const edge = edges.get(`${from} ${to}`) ?? { from, to, agents: 0, directives: 0 };
    edge[what] += 1;
    edges.set(`${from} ${to}`, edge);
  };
  for (const { spawnedBy, nodeId } of agents) count(spawnedBy, nodeId, 'agents');
  for (const [nodeId, answer] of answers)
    for (const { sourceNodeId } of answer?.directives ?? []) count(sourceNodeId, nodeId, 'directives');
  return [...edges.values()].sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
}

const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

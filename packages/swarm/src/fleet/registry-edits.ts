/** What an operator changes in the registry of this node. Nothing is pulled away from under agents that run. */
import type { AgentId, AgentView, NodeId, NodePatchBody, NodeView, SwarmEvent } from '@skein/contracts';
import type { Emitter } from '@skein/contracts/runtime';
import type { AgentStore } from '../agents/agent-store.ts';
import { SwarmError } from '../errors.ts';
import type { NodeEntry, NodeStore } from '../membership/node-store.ts';
import { toNodeView } from '../views.ts';

export interface RegistryEditDeps {
  self: NodeId;
  nodes: Pick<NodeStore, 'find' | 'edit' | 'remove'>;
  agents: Pick<AgentStore, 'list'>;
  /** The agents that run on a node, as it says itself; undefined where it does not answer. */
  askAgents: (node: NodeEntry) => Promise<readonly AgentView[] | undefined>;
  events: Pick<Emitter<SwarmEvent>, 'emit'>;
}

const MOST_AGENTS = 1_000;
/** How many ids an error names. */
const NAMED = 20;

export async function editNode(deps: RegistryEditDeps, id: NodeId, { tier, group }: NodePatchBody): Promise<NodeView> {
  await requireIdle(deps, await requireNode(deps, id));
  const change = { ...(tier !== undefined && { tier }), ...(group !== undefined && { group }) };
  const entry = await deps.nodes.edit(id, change);
  if (!entry) throw unknownNode(id);
  return toNodeView(entry, deps.self);
}

export async function removeNode(deps: RegistryEditDeps, id: NodeId): Promise<NodeView> {
  const { self, nodes, events } = deps;
  if (id === self)
    throw new SwarmError('INVALID_ARGUMENT', 'a node cannot take itself out of its own registry; seal it instead', {
      metadata: { nodeId: id },
    });
  await requireIdle(deps, await requireNode(deps, id));
  const entry = await nodes.remove(id);
  if (!entry) throw unknownNode(id);
  events.emit({ type: 'node.removed', nodeId: id, name: entry.record.name });
  return toNodeView(entry, self);
}

async function requireNode({ nodes }: RegistryEditDeps, id: NodeId): Promise<NodeEntry> {
  const entry = await nodes.find(id);
  if (!entry || entry.removed) throw unknownNode(id);
  return entry;
}

/**
 * Agents that run there, by the node's own word where it gives one, and those that it has running elsewhere as far as
 * is known here. Of a node that is gone only the latter count: what it ran nobody can end or ask for any more.
 */
async function requireIdle({ self, agents, askAgents }: RegistryEditDeps, node: NodeEntry): Promise<void> {
  const [told, known, theirs] = await Promise.all([
    node.id === self ? undefined : askAgents(node),
    agents.list({ nodeId: node.id, open: true, limit: MOST_AGENTS }),
    agents.list({ spawnedBy: node.id, open: true, limit: MOST_AGENTS }),
  ]);
  const isGone = node.liveness === 'offline' || node.eligibility === 'sealed';
  const there = told ?? (isGone && node.id !== self ? [] : known);
  const elsewhere = theirs.filter(({ nodeId }) => nodeId !== node.id);
  const ids = new Set<AgentId>([...there, ...elsewhere].map(({ id }) => id));
  if (ids.size === 0) return;
  const name = node.record.name;
  throw new SwarmError(
    'AGENTS_RUNNING',
    `${ids.size} ${ids.size === 1 ? 'agent runs' : 'agents run'} on ${name} or for it; wait for their end or kill them first`,
    { metadata: { nodeId: node.id, count: String(ids.size), agentIds: [...ids].slice(0, NAMED).join(',') } },
  );
}

function unknownNode(nodeId: NodeId): SwarmError {
  return new SwarmError('UNKNOWN_NODE', `no node ${nodeId} is known here; list the nodes to see who is`, {
    metadata: { nodeId },
  });
}

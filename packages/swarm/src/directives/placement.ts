/**
 * Chooses the node for a selector's directive: of those that match, one that may take work and is there comes first,
 * then the one with the most headroom: the smallest share of its capacity in use, the shortest queue, the last latency.
 */
import type { DirectiveKind, NodeId, Placement, Selector } from '@skein/contracts';
import type { NodeEntry } from '../membership/node-store.ts';

/** What this node knows of a peer beside the registry. */
export interface PeerLoad {
  /** Directives that it was given since its last heartbeat, which does not count them yet. */
  givenSinceBeat: number;
  latencyMs: number | undefined;
}

type Candidate = Pick<
  NodeEntry,
  'id' | 'record' | 'tier' | 'group' | 'liveness' | 'eligibility' | 'metrics' | 'removed'
>;

/** Each field of the selector must hold; an empty one means every node. */
export function matches({ record, tier, group }: Candidate, selector: Selector): boolean {
  const { labels = {}, capabilities = [] } = selector;
  return (
    (selector.group === undefined || selector.group === group) &&
    (selector.tier === undefined || selector.tier === tier) &&
    capabilities.every((capability) => record.capabilities.includes(capability)) &&
    Object.entries(labels).every(([name, value]) => record.labels[name] === value)
  );
}

/** Whether a node may be given work now: decided so, and heard of lately. */
export function isFit({ liveness, eligibility }: Pick<NodeEntry, 'liveness' | 'eligibility'>): boolean {
  return eligibility === 'eligible' && liveness === 'online';
}

export interface PlacingQuestion {
  selector: Selector;
  kind: DirectiveKind;
  /** A node that has just refused it. */
  except?: NodeId;
  /** How often it was placed before. */
  moves?: number;
}

/** Undefined where no node matches. Where none of those is fit, it goes to the one that comes nearest, and waits there. */
export function place(
  nodes: readonly Candidate[],
  loadOf: (id: NodeId) => PeerLoad,
  { selector, kind, except, moves = 0 }: PlacingQuestion,
): Placement | undefined {
  const matching = nodes.filter(
    (node) =>
      !node.removed &&
      node.eligibility !== 'sealed' &&
      node.id !== except &&
      node.record.kinds.includes(kind) &&
      matches(node, selector),
  );
  const [best] = matching.map((node) => ({ node, load: loadOf(node.id) })).sort(byHeadroom);
  if (!best) return undefined;
  const { node, load } = best;
  return {
    ...{ selector, nodeId: node.id, matching: matching.length, eligible: matching.filter(isFit).length },
    running: running(best),
    capacity: node.record.capacity,
    queued: node.metrics?.queuedDirectives ?? 0,
    latencyMs: load.latencyMs ?? null,
    moves,
  };
}

interface Weighed {
  node: Candidate;
  load: PeerLoad;
}

const running = ({ node, load }: Weighed): number => (node.metrics?.runningDirectives ?? 0) + load.givenSinceBeat;

/** The id decides last, so that the same facts give the same choice. */
function byHeadroom(a: Weighed, b: Weighed): number {
  return (
    Number(isFit(b.node)) - Number(isFit(a.node)) ||
    running(a) / a.node.record.capacity - running(b) / b.node.record.capacity ||
    (a.node.metrics?.queuedDirectives ?? 0) - (b.node.metrics?.queuedDirectives ?? 0) ||
    (a.load.latencyMs ?? Number.MAX_SAFE_INTEGER) - (b.load.latencyMs ?? Number.MAX_SAFE_INTEGER) ||
    a.node.id.localeCompare(b.node.id)
  );
}

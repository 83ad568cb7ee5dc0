/**
 * What this node last read of its own eligibility. The row is the truth and claims ask it; the gates that spare others
 * a wait, and this node a futile call, ask here. Whoever writes the row, or hears of a change, looks again.
 */
import type { Eligibility, NodeId } from '@skein/contracts';
import { SwarmError } from '../errors.ts';
import type { NodeEntry, NodeStore } from './node-store.ts';

export interface OwnEligibility {
  current(): Eligibility;
  /** Reads the row; undefined before the node has registered itself. */
  look(): Promise<NodeEntry | undefined>;
  /** Errors: NODE_SEALED. */
  requireOpen(): void;
}

export function createOwnEligibility({
  self,
  nodes,
}: {
  self: NodeId;
  nodes: Pick<NodeStore, 'find'>;
}): OwnEligibility {
  let current: Eligibility = 'eligible';
  return {
    current: () => current,
    async look() {
      const entry = await nodes.find(self);
      current = entry?.eligibility ?? 'eligible';
      return entry;
    },
    requireOpen() {
      if (current === 'sealed') throw thisNodeIsSealed(self);
    },
  };
}

function thisNodeIsSealed(self: NodeId): SwarmError {
  return new SwarmError(
    'NODE_SEALED',
    'this node is sealed: it tells what it did and does nothing new; open it with: skein unseal',
    { metadata: { reason: 'this_node_sealed', nodeId: self } },
  );
}

/** The peers of the registry, as the sending end of directives reaches them. */
import { AcknowledgeResultsReply, CancelDirectiveReply, GetDirectivesReply, type NodeId } from '@skein/contracts';
import type { DirectivePeers } from '../directives/peer-port.ts';
import { SwarmError } from '../errors.ts';
import type { NodeEntry, NodeStore } from '../membership/node-store.ts';
import type { PeerAddress, PeerCaller } from './peer-caller.ts';

/** Errors: UNKNOWN_NODE where the registry does not have it. */
export async function requirePeer(nodes: Pick<NodeStore, 'find'>, nodeId: NodeId): Promise<PeerAddress> {
  return addressOf(await nodes.find(nodeId), nodeId);
}

/** A sealed node is asked about what it did, and sent nothing. Errors: UNKNOWN_NODE, NODE_SEALED. */
async function requireOpenPeer(nodes: Pick<NodeStore, 'find'>, nodeId: NodeId): Promise<PeerAddress> {
  const entry = await nodes.find(nodeId);
  if (entry && !entry.removed && entry.eligibility === 'sealed')
    throw new SwarmError('NODE_SEALED', `node ${nodeId} is sealed; nobody sends to it any more`, {
      metadata: { reason: 'target_sealed', nodeId },
    });
  return addressOf(entry, nodeId);
}

function addressOf(entry: NodeEntry | undefined, nodeId: NodeId): PeerAddress {
  const [origin] = entry?.record.addresses ?? [];
  if (!entry || entry.removed || origin === undefined)
    throw new SwarmError('UNKNOWN_NODE', `no node ${nodeId} is known here; list the nodes to see who is`, {
      metadata: { nodeId },
    });
  return { nodeId, origin, key: entry.record.key };
}

export function createRegisteredPeers({
  nodes,
  caller,
}: {
  nodes: Pick<NodeStore, 'find'>;
  caller: PeerCaller;
}): DirectivePeers {
  return {
    async *send(target, params, signal) {
      yield* caller.stream(await requireOpenPeer(nodes, target), params, { signal });
    },
    async report(target, ids, signal) {
      const peer = await requirePeer(nodes, target);
      return caller.call(peer, 'SwarmGetDirectives', { ids }, GetDirectivesReply, { signal });
    },
    async acknowledge(target, ids, signal) {
      const peer = await requirePeer(nodes, target);
      return caller.call(peer, 'SwarmAcknowledgeResults', { ids }, AcknowledgeResultsReply, { signal });
    },
    async cancel(target, id, cause, signal) {
      const peer = await requirePeer(nodes, target);
      return caller.call(peer, 'SwarmCancelDirective', { id, cause }, CancelDirectiveReply, { signal });
    },
  };
}

/** The peers of the registry, as the sending end of directives reaches them. */
import { AcknowledgeResultsReply, CancelDirectiveReply, GetDirectivesReply, type NodeId } from '@skein/contracts';
import type { DirectivePeers } from '../directives/peer-port.ts';
import { SwarmError } from '../errors.ts';
import type { NodeStore } from '../membership/node-store.ts';
import type { PeerAddress, PeerCaller } from './peer-caller.ts';

/** Errors: UNKNOWN_NODE where the registry does not have it. */
export async function requirePeer(nodes: Pick<NodeStore, 'find'>, nodeId: NodeId): Promise<PeerAddress> {
  const entry = await nodes.find(nodeId);
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
      yield* caller.stream(await requirePeer(nodes, target), params, { signal });
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

/** What a program calls when it thinks of peers one by one: the same deeds as the node's own, in the words of a transport. */
import { A2AClientError, type HttpPort, resolveAgentCard } from '@skein/a2a-transport';
import type { DispatchInput, NodeId } from '@skein/contracts';
import { type Clock, deadlineSignal, linkedSignal } from '@skein/contracts/runtime';
import { SwarmError } from './errors.ts';
import { proveSeed, seedOrigin } from './membership/joining.ts';
import type { NodeStore } from './membership/node-store.ts';
import type { PeerCaller } from './peers/peer-caller.ts';
import { requirePeer } from './peers/registered-peers.ts';
import { parsePublicKey } from './security/node-identity.ts';
import type { SwarmNode } from './swarm-node.ts';
import type { SwarmTransport } from './transport-desk.ts';

export interface TransportDeps {
  node: Pick<SwarmNode, 'join' | 'dispatch' | 'broadcast'>;
  nodes: Pick<NodeStore, 'find'>;
  membership: { part(nodeId: NodeId, signal: AbortSignal): Promise<boolean> };
  caller: PeerCaller;
  http: HttpPort;
  clock: Clock;
  /** Aborts when the node stops. */
  stopping: AbortSignal;
}

const PING_WITHIN_MS = 2_000;

export function createTransport(deps: TransportDeps): SwarmTransport {
  const { node, nodes, membership, caller, http, clock, stopping } = deps;

  /** Errors of the wire in the library's words; whoever aborted gets the own reason back. */
  async function reaching<T>(where: string, given: AbortSignal | undefined, call: (signal: AbortSignal) => Promise<T>) {
    const until = linkedSignal(given, stopping);
    try {
      return await call(until.signal);
    } catch (cause) {
      until.signal.throwIfAborted();
      if (!(cause instanceof A2AClientError)) throw cause;
      if (cause.code === 'CARD_NOT_TRUSTED')
        throw new SwarmError(
          'PEER_NOT_TRUSTED',
          `the card at the address of ${where} is not that node's: ${cause.message}`,
          {
            cause,
          },
        );
      throw new SwarmError('PEER_UNREACHABLE', `${where} did not answer as a node: ${cause.message}`, { cause });
    } finally {
      until.clear();
    }
  }

  return {
    connect: (endpoint, options) => node.join(endpoint, options),
    disconnect: (nodeId, { signal = stopping } = {}) => membership.part(nodeId, signal),
    // The order and its payload belong together; a spread over a union cannot show that.
    sendDirective: (nodeId, order, options) => node.dispatch({ ...order, target: nodeId } as DispatchInput, options),
    broadcastDirective: (order, to, options) => node.broadcast(order, to, options),
    async fetchRemoteAgentCard(word, { signal } = {}) {
      const known = await nodes.find(word as NodeId); // an endpoint is no key of the registry
      const record = known && !known.removed ? known.record : undefined;
      const origin = record ? record.addresses[0] : seedOrigin(word);
      if (origin === undefined) throw new SwarmError('UNKNOWN_NODE', `node ${word} has no address`);
      const pins = record && { keys: [{ key: parsePublicKey(record.key), kid: word }] };
      return reaching(word, signal, (until) =>
        resolveAgentCard(origin, { http, clock, signal: until, ...(pins && { pins }) }),
      );
    },
    async ping(nodeId, { signal } = {}) {
      const { origin } = await requirePeer(nodes, nodeId);
      const askedAt = clock.now();
      const { seed } = await reaching(nodeId, signal, async (until) => {
        const limit = deadlineSignal(clock, PING_WITHIN_MS, () => tooSlow(nodeId), until);
        try {
          return await proveSeed({ caller }, origin, limit.signal);
        } finally {
          limit.clear();
        }
      });
      if (seed.nodeId === nodeId) return { nodeId, latencyMs: Math.max(0, clock.now() - askedAt) };
      throw new SwarmError('PEER_NOT_TRUSTED', `another node answers at ${origin}`, {
        metadata: { nodeId, answered: seed.nodeId },
      });
    },
  };
}

const tooSlow = (nodeId: NodeId) =>
  new SwarmError('PEER_UNREACHABLE', `node ${nodeId} did not answer within ${PING_WITHIN_MS} ms`);

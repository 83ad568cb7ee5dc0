/** What a program calls when it thinks of peers one by one: the same deeds as the node's own, in the words of a transport. */
import { A2AClientError, type HttpPort, resolveAgentCard } from '@skein/a2a-transport';
import type { BroadcastDetail, DispatchInput, NodeId, NodeView, Selector } from '@skein/contracts';
import type { AgentCard } from '@skein/contracts/a2a';
import { type Clock, deadlineSignal, linkedSignal } from '@skein/contracts/runtime';
import type { CallOptions } from './call-options.ts';
import type { BroadcastOrder } from './directives/broadcast-desk.ts';
import { SwarmError } from './errors.ts';
import { proveSeed, seedOrigin } from './membership/joining.ts';
import type { NodeStore } from './membership/node-store.ts';
import type { PeerCaller } from './peers/peer-caller.ts';
import { requirePeer } from './peers/registered-peers.ts';
import type { DispatchResult, SwarmNode } from './swarm-node.ts';

/** An order without saying to whom. */
type Unaddressed = DispatchInput extends infer Each ? (Each extends unknown ? Omit<Each, 'target'> : never) : never;

export interface SwarmTransport {
  /** Joins the swarm through the node at this address. Errors: as `join`. */
  connect(endpoint: string, options?: CallOptions & { token?: string }): Promise<NodeView>;
  /** Says goodbye to a seed and beats to it no more; false where it is none of this node's. What is known of it stays. */
  disconnect(nodeId: NodeId, options?: CallOptions): Promise<boolean>;
  /** Sends one directive to one node and waits for its end. Errors: as `dispatch`. */
  sendDirective(nodeId: NodeId, order: Unaddressed, options?: CallOptions): Promise<DispatchResult>;
  /** Sends one to each node that the selector means. Errors: as `broadcast`. */
  broadcastDirective(order: BroadcastOrder, to?: Selector, options?: CallOptions): Promise<BroadcastDetail>;
  /** The card as the node publishes it now: nothing is kept. Errors: UNKNOWN_NODE, PEER_UNREACHABLE, INVALID_ARGUMENT. */
  fetchRemoteAgentCard(nodeOrEndpoint: NodeId | string, options?: CallOptions): Promise<AgentCard>;
  /**
   * Asks a node, within two seconds, to prove that it holds its key; how long that took, in milliseconds.
   * Errors: UNKNOWN_NODE, PEER_UNREACHABLE, PEER_NOT_TRUSTED (another node answers there).
   */
  ping(nodeId: NodeId, options?: CallOptions): Promise<{ nodeId: NodeId; latencyMs: number }>;
}

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
      const origin = known && !known.removed ? known.record.addresses[0] : seedOrigin(word);
      if (origin === undefined) throw new SwarmError('UNKNOWN_NODE', `node ${word} has no address`);
      return reaching(word, signal, (until) => resolveAgentCard(origin, { http, clock, signal: until }));
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

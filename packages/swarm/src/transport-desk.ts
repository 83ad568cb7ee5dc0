import type { BroadcastDetail, DispatchInput, NodeId, NodeView, Selector } from '@skein/contracts';
import type { AgentCard } from '@skein/contracts/a2a';
import type { CallOptions } from './call-options.ts';
import type { BroadcastOrder } from './directives/broadcast-desk.ts';
import type { DispatchResult } from './directives/dispatch-result.ts';

/** An order without saying to whom. */
type Unaddressed = DispatchInput extends infer Each ? (Each extends unknown ? Omit<Each, 'target'> : never) : never;

/** The calls of a node that concern one peer, or a selector's. */
export interface SwarmTransport {
  /** Joins the swarm through the node at this address. Errors: as `join`. */
  connect(endpoint: string, options?: CallOptions & { token?: string }): Promise<NodeView>;
  /** Says goodbye to a seed and beats to it no more; false where it is none of this node's. What is known of it stays. */
  disconnect(nodeId: NodeId, options?: CallOptions): Promise<boolean>;
  /** Sends one directive to one node and waits for its end. Errors: as `dispatch`. */
  sendDirective(nodeId: NodeId, order: Unaddressed, options?: CallOptions): Promise<DispatchResult>;
  /** Sends one to each node that the selector means. Errors: as `broadcast`. */
  broadcastDirective(order: BroadcastOrder, to?: Selector, options?: CallOptions): Promise<BroadcastDetail>;
  /**
   * The card as the node publishes it now: nothing is kept. That of a node which the registry knows is signed by its key;
   * that of an address is whatever answers there, and as good as the connection.
   * Errors: UNKNOWN_NODE, PEER_UNREACHABLE, INVALID_ARGUMENT, PEER_NOT_TRUSTED (the node's key did not sign it).
   */
  fetchRemoteAgentCard(nodeOrEndpoint: NodeId | string, options?: CallOptions): Promise<AgentCard>;
  /**
   * Asks a node, within two seconds, to prove that it holds its key; how long that took, in milliseconds.
   * Errors: UNKNOWN_NODE, PEER_UNREACHABLE, PEER_NOT_TRUSTED (another node answers there).
   */
  ping(nodeId: NodeId, options?: CallOptions): Promise<{ nodeId: NodeId; latencyMs: number }>;
}

/** A node of the swarm, as the program that holds it sees it. */
import type {
  DirectiveDetail,
  DirectiveId,
  DirectiveSide,
  DirectiveStatus,
  DirectiveUpdate,
  DirectiveView,
  DispatchInput,
  Liveness,
  NodeId,
  NodeView,
  ResourceSnapshot,
  SwarmEvent,
  TokenCreateBody,
} from '@skein/contracts';
import type { EventSource } from '@skein/contracts/runtime';
import type { Hono } from 'hono';
import type { AgentDesk } from './agents/agent-desk.ts';
import type { CallOptions } from './call-options.ts';
import type { BroadcastDesk } from './directives/broadcast-desk.ts';
import type { DispatchResult } from './directives/dispatch-result.ts';
import type { FleetDesk } from './fleet-desk.ts';
import type { MailDesk } from './mail/mail-desk.ts';
import type { EligibilityDesk, ShutdownDrain } from './membership/eligibility-desk.ts';
import type { Registration } from './registration.ts';
import type { StateDesk } from './state/state-desk.ts';
import type { SwarmTransport } from './transport-desk.ts';

/** Somebody who answered with a card that speaks our extension. Trusted only once it has joined, or been joined. */
export interface DiscoveredPeer {
  endpoint: string;
  nodeId: NodeId;
  name: string;
  trusted: boolean;
}

/** Each field that is given must be the node's own. */
export interface NodeFilter {
  status?: NodeView['status'];
  liveness?: Liveness;
  group?: string;
}

/** A node as its program holds it. Every call may throw STORE_UNAVAILABLE while its database is away. */
export interface SwarmNode
  extends AsyncDisposable,
    AgentDesk,
    BroadcastDesk,
    EligibilityDesk,
    FleetDesk,
    MailDesk,
    Registration,
    ShutdownDrain,
    StateDesk {
  readonly id: NodeId;
  readonly name: string;
  /** The instances of CortexPrism that it is configured with: the ids that stand in their directives, and their names. */
  readonly cortexPeers: readonly { readonly nodeId: NodeId; readonly name: string }[];
  /** The node's A2A surface: the agent card and the JSON-RPC endpoint. Mount it where the node's address points. */
  readonly app: Hono;
  /** What happens in this node, told after it was stored. A listener that throws disturbs nobody. */
  readonly events: EventSource<SwarmEvent>;
  /** The same deeds for programs that think of peers one by one. */
  readonly transport: SwarmTransport;

  /**
   * Takes up what an earlier life left (kills its processes, settles its work), registers the node, joins its seeds in
   * the background and starts beating, working and sending. Seeds that do not answer are retried with backoff.
   */
  start(): Promise<void>;
  /** Stops working: what runs is killed and recorded, the seeds are told. Twice is as good as once. */
  stop(): Promise<void>;
  /** Whether the node runs and its storage answers. */
  isReady(): Promise<boolean>;

  /** Writes the node's own record. Idempotent: the same identity updates the same entry. */
  registerSelf(): Promise<NodeView>;
  /**
   * Joins the swarm through a seed's origin (http://host:port, with or without /a2a). A known key needs no token.
   * Errors: JOIN_REFUSED (metadata.reason says why), PEER_NOT_TRUSTED, INVALID_TOKEN, PEER_UNREACHABLE, INVALID_ARGUMENT.
   */
  join(seed: string, options?: CallOptions & { token?: string }): Promise<NodeView>;
  /** Asks the given endpoints, or the configured seeds, for their cards. Silent ones are left out. */
  discoverPeers(endpoints?: readonly string[], options?: CallOptions): Promise<DiscoveredPeer[]>;
  /** Admits one node once: tell it to the operator of the new node. Errors: INVALID_ARGUMENT. */
  createJoinToken(input?: Partial<TokenCreateBody>): Promise<{ token: string; expiresAt: string }>;

  /** As this node's registry has it; undefined where it is not there, or was taken out. */
  getNode(id: NodeId): Promise<NodeView | undefined>;
  /** All nodes that this one knows, itself among them. */
  listNodes(filter?: NodeFilter): Promise<NodeView[]>;
  /** The metrics of its last heartbeats that this database took in, the newest first; at most `limit`, of 1,440 that are kept. */
  listSnapshots(id: NodeId, limit: number): Promise<ResourceSnapshot[]>;

  /**
   * Sends a directive and waits for its end: at most its TTL, and the minute after it in which the receiver is asked.
   * An abort asks for the directive's cancellation and rejects with the signal's reason.
   * Errors: INVALID_ARGUMENT (shape), UNKNOWN_NODE, NO_MATCHING_NODE, NODE_STOPPED, NODE_SEALED (this node is). Anything that
   * befalls the directive is in the result.
   */
  dispatch(input: DispatchInput, options?: CallOptions): Promise<DispatchResult>;
  /** The same, as it happens: status changes, output as it comes, the result last. Leaving it early ends nothing. */
  dispatchStream(input: DispatchInput, options?: CallOptions): AsyncIterable<DirectiveUpdate>;
  /** Stores a directive and returns at once; it is sent whatever happens to the caller. Errors: as `dispatch`. */
  submit(input: DispatchInput): Promise<DirectiveView>;
  /** What happens to a directive that this node sent, from now on; the result last. Errors: DIRECTIVE_NOT_FOUND. */
  follow(id: DirectiveId, options?: CallOptions): AsyncIterable<DirectiveUpdate>;
  /** Asks for the end of a directive that this node sent. What is final stays. Errors: DIRECTIVE_NOT_FOUND. */
  cancelDirective(id: DirectiveId): Promise<DirectiveView>;
  /** A directive that this node sent (`outbox`, looked at first) or received (`inbox`), with its way. */
  getDirective(id: DirectiveId, side?: DirectiveSide): Promise<DirectiveDetail | undefined>;
  /** What this node sent and received, newest first; 50 unless told. */
  listDirectives(query?: { status?: DirectiveStatus; limit?: number }): Promise<DirectiveView[]>;

  /** Beats once, now: to its own registry and to every seed that it joined. */
  heartbeat(): Promise<void>;
}

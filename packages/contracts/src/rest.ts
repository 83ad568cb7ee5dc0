/** The bodies of `/api/swarm/*`. */
import { z } from 'zod';
import { AgentLimits, AgentMode, AgentState, AgentView } from './agent.ts';
import { DEFAULT_TTL_MS, DirectiveResult, DirectiveStatus, EffectClass, MAX_TTL_MS, Priority } from './directive.ts';
import { DirectiveError } from './directive-error.ts';
import { DirectiveKind } from './directive-kind.ts';
import { EligibilityOrder } from './eligibility.ts';
import { SWARM_EVENT_TYPES, type SwarmEvent } from './events.ts';
import { SteerAgentParams } from './extension.ts';
import { BroadcastId, DirectiveId, MailId, NodeId, Timestamp } from './ids.ts';
import { Mail, MailboxSummary, MailThread, Recipient } from './mailbox.ts';
import { GroupName, NodeName, NodeView, Tier } from './node.ts';
import { Placement, Target } from './placement.ts';
import { NodeMetrics, ResourceSnapshot } from './resources.ts';
import { StateEntryView } from './state.ts';

/** Which end of a directive a row belongs to: the sender's outbox or the receiver's inbox. */
export const DirectiveSide = z.enum(['outbox', 'inbox']);
export type DirectiveSide = z.infer<typeof DirectiveSide>;

/** One directive as one node's row tells it. */
export const DirectiveView = z.strictObject({
  id: DirectiveId,
  side: DirectiveSide,
  /** Null on a tombstone: a cancellation that came before its directive. */
  kind: DirectiveKind.nullable(),
  sourceNodeId: NodeId,
  targetNodeId: NodeId,
  status: DirectiveStatus,
  /** The row's own state, finer than the status. */
  state: z.string(),
  priority: Priority,
  effect: EffectClass,
  ttlMs: z.int().nonnegative(),
  /** Sends on the outbox side, starts on the inbox side. */
  attempts: z.int().nonnegative(),
  payload: z.json(),
  parentDirectiveId: DirectiveId.nullable(),
  /** What it was part of, where it went to many. */
  broadcastId: BroadcastId.nullable(),
  /** Why it went where it went, where a selector chose. */
  placement: Placement.nullable(),
  createdAt: Timestamp,
  deadlineAt: Timestamp,
  endedAt: Timestamp.nullable(),
  result: DirectiveResult.nullable(),
});
export type DirectiveView = z.infer<typeof DirectiveView>;

/** One step of a directive's way, as the audit trail keeps it. */
export const DirectiveEvent = z.strictObject({
  at: Timestamp,
  side: DirectiveSide,
  from: z.string().nullable(),
  to: z.string(),
  reason: z.string().nullable(),
});
export type DirectiveEvent = z.infer<typeof DirectiveEvent>;

/** `GET /directives/:id`: a directive with its order, its result and the steps that are stored of its way. */
export const DirectiveDetail = z.strictObject({ directive: DirectiveView, events: z.array(DirectiveEvent) });
export type DirectiveDetail = z.infer<typeof DirectiveDetail>;

/** The query of `GET /directives`. */
export const DirectiveListQuery = z.strictObject({
  status: DirectiveStatus.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
});
export type DirectiveListQuery = z.infer<typeof DirectiveListQuery>;

/** What `dispatchStream` yields and REST streams, one object an event. */
export const DirectiveUpdate = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('status'), directiveId: DirectiveId, status: DirectiveStatus }),
  z.strictObject({
    type: z.literal('output'),
    directiveId: DirectiveId,
    stream: z.enum(['stdout', 'stderr']),
    text: z.string(),
  }),
  z.strictObject({ type: z.literal('result'), directiveId: DirectiveId, result: DirectiveResult }),
]);
export type DirectiveUpdate = z.infer<typeof DirectiveUpdate>;

/** A node that a broadcast left out, and why. */
export const SkippedNode = z.strictObject({
  nodeId: NodeId,
  name: NodeName,
  reason: z.enum(['offline', 'draining', 'sealed', 'unverified', 'kind_not_supported']),
});
export type SkippedNode = z.infer<typeof SkippedNode>;

/** What became of a broadcast so far: how many directives are in each status. */
export const BroadcastSummary = z.strictObject({
  broadcastId: BroadcastId,
  total: z.int().nonnegative(),
  completed: z.int().nonnegative(),
  /** Ended otherwise than completed. */
  failed: z.int().nonnegative(),
  open: z.int().nonnegative(),
  /** Who was left out; told to whoever sends it, and not kept: empty where a broadcast is looked up later. */
  skipped: z.array(SkippedNode),
});
export type BroadcastSummary = z.infer<typeof BroadcastSummary>;

/** What `broadcastStream` yields and REST streams: who is asked, what each says, and at the end how it went. */
export const BroadcastUpdate = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('sent'),
    broadcastId: BroadcastId,
    directives: z.array(z.strictObject({ directiveId: DirectiveId, nodeId: NodeId })),
    skipped: z.array(SkippedNode),
  }),
  z.strictObject({
    type: z.literal('update'),
    nodeId: NodeId,
    update: DirectiveUpdate,
  }),
  z.strictObject({ type: z.literal('ended'), summary: BroadcastSummary }),
]);
export type BroadcastUpdate = z.infer<typeof BroadcastUpdate>;

/** `GET /broadcast/:id`, and the answer to `POST /broadcast`: the sum, and each directive as it stands. */
export const BroadcastDetail = z.strictObject({ summary: BroadcastSummary, directives: z.array(DirectiveView) });
export type BroadcastDetail = z.infer<typeof BroadcastDetail>;

/** What POST /agents takes: a spawn_agent directive in fewer words. */
export const AgentSpawnBody = z.strictObject({
  target: Target,
  agentType: z.string().min(1).max(63),
  instruction: z.string(),
  name: z.string().min(1).max(120).optional(),
  context: z.record(z.string(), z.json()).optional(),
  limits: AgentLimits.optional(),
  mode: AgentMode.default('detach'),
  announceTo: Recipient.optional(),
  priority: Priority.default('normal'),
  ttlMs: z.int().positive().max(MAX_TTL_MS).default(DEFAULT_TTL_MS),
  parentDirectiveId: DirectiveId.optional(),
});
export type AgentSpawnBody = z.infer<typeof AgentSpawnBody>;

/** An agent, and its PID in the process tree of the node that tells: its own machine's, or one from 900,000 on. */
export const AgentEntry = z.strictObject({ agent: AgentView, pid: z.int().positive().nullable() });
export type AgentEntry = z.infer<typeof AgentEntry>;

/** `GET /agents`, newest first. */
export const AgentList = z.strictObject({ agents: z.array(AgentEntry) });
/** The query of `GET /agents`. `node` is where they run. */
export const AgentListQuery = z.strictObject({
  state: AgentState.optional(),
  /** Where it runs. */
  node: NodeId.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
});
export type AgentListQuery = z.infer<typeof AgentListQuery>;
/** `POST /agents/:id/steer`: a word for a running agent. */
export const AgentSteerBody = SteerAgentParams.pick({ text: true });
/** `POST /agents/:id/kill`. The reason is for people. */
export const AgentKillBody = z.strictObject({ reason: z.string().max(255).optional() });
/** An agent as its home has just answered. */
export const AgentReply = z.strictObject({ agent: AgentView });

/** The query of a mailbox: go on with the last `sequence` as `after`. */
export const MailListQuery = z.strictObject({
  /** Only what came after this sequence. */
  after: z.coerce.number().int().nonnegative().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  contextId: z.string().optional(),
  /** With what has been acknowledged too. */
  all: z.enum(['true', 'false']).default('false'),
});
/** `GET /mailboxes/:kind/:name`, in the order of arrival. */
export const MailList = z.strictObject({ mail: z.array(Mail) });
/** `GET /mailboxes`, the latest first. */
export const MailboxList = z.strictObject({ mailboxes: z.array(MailboxSummary) });
/** `GET /mailboxes/:kind/:name/threads`, the latest first. */
export const MailThreadList = z.strictObject({ threads: z.array(MailThread) });
/** `POST /mailboxes/:kind/:name/acknowledge`: 1 to 500 messages at once. */
export const AcknowledgeMailBody = z.strictObject({ ids: z.array(MailId).min(1).max(500) });
/** `missing` are not in this mailbox. */
export const AcknowledgeMailReply = z.strictObject({
  acknowledged: z.array(MailId),
  /** Not in this mailbox. */
  missing: z.array(MailId),
});

/** `GET /state/:namespace`, in the order of keys, without tombstones. */
export const StateList = z.strictObject({ entries: z.array(StateEntryView) });
/** `PUT /state/:namespace/:key`: any JSON. */
export const StatePutBody = z.strictObject({ value: z.json() });
/** `GET /state`: how full each namespace is, in bytes of JSON text. */
export const NamespaceList = z.strictObject({
  namespaces: z.array(
    z.strictObject({
      name: z.string(),
      entries: z.int().nonnegative(),
      bytes: z.int().nonnegative(),
      maxEntries: z.int().positive(),
      maxBytes: z.int().positive(),
    }),
  ),
});
/** `POST /state/:namespace/sync`: the node to exchange with. */
export const StateSyncBody = z.strictObject({ nodeId: NodeId });
/** What a sync with one node brought: entries that went there and that came from there. */
export const StateSyncReply = z.strictObject({
  sent: z.int().nonnegative(),
  received: z.int().nonnegative(),
  refused: z.array(z.strictObject({ key: z.string(), reason: z.string() })),
});
export type StateSyncReply = z.infer<typeof StateSyncReply>;

/** `PATCH /nodes/:id`. A `group` of null takes the node out of its group. */
export const NodePatchBody = z
  .strictObject({ tier: Tier.optional(), group: GroupName.nullable().optional() })
  .refine(({ tier, group }) => tier !== undefined || group !== undefined, 'say what to change: tier or group');
export type NodePatchBody = z.infer<typeof NodePatchBody>;
/** The last figures of every node. `at` is null where they came through others. */
export const NodeMetricsList = z.strictObject({
  nodes: z.array(
    z.strictObject({ nodeId: NodeId, name: NodeName, metrics: NodeMetrics.nullable(), at: Timestamp.nullable() }),
  ),
});
/** `GET /nodes/:id/snapshots`, newest first. */
export const SnapshotList = z.strictObject({ snapshots: z.array(ResourceSnapshot) });
/** The query of `GET /nodes/:id/snapshots`: 1 to 1,440, 50 unless told. */
export const SnapshotQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(1_440).default(50) });

const [drainOrder, undrainOrder, sealOrder] = EligibilityOrder.options;
/** `POST /nodes/:id/drain`. The deadline is in milliseconds, ten minutes unless told. */
export const DrainBody = drainOrder.omit({ action: true });
/** `POST /nodes/:id/undrain`. */
export const UndrainBody = undrainOrder.omit({ action: true });
/** `POST /nodes/:id/seal`. */
export const SealBody = sealOrder.omit({ action: true });
/** `POST /unseal`, at the node itself. With a token it joins again at once. */
export const UnsealBody = z.strictObject({
  /** Lets the node in again at the seed that made it; without one it opens here alone. */
  joinToken: z.string().min(1).optional(),
  reason: z.string().min(1).max(255).optional(),
});

/** What GET /events takes: which types are told, separated by commas. */
export const WatchQuery = z.strictObject({
  types: z
    .string()
    .transform((text, context) => {
      const names = text.split(',').map((name) => name.trim());
      const unknown = names.find((name) => !isEventType(name));
      if (unknown === undefined) return names.filter(isEventType);
      context.addIssue(`${JSON.stringify(unknown)} is no type of event; there are ${SWARM_EVENT_TYPES.join(', ')}`);
      return z.NEVER;
    })
    .optional(),
});
const isEventType = (name: string): name is SwarmEvent['type'] =>
  (SWARM_EVENT_TYPES as readonly string[]).includes(name); // wider, so that any text may be asked for

/** `GET /nodes`, with the instances of CortexPrism that the node is configured with: directives name them by such ids. */
export const NodeList = z.strictObject({
  nodes: z.array(NodeView),
  cortexPeers: z.array(z.strictObject({ nodeId: NodeId, name: NodeName })).default([]),
});
/** `GET /directives`, newest first, sent and received. */
export const DirectiveList = z.strictObject({ directives: z.array(DirectiveView) });
/** The answer to `POST /directives`: stored; with `?wait=true` ended. */
export const DispatchReply = z.strictObject({ directive: DirectiveView });
/** `POST /tokens`: the token is told this once, and nobody can read it again. */
export const TokenReply = z.strictObject({ token: z.string(), expiresAt: Timestamp });
/** `POST /directives/:id/cancel`: the directive, whose end may still be to come. */
export const CancelReply = z.strictObject({ directive: DirectiveView });

/** `error.reason` is for programs and never changes; `error.message` says what to do. */
export const ErrorBody = z.strictObject({ error: DirectiveError });
export type ErrorBody = z.infer<typeof ErrorBody>;

/** `GET /healthz`: this process, open to anybody. A node's figures are in `NodeHealth`. */
export const HealthReply = z.strictObject({
  status: z.enum(['ok', 'unavailable']),
  nodeId: NodeId,
  name: z.string(),
  uptimeMs: z.int().nonnegative(),
  pid: z.int().positive(),
  version: z.string(),
});
export type HealthReply = z.infer<typeof HealthReply>;

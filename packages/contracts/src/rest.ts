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

export const DirectiveDetail = z.strictObject({ directive: DirectiveView, events: z.array(DirectiveEvent) });
export type DirectiveDetail = z.infer<typeof DirectiveDetail>;

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

export const AgentList = z.strictObject({ agents: z.array(AgentEntry) });
export const AgentListQuery = z.strictObject({
  state: AgentState.optional(),
  /** Where it runs. */
  node: NodeId.optional(),
  limit: z.coerce.number().int().min(1).max(1_000).default(50),
});
export type AgentListQuery = z.infer<typeof AgentListQuery>;
export const AgentSteerBody = SteerAgentParams.pick({ text: true });
export const AgentKillBody = z.strictObject({ reason: z.string().max(255).optional() });
export const AgentReply = z.strictObject({ agent: AgentView });

export const MailListQuery = z.strictObject({
  /** Only what came after this sequence. */
  after: z.coerce.number().int().nonnegative().optional(),
  limit: z.coerce.number().int().min(1).max(500).default(50),
  contextId: z.string().optional(),
  /** With what has been acknowledged too. */
  all: z.enum(['true', 'false']).default('false'),
});
export const MailList = z.strictObject({ mail: z.array(Mail) });
export const MailboxList = z.strictObject({ mailboxes: z.array(MailboxSummary) });
export const MailThreadList = z.strictObject({ threads: z.array(MailThread) });
export const AcknowledgeMailBody = z.strictObject({ ids: z.array(MailId).min(1).max(500) });
export const AcknowledgeMailReply = z.strictObject({
  acknowledged: z.array(MailId),
  /** Not in this mailbox. */
  missing: z.array(MailId),
});

export const StateList = z.strictObject({ entries: z.array(StateEntryView) });
export const StatePutBody = z.strictObject({ value: z.json() });
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
export const StateSyncBody = z.strictObject({ nodeId: NodeId });
/** What a sync with one node brought: entries that went there and that came from there. */
export const StateSyncReply = z.strictObject({
  sent: z.int().nonnegative(),
  received: z.int().nonnegative(),
  refused: z.array(z.strictObject({ key: z.string(), reason: z.string() })),
});
export type StateSyncReply = z.infer<typeof StateSyncReply>;

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
export const SnapshotList = z.strictObject({ snapshots: z.array(ResourceSnapshot) });
export const SnapshotQuery = z.strictObject({ limit: z.coerce.number().int().min(1).max(1_440).default(50) });

const [drainOrder, undrainOrder, sealOrder] = EligibilityOrder.options;
export const DrainBody = drainOrder.omit({ action: true });
export const UndrainBody = undrainOrder.omit({ action: true });
export const SealBody = sealOrder.omit({ action: true });
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

export const NodeList = z.strictObject({ nodes: z.array(NodeView) });
export const DirectiveList = z.strictObject({ directives: z.array(DirectiveView) });
export const DispatchReply = z.strictObject({ directive: DirectiveView });
export const TokenReply = z.strictObject({ token: z.string(), expiresAt: Timestamp });
export const CancelReply = z.strictObject({ directive: DirectiveView });

/** `error.reason` is for programs and never changes; `error.message` says what to do. */
export const ErrorBody = z.strictObject({ error: DirectiveError });
export type ErrorBody = z.infer<typeof ErrorBody>;

export const HealthReply = z.strictObject({
  status: z.enum(['ok', 'unavailable']),
  nodeId: NodeId,
  name: z.string(),
  uptimeMs: z.int().nonnegative(),
  pid: z.int().positive(),
  version: z.string(),
});
export type HealthReply = z.infer<typeof HealthReply>;

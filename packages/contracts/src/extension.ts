/** Skein's A2A extension: its URI, what travels with a directive, and the parameters and replies of its methods. */
import { z } from 'zod';
import { AgentView } from './agent.ts';
import { DirectiveResult, EffectClass, MAX_TTL_MS, Priority } from './directive.ts';
import { DirectiveKind } from './directive-kind.ts';
import { EligibilityOrder, EligibilityView } from './eligibility.ts';
import { RunningDirective } from './fleet.ts';
import { AgentId, DatabaseId, DirectiveId, MailId, NodeId, Timestamp } from './ids.ts';
import { Eligibility, GroupName, Incarnation, Liveness, Tier } from './node.ts';
import { NodeMetrics } from './resources.ts';
import { UsageSeries } from './usage-hours.ts';

export const SWARM_EXTENSION_URI = 'urn:skein:a2a:swarm:v1';
export const DIRECTIVE_MEDIA_TYPE = 'application/vnd.skein.directive+json';
export const RESULT_MEDIA_TYPE = 'application/vnd.skein.result+json';
/** The `domain` of our ErrorInfo, and the JSON-RPC code of every error of ours. */
export const ERROR_DOMAIN = 'skein';

/** The public parameters of the extension in an agent card. */
export const SwarmCardParams = z.strictObject({ nodeId: NodeId, swarm: z.string(), kinds: z.array(DirectiveKind) });
export type SwarmCardParams = z.infer<typeof SwarmCardParams>;

/** A signed record as it travels: a compact JWS. */
const SignedRecord = z.string().max(16_384);

/**
 * `message.metadata[SWARM_EXTENSION_URI]` of a directive. Time travels as what is left of it: clocks differ. Loose where
 * our other schemas are strict: nodes of several releases share a swarm, and what a newer one says beside this must not
 * make an older one refuse its directives.
 */
export const DirectiveMetadata = z.object({
  kind: DirectiveKind,
  priority: Priority,
  remainingMs: z.int().nonnegative().max(MAX_TTL_MS),
  attempt: z.int().positive(),
  effect: EffectClass,
  parentDirectiveId: DirectiveId.optional(),
  traceparent: z.string().max(128).optional(),
  /** How often it was passed on, and by whom. Nobody passes anything on yet. */
  hops: z.int().min(0).max(8).optional(),
  visited: z.array(NodeId).max(8).optional(),
});
export type DirectiveMetadata = z.infer<typeof DirectiveMetadata>;

/** Where a directive is at its receiver. The finals are those of a result. */
export const InboxState = z.enum([
  'received',
  'awaiting_approval',
  'leased',
  'running',
  'completed',
  'failed',
  'cancelled',
  'timed_out',
  'rejected',
  'interrupted',
]);
export type InboxState = z.infer<typeof InboxState>;

/** What a receiver says of one directive. A final state comes with its result. */
export const DirectiveReport = z.strictObject({
  id: DirectiveId,
  state: InboxState,
  result: DirectiveResult.optional(),
});
export type DirectiveReport = z.infer<typeof DirectiveReport>;

const ids = z.array(DirectiveId).min(1).max(500);

/** Every reply names the database that it was read from: a restored peer may have forgotten rows. */
const fromDatabase = { databaseId: DatabaseId };

/** A reply under the answering node's key: a compact JWS over { aud, jti, result }, where `jti` is the answered call's. */
export const SignedReply = z.strictObject({ signed: z.string() });
export type SignedReply = z.infer<typeof SignedReply>;

export const ProveIdentityParams = z.strictObject({ nonce: z.string().min(16).max(128) });
/**
 * `record`: the node's signed record. `proof`: a compact JWS by its key over { nonce, nodeId, challenge }, where
 * `challenge` is an X25519 public key (SPKI in DER, base64url) for one join within a minute.
 */
export const ProveIdentityReply = z.strictObject({ record: SignedRecord, proof: z.string() });

/**
 * Asks to be let in. `request` is a compact JWS by the joiner's key over { record, seedNodeId, challenge }. The token
 * travels encrypted to the challenge and bound to the request, so that nobody on the way can read or use it.
 */
export const JoinParams = z.strictObject({
  request: z.string().max(16_384),
  sealedToken: z.string().max(1_024).optional(),
});
export type JoinParams = z.infer<typeof JoinParams>;

/** A registry entry as it is relayed: the signed record as its node made it, and the teller's facts about it. */
export const RelayedNode = z.strictObject({
  record: SignedRecord,
  tier: Tier,
  group: GroupName.nullable(),
  liveness: Liveness,
  eligibility: Eligibility,
  eligibilityVersion: z.int().nonnegative(),
  removed: z.boolean(),
});
export type RelayedNode = z.infer<typeof RelayedNode>;

/** How far a node has read another's registry. */
export const RegistryCursor = z.strictObject({ ...fromDatabase, revision: z.int().nonnegative() });
export type RegistryCursor = z.infer<typeof RegistryCursor>;

export const RegistryChanges = z.strictObject({
  cursor: RegistryCursor,
  /** True where `nodes` is the whole registry and not only what changed since the cursor. */
  complete: z.boolean(),
  nodes: z.array(RelayedNode),
});
export type RegistryChanges = z.infer<typeof RegistryChanges>;

export const JoinReply = z.strictObject({
  tier: Tier,
  group: GroupName.nullable(),
  /** How often the joiner is to beat. */
  intervalMs: z.int().positive(),
  changes: RegistryChanges,
});
export type JoinReply = z.infer<typeof JoinReply>;

export const HeartbeatParams = z.strictObject({
  incarnation: Incarnation,
  /** The signed record, where it changed since the last beat that was answered. */
  record: SignedRecord.optional(),
  metrics: NodeMetrics,
  cursor: RegistryCursor.optional(),
  /** What the node decided of itself, or was told: the higher version holds. */
  eligibility: z.strictObject({ eligibility: Eligibility, version: z.int().nonnegative() }).optional(),
  /** The hours that changed since the last beat that was answered. */
  usage: UsageSeries.optional(),
});
export type HeartbeatParams = z.infer<typeof HeartbeatParams>;

export const HeartbeatReply = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('accepted'),
    intervalMs: z.int().positive(),
    /** The seed's own life and metrics: an answer is a heartbeat in the other direction. */
    incarnation: Incarnation,
    metrics: NodeMetrics,
    changes: RegistryChanges,
  }),
  /** Another life of this node was seen: come back with a higher incarnation than this one. */
  z.strictObject({ status: z.literal('stale_incarnation'), knownIncarnation: Incarnation }),
  /** The node is not in this registry: join again. */
  z.strictObject({ status: z.literal('not_joined') }),
]);
export type HeartbeatReply = z.infer<typeof HeartbeatReply>;

export const LeaveParams = z.strictObject({ incarnation: Incarnation, reason: z.string().max(255).optional() });
export const LeaveReply = z.strictObject({ status: z.literal('left') });

export const ListNodesParams = z.strictObject({ cursor: RegistryCursor.optional() });

export const GetDirectivesParams = z.strictObject({ ids });
export const GetDirectivesReply = z.strictObject({
  ...fromDatabase,
  directives: z.array(DirectiveReport),
  /** Asked for and not found: never arrived, purged, or of another sender. */
  missing: z.array(DirectiveId),
});
export type GetDirectivesReply = z.infer<typeof GetDirectivesReply>;

export const AcknowledgeResultsParams = z.strictObject({ ids });
export const AcknowledgeResultsReply = z.strictObject({ ...fromDatabase, acknowledged: z.array(DirectiveId) });

export const CancelCause = z.enum(['caller', 'deadline']);
export type CancelCause = z.infer<typeof CancelCause>;
export const CancelDirectiveParams = z.strictObject({ id: DirectiveId, cause: CancelCause });
export const CancelDirectiveReply = z.strictObject({ ...fromDatabase, directive: DirectiveReport });

/** Drains, undrains or seals the node that is asked. Its tier for the caller must allow it. */
export const SetEligibilityParams = EligibilityOrder;
export const SetEligibilityReply = EligibilityView;

/** An agent as the node that runs it tells of it, to the one that spawned it. */
export const AgentReport = AgentView.omit({ nodeId: true, spawnedBy: true });
export type AgentReport = z.infer<typeof AgentReport>;

export const ReportAgentsParams = z.strictObject({ agents: z.array(AgentReport).min(1).max(100) });
/** What is stored at the spawner now: with this version or a later one. */
export const ReportAgentsReply = z.strictObject({
  taken: z.array(z.strictObject({ id: AgentId, version: z.int().positive() })),
});

export const KillAgentParams = z.strictObject({ agentId: AgentId, reason: z.string().max(255).optional() });
export const KillAgentReply = z.strictObject({ agent: AgentView });

/** `messageId` makes it idempotent: said twice, it is heard once. */
export const SteerAgentParams = z.strictObject({
  agentId: AgentId,
  messageId: z.string().min(1).max(255),
  text: z.string().min(1).max(65_536),
});
export const SteerAgentReply = z.strictObject({
  mailId: MailId,
  /** `stdin`: it stands in the mailbox, and was written to the agent's input too. */
  delivered: z.enum(['mailbox', 'stdin']),
});
export type SteerAgentReply = z.infer<typeof SteerAgentReply>;

/** What runs on a node now, for whom, and what its work used since an hour. */
export const GetActivityParams = z.strictObject({ usageSince: Timestamp });
export const GetActivityReply = z.strictObject({
  ...fromDatabase,
  metrics: NodeMetrics,
  agents: z.array(AgentView),
  directives: z.array(RunningDirective),
  usage: UsageSeries,
});
export type GetActivityReply = z.infer<typeof GetActivityReply>;

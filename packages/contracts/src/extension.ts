/** Skein's A2A extension: its URI, what travels with a directive, and the parameters and replies of its methods. */
import { z } from 'zod';
import { AgentView } from './agent.ts';
import { DirectiveResult, EffectClass, MAX_TTL_MS, Priority } from './directive.ts';
import { DirectiveKind } from './directive-kind.ts';
import { EligibilityOrder, EligibilityVersion, EligibilityView } from './eligibility.ts';
import { RunningDirective } from './fleet.ts';
import { AgentId, DatabaseId, DirectiveId, MailId, NodeId, Timestamp } from './ids.ts';
import { Eligibility, GroupName, Incarnation, Liveness, Tier } from './node.ts';
import { NodeMetrics } from './resources.ts';
import { UsageSeries } from './usage-hours.ts';

/** The extension's URI, in the card and in `A2A-Extensions`. */
export const SWARM_EXTENSION_URI = 'urn:skein:a2a:swarm:v1';
/** The media type of the data part that holds a directive's payload. */
export const DIRECTIVE_MEDIA_TYPE = 'application/vnd.skein.directive+json';
/** The media type of the data part that holds a directive's result. */
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

/** `SwarmProveIdentity`: a fresh nonce of the caller's. */
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
  eligibilityVersion: EligibilityVersion,
  removed: z.boolean(),
});
export type RelayedNode = z.infer<typeof RelayedNode>;

/** How far a node has read another's registry. */
export const RegistryCursor = z.strictObject({ ...fromDatabase, revision: z.int().nonnegative() });
export type RegistryCursor = z.infer<typeof RegistryCursor>;

/** A page of a registry, at most 500 nodes: what changed since the cursor that was sent. */
export const RegistryChanges = z.strictObject({
  cursor: RegistryCursor,
  /** True where `nodes` is the whole registry and not only what changed since the cursor. */
  complete: z.boolean(),
  nodes: z.array(RelayedNode),
});
export type RegistryChanges = z.infer<typeof RegistryChanges>;

/** What a seed answers to somebody whom it lets in. */
export const JoinReply = z.strictObject({
  tier: Tier,
  group: GroupName.nullable(),
  /** How often the joiner is to beat. */
  intervalMs: z.int().positive(),
  changes: RegistryChanges,
});
export type JoinReply = z.infer<typeof JoinReply>;

/** `SwarmHeartbeat`: the node is there, with its metrics and what is new of it. */
export const HeartbeatParams = z.strictObject({
  incarnation: Incarnation,
  /** The signed record, where it changed since the last beat that was answered. */
  record: SignedRecord.optional(),
  metrics: NodeMetrics,
  cursor: RegistryCursor.optional(),
  /** What the node decided of itself, or was told: the higher version holds. */
  eligibility: z.strictObject({ eligibility: Eligibility, version: EligibilityVersion }).optional(),
  /** The hours that changed since the last beat that was answered. */
  usage: UsageSeries.optional(),
});
export type HeartbeatParams = z.infer<typeof HeartbeatParams>;

/** What a seed makes of a heartbeat. */
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

/** `SwarmLeave`: the node of this incarnation stops, and says so. */
export const LeaveParams = z.strictObject({ incarnation: Incarnation, reason: z.string().max(255).optional() });
/** The seed has noted it. A leave of an earlier incarnation changes nothing. */
export const LeaveReply = z.strictObject({ status: z.literal('left') });

/** `SwarmListNodes`: answered with `RegistryChanges`, all of it without a cursor. */
export const ListNodesParams = z.strictObject({ cursor: RegistryCursor.optional() });

/** `SwarmGetDirectives`: what became of these directives, 1 to 500, that the caller sent. */
export const GetDirectivesParams = z.strictObject({ ids });
/** Of those asked for; what is neither told nor `missing` did not fit and is asked for again. */
export const GetDirectivesReply = z.strictObject({
  ...fromDatabase,
  directives: z.array(DirectiveReport),
  /** Asked for and not found: never arrived, purged, or of another sender. */
  missing: z.array(DirectiveId),
});
export type GetDirectivesReply = z.infer<typeof GetDirectivesReply>;

/** `SwarmAcknowledgeResults`: the caller has stored the results of these directives, 1 to 500. */
export const AcknowledgeResultsParams = z.strictObject({ ids });
/** Those of them that are final and known. Twice is as good as once. */
export const AcknowledgeResultsReply = z.strictObject({ ...fromDatabase, acknowledged: z.array(DirectiveId) });

/** Whether the caller wants the end, or the time to live is over: the row ends as `cancelled` or `timed_out`. */
export const CancelCause = z.enum(['caller', 'deadline']);
export type CancelCause = z.infer<typeof CancelCause>;
/** `SwarmCancelDirective`: ends a directive that the caller sent, also one that has not come yet. */
export const CancelDirectiveParams = z.strictObject({ id: DirectiveId, cause: CancelCause });
/** The directive when its end is stored. What was final stays as it was. */
export const CancelDirectiveReply = z.strictObject({ ...fromDatabase, directive: DirectiveReport });

/** Drains, undrains or seals the node that is asked. Its tier for the caller must allow it. */
export const SetEligibilityParams = EligibilityOrder;
/** What the node that was asked is now. */
export const SetEligibilityReply = EligibilityView;

/** `SwarmGetEligibility`: what the node that is asked says of itself. */
export const GetEligibilityParams = z.strictObject({});
/** The same as to an order; with the fate of the work once a drain has ended. */
export const GetEligibilityReply = EligibilityView;

/** An agent as the node that runs it tells of it, to the one that spawned it. */
export const AgentReport = AgentView.omit({ nodeId: true, spawnedBy: true });
export type AgentReport = z.infer<typeof AgentReport>;

/** `SwarmReportAgents`: what became of agents that the receiver has spawned here, 1 to 100. */
export const ReportAgentsParams = z.strictObject({ agents: z.array(AgentReport).min(1).max(100) });
/** What is stored at the spawner now: with this version or a later one. */
export const ReportAgentsReply = z.strictObject({
  taken: z.array(z.strictObject({ id: AgentId, version: z.int().positive() })),
});

/** `SwarmKillAgent`: ends an agent that runs on the node that is asked. */
export const KillAgentParams = z.strictObject({ agentId: AgentId, reason: z.string().max(255).optional() });
/** The agent when nothing of it is left. */
export const KillAgentReply = z.strictObject({ agent: AgentView });

/** `messageId` makes it idempotent: said twice, it is heard once. */
export const SteerAgentParams = z.strictObject({
  agentId: AgentId,
  messageId: z.string().min(1).max(255),
  text: z.string().min(1).max(65_536),
});
/** Where the word stands now. */
export const SteerAgentReply = z.strictObject({
  mailId: MailId,
  /** `stdin`: it stands in the mailbox, and was written to the agent's input too. */
  delivered: z.enum(['mailbox', 'stdin']),
});
export type SteerAgentReply = z.infer<typeof SteerAgentReply>;

/** What runs on a node now, for whom, and what its work used since an hour. */
export const GetActivityParams = z.strictObject({ usageSince: Timestamp });
/** A node's answer to `SwarmGetActivity`, from what its database holds now. */
export const GetActivityReply = z.strictObject({
  ...fromDatabase,
  metrics: NodeMetrics,
  agents: z.array(AgentView),
  directives: z.array(RunningDirective),
  usage: UsageSeries,
});
export type GetActivityReply = z.infer<typeof GetActivityReply>;

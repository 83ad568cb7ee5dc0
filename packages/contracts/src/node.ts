/** A node: what it says of itself, signed, and what others know of it. */
import { z } from 'zod';
import { DirectiveKind } from './directive-kind.ts';
import { NodeId, Timestamp } from './ids.ts';
import { NodeMetrics } from './resources.ts';

/** Whether a node is there: derived from heartbeats, by the database's clock. */
export const Liveness = z.enum(['joining', 'online', 'suspect', 'offline', 'unverified']);
export type Liveness = z.infer<typeof Liveness>;

/** Whether a node may be given work: decided by people and by the node itself, never by a heartbeat. */
export const Eligibility = z.enum(['eligible', 'draining', 'drained', 'sealed']);
export type Eligibility = z.infer<typeof Eligibility>;

/** The rights of a node in the swarm, granted when it was admitted. */
export const Tier = z.enum(['root', 'sudo', 'unprivileged']);
export type Tier = z.infer<typeof Tier>;

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/;
const NAME_RULE = 'a name has 1 to 63 letters, digits, dots, dashes or underscores, and begins with a letter or digit';

/** What people call a node: 1 to 63 letters, digits, dots, dashes or underscores. */
export const NodeName = z.string().regex(NAME, NAME_RULE);
/** Nodes that belong together; spelled as a name is. */
export const GroupName = z.string().regex(NAME, NAME_RULE);

/** What a node says of itself for selectors: at most 64 names of 63 characters, with values of 255. */
export const Labels = z
  .record(z.string().min(1).max(63), z.string().max(255))
  .refine((labels) => Object.keys(labels).length <= 64, 'a node has at most 64 labels');
export type Labels = z.infer<typeof Labels>;

/** A life of a node. Bounded, so that nobody can push a node to where no number follows. */
export const Incarnation = z.int().positive().max(2_000_000_000);

/** What a node says of itself. It travels as a compact JWS that the node signed, and is relayed unchanged. */
export const NodeRecord = z.strictObject({
  /** The Ed25519 public key: SPKI in DER, base64url. The node's id is derived from it. */
  key: z.string().min(1).max(128),
  name: NodeName,
  /** Where the node listens: origins such as http://127.0.0.1:4220, best first. */
  addresses: z
    .array(z.url({ protocol: /^https?$/ }).max(255))
    .min(1)
    .max(8),
  group: GroupName.optional(),
  kinds: z.array(DirectiveKind),
  capabilities: z.array(z.string().max(63)).max(64),
  labels: Labels,
  /** How many directives run at once. */
  capacity: z.int().positive(),
  /** Counts the starts of the node; the higher one speaks for it. */
  incarnation: Incarnation,
  /** Counts the changes of the record within one incarnation. */
  recordVersion: z.int().positive(),
});
export type NodeRecord = z.infer<typeof NodeRecord>;

/** What the swarm sees of a node at a glance, from its two facts. */
export const NodeStatus = z.enum([
  'sealed',
  'offline',
  'suspect',
  'unverified',
  'draining',
  'drained',
  'joining',
  'online',
]);
export type NodeStatus = z.infer<typeof NodeStatus>;

/** The first that holds of sealed, offline, suspect, unverified, draining or drained, joining or online. */
export function nodeStatus(liveness: Liveness, eligibility: Eligibility): NodeStatus {
  if (eligibility === 'sealed') return 'sealed';
  if (liveness === 'offline' || liveness === 'suspect' || liveness === 'unverified') return liveness;
  return eligibility === 'eligible' ? liveness : eligibility;
}

/** A node as REST, the command line and library users see it. */
export const NodeView = z.strictObject({
  id: NodeId,
  name: NodeName,
  isSelf: z.boolean(),
  status: NodeStatus,
  liveness: Liveness,
  eligibility: Eligibility,
  addresses: z.array(z.string()),
  group: GroupName.nullable(),
  tier: Tier,
  kinds: z.array(DirectiveKind),
  capabilities: z.array(z.string()),
  labels: Labels,
  capacity: z.int().positive(),
  incarnation: z.int().positive(),
  joinedAt: Timestamp,
  /** The last heartbeat that this database took in; null where the node beats to others only. */
  lastHeartbeatAt: Timestamp.nullable(),
  metrics: NodeMetrics.nullable(),
});
export type NodeView = z.infer<typeof NodeView>;

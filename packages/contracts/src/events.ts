/** What a node tells its program, and whoever watches it: past tense, after the fact was stored. */
import { z } from 'zod';
import { AgentView } from './agent.ts';
import { DirectiveStatus } from './directive.ts';
import { DirectiveKind } from './directive-kind.ts';
import { AgentId, DirectiveId, MailId, NodeId } from './ids.ts';
import { Recipient } from './mailbox.ts';
import { Eligibility, Liveness } from './node.ts';

/**
 * What happens in a node, told after the fact was stored. The names are past tense and never change their meaning.
 */
export const SwarmEvent = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('node.liveness_changed'),
    nodeId: NodeId,
    from: Liveness,
    to: Liveness,
    incarnation: z.int().positive(),
  }),
  z.strictObject({
    type: z.literal('node.eligibility_changed'),
    nodeId: NodeId,
    from: Eligibility,
    to: Eligibility,
    reason: z.string().nullable(),
  }),
  z.strictObject({
    type: z.literal('node.admitted'),
    nodeId: NodeId,
    name: z.string(),
    incarnation: z.int().positive(),
  }),
  z.strictObject({ type: z.literal('node.removed'), nodeId: NodeId, name: z.string() }),
  z.strictObject({ type: z.literal('seed.joined'), seed: z.string(), nodeId: NodeId }),
  z.strictObject({
    type: z.literal('seed.failed'),
    seed: z.string(),
    attempt: z.int().positive(),
    reason: z.string(),
    retryInMs: z.number().nonnegative(),
  }),
  z.strictObject({ type: z.literal('heartbeat.answered'), nodeId: NodeId }),
  z.strictObject({ type: z.literal('heartbeat.failed'), nodeId: NodeId, reason: z.string() }),
  z.strictObject({
    type: z.literal('directive.status_changed'),
    directiveId: DirectiveId,
    side: z.enum(['outbox', 'inbox']),
    kind: DirectiveKind.nullable(),
    /** The node at the other end. */
    peer: NodeId,
    status: DirectiveStatus,
    reason: z.string().nullable(),
  }),
  /** An agent that runs here, or that this node spawned: its state, its progress or its usage. */
  z.strictObject({ type: z.literal('agent.changed'), agent: AgentView }),
  z.strictObject({ type: z.literal('agent.ended'), agent: AgentView }),
  z.strictObject({ type: z.literal('agent.lost_sight'), agentId: AgentId, nodeId: NodeId }),
  z.strictObject({
    type: z.literal('mail.received'),
    mailId: MailId,
    recipient: Recipient,
    sourceNodeId: NodeId,
  }),
  z.strictObject({
    type: z.literal('state.merged'),
    namespace: z.string(),
    keys: z.array(z.string()),
    sourceNodeId: NodeId,
  }),
]);
export type SwarmEvent = z.infer<typeof SwarmEvent>;
/** The names of all events, for whoever chooses among them. */
export const SWARM_EVENT_TYPES = SwarmEvent.options.map(({ shape }) => shape.type.value);

/** An event as it is watched: with the hour of the node that tells it. */
export const WatchedEvent = z.strictObject({ at: z.iso.datetime({ precision: 3 }), event: SwarmEvent });
export type WatchedEvent = z.infer<typeof WatchedEvent>;

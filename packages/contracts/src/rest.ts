/** The bodies of `/api/swarm/*`. */
import { z } from 'zod';
import { DirectiveError, DirectiveKind, DirectiveResult, DirectiveStatus, EffectClass, Priority } from './directive.ts';
import { DirectiveId, NodeId, Timestamp } from './ids.ts';
import { NodeView } from './node.ts';

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

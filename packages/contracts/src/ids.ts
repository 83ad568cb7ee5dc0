/** Identifiers. Each is its own type, so that a directive's id never stands where a node's belongs. */
import { z } from 'zod';

/** 128 bits of the SHA-256 of a node's public key, base32: who a node is, wherever it listens. */
export const NodeId = z
  .string()
  .regex(/^[a-z2-7]{26}$/, 'a node id has 26 characters of a–z and 2–7')
  .brand<'NodeId'>();
export type NodeId = z.infer<typeof NodeId>;

/** A directive's id: the A2A messageId and the idempotency key. */
export const DirectiveId = z.uuid('a directive id is a UUID').brand<'DirectiveId'>();
export type DirectiveId = z.infer<typeof DirectiveId>;

/** An agent's id, and that of its run. */
export const AgentId = z.uuid('an agent id is a UUID').brand<'AgentId'>();
export type AgentId = z.infer<typeof AgentId>;

/** A message in a mailbox. */
export const MailId = z.uuid('a mail id is a UUID').brand<'MailId'>();
export type MailId = z.infer<typeof MailId>;

/** What went to many nodes at once: their directives have it in common. */
export const BroadcastId = z.uuid('a broadcast id is a UUID').brand<'BroadcastId'>();
export type BroadcastId = z.infer<typeof BroadcastId>;

/** Names one database, made with it: a cursor or a row handed out by one means nothing to another. */
export const DatabaseId = z.uuid().brand<'DatabaseId'>();
export type DatabaseId = z.infer<typeof DatabaseId>;

/** A moment on the wire: ISO 8601, UTC, milliseconds. */
export const Timestamp = z.iso.datetime({ precision: 3 });
export type Timestamp = z.infer<typeof Timestamp>;

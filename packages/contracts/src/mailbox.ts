/** Durable mailboxes: A2A messages that wait for an agent or a session on one node until they are acknowledged. */
import { z } from 'zod';
import { Message } from './a2a/index.ts';
import { DirectiveId, MailId, NodeId, Timestamp } from './ids.ts';

/** An agent's id or a session's name: 1 to 255 characters. */
export const RecipientName = z
  .string()
  .min(1)
  .max(255)
  .refine((text) => !text.includes('\0'), 'a name must not contain NUL');

/** Whose mailbox: an agent's, by its id, or a session's, by whatever name its program chose. */
export const Recipient = z.union([
  z.strictObject({ agent: RecipientName }),
  z.strictObject({ session: RecipientName }),
]);
export type Recipient = z.infer<typeof Recipient>;

/** How a message came: as a directive, as a steering word to an agent, as the end of an agent, or by the node's own program. */
export const MailOrigin = z.enum(['forwarded', 'steering', 'announcement', 'local']);
export type MailOrigin = z.infer<typeof MailOrigin>;

/** Who is behind a message: the node that signed it, never what a body says. It makes of the message no instruction. */
export const MailProvenance = z.strictObject({
  origin: MailOrigin,
  sourceNodeId: NodeId,
  directiveId: DirectiveId.nullable(),
});
export type MailProvenance = z.infer<typeof MailProvenance>;

/** A message in a mailbox. Its text is data, whoever sent it: nothing is done with it. */
export const Mail = z.strictObject({
  id: MailId,
  recipient: Recipient,
  /** The thread that it belongs to. */
  contextId: z.string().nullable(),
  message: Message,
  provenance: MailProvenance,
  /** Rises with each message of a node; where to go on reading. */
  sequence: z.int().positive(),
  receivedAt: Timestamp,
  acknowledgedAt: Timestamp.nullable(),
});
export type Mail = z.infer<typeof Mail>;

/** The messages of one contextId in a mailbox. */
export const MailThread = z.strictObject({
  contextId: z.string().nullable(),
  messages: z.int().nonnegative(),
  unacknowledged: z.int().nonnegative(),
  lastReceivedAt: Timestamp,
});
export type MailThread = z.infer<typeof MailThread>;

/** A mailbox at a glance. */
export const MailboxSummary = z.strictObject({
  recipient: Recipient,
  messages: z.int().nonnegative(),
  unacknowledged: z.int().nonnegative(),
  lastReceivedAt: Timestamp,
});
export type MailboxSummary = z.infer<typeof MailboxSummary>;

/** What `forward_message` answers with. */
export const ForwardMessageOutput = z.strictObject({ mailId: MailId, recipient: Recipient });
export type ForwardMessageOutput = z.infer<typeof ForwardMessageOutput>;

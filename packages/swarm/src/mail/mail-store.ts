/**
 * Durable mailboxes of one node, for agents and sessions. A message stays until it is acknowledged, and 30 days longer
 * than that it is not kept. "Now" is the store's clock.
 */
import type { Mail, MailboxSummary, MailId, MailProvenance, MailThread, NodeId, Recipient } from '@skein/contracts';
import type { Message } from '@skein/contracts/a2a';
import type { MailLoad } from './mail-bounds.ts';

/** A message to be delivered. */
export interface NewMail {
  id: MailId;
  /** Whose database book it is in: the node that holds the mailbox. */
  nodeId: NodeId;
  recipient: Recipient;
  contextId: string | null;
  message: Message;
  provenance: MailProvenance;
  /** The same key in the same mailbox is the same message: it is delivered once. */
  key: string;
}

/** Messages after a sequence, at most `limit`, of one thread where that is given. */
export interface MailQuery {
  after?: number | undefined;
  limit: number;
  contextId?: string | undefined;
  /** With what has been acknowledged. @default false */
  all?: boolean | undefined;
}

/** The port for mailboxes. Errors of every method: STORE_UNAVAILABLE. */
export interface MailStore {
  /** Delivers once; `duplicate` with the message that came before under the same key. */
  deliver(mail: NewMail): Promise<{ status: 'delivered' | 'duplicate'; mail: Mail }>;
  /** In the order of arrival, of many large ones fewer than `limit`: about 4 MiB at once, but never nothing. */
  list(nodeId: NodeId, recipient: Recipient, query: MailQuery): Promise<Mail[]>;
  find(nodeId: NodeId, id: MailId): Promise<Mail | undefined>;
  /** Several at once; those that are in this mailbox, acknowledged now or before. */
  acknowledge(nodeId: NodeId, recipient: Recipient, ids: readonly MailId[]): Promise<MailId[]>;
  /** The latest first, at most `MAX_LISTED`. */
  threads(nodeId: NodeId, recipient: Recipient): Promise<MailThread[]>;
  /** Every mailbox that holds anything, the latest first, at most `MAX_LISTED`. */
  mailboxes(nodeId: NodeId): Promise<MailboxSummary[]>;
  /** How many messages wait unacknowledged in one mailbox. */
  countWaiting(nodeId: NodeId, recipient: Recipient): Promise<number>;
  /** What waits unacknowledged in one mailbox, and on the whole node. */
  load(nodeId: NodeId, recipient: Recipient): Promise<MailLoad>;
  /** Forgets what was acknowledged 7 days ago, or arrived 30 days ago. Of very many, a part at a time; how many. */
  purge(nodeId: NodeId): Promise<number>;
}

/** So many mailboxes, and threads of one, are listed at most. */
export const MAX_LISTED = 1_000;
/** How long a message stays after it was acknowledged: 7 days. */
export const KEEP_ACKNOWLEDGED_MAIL_MS = 7 * 86_400_000;
/** How long a message stays that nobody acknowledges: 30 days. */
export const KEEP_MAIL_MS = 30 * 86_400_000;

import type { Mail, MailboxSummary, MailId, MailThread, Recipient } from '@skein/contracts';
import type { Message } from '@skein/contracts/a2a';

/** How a program puts a message into one of its node's own mailboxes. */
export interface DeliverMailOptions {
  /** The thread that it belongs to. @default the message's own */
  contextId?: string;
  /** The same key in the same mailbox is the same message: it is delivered once. @default each call is another message */
  key?: string;
}

/** The calls of a node that concern the mailboxes that it holds. */
export interface MailDesk {
  /**
   * Puts a message into a mailbox of this node, for an agent by its id or its name, or for a session; its origin is `local`.
   * The mail that stands there, which under a known key is the one that came before. For a mailbox elsewhere dispatch
   * `forward_message`. Errors: INVALID_ARGUMENT, AGENT_NOT_FOUND, MAILBOX_FULL.
   */
  deliverMail(recipient: Recipient, message: Message, options?: DeliverMailOptions): Promise<Mail>;
  /**
   * What waits in a mailbox, in the order of arrival: at most `limit` (50 unless told) after the sequence `after`, with `all`
   * what was acknowledged too. Of large messages fewer, about 4 MiB at once: go on until nothing comes. A mailbox that
   * nobody wrote to is empty. Errors: INVALID_ARGUMENT.
   */
  listMail(
    recipient: Recipient,
    query?: { after?: number; limit?: number; contextId?: string; all?: boolean },
  ): Promise<Mail[]>;
  /** Acknowledges several at once. Twice is as good as once; `missing` are not in this mailbox. */
  acknowledgeMail(recipient: Recipient, ids: readonly MailId[]): Promise<{ acknowledged: MailId[]; missing: MailId[] }>;
  /** The threads of a mailbox, one for each contextId: the 1,000 latest, the latest first. */
  listThreads(recipient: Recipient): Promise<MailThread[]>;
  /** The mailboxes that hold anything: the 1,000 latest, the latest first. */
  listMailboxes(): Promise<MailboxSummary[]>;
}

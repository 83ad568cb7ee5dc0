import type { Mail, MailboxSummary, MailId, MailThread, Recipient } from '@skein/contracts';

/** The calls of a node that concern the mailboxes that it holds. */
export interface MailDesk {
  /**
   * What waits in a mailbox, in the order of arrival: at most `limit` (50 unless told) after the sequence `after`, with `all`
   * what was acknowledged too. A mailbox that nobody wrote to is empty. Errors: INVALID_ARGUMENT.
   */
  listMail(
    recipient: Recipient,
    query?: { after?: number; limit?: number; contextId?: string; all?: boolean },
  ): Promise<Mail[]>;
  /** Acknowledges several at once. Twice is as good as once; `missing` are not in this mailbox. */
  acknowledgeMail(recipient: Recipient, ids: readonly MailId[]): Promise<{ acknowledged: MailId[]; missing: MailId[] }>;
  /** The threads of a mailbox, one for each contextId, the latest first. */
  listThreads(recipient: Recipient): Promise<MailThread[]>;
  /** Every mailbox that holds anything, the latest first. */
  listMailboxes(): Promise<MailboxSummary[]>;
}

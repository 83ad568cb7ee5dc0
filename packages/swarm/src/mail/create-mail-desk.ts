/** Reads this node's mailboxes, and acknowledges what was read. */
import { type NodeId, Recipient } from '@skein/contracts';
import { firstIssue } from '../directives/directive-message.ts';
import { SwarmError } from '../errors.ts';
import type { FindAgent } from './find-agent.ts';
import type { MailDesk } from './mail-desk.ts';
import type { MailStore } from './mail-store.ts';

export interface MailDeskDeps {
  self: NodeId;
  mail: Pick<MailStore, 'list' | 'acknowledge' | 'threads' | 'mailboxes'>;
  findAgent: FindAgent;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;

export function createMailDesk({ self, mail, findAgent }: MailDeskDeps): MailDesk {
  /** An agent may be named; where nobody has the name, it is the id of one that is forgotten, or an empty mailbox. */
  async function mailboxOf(recipient: Recipient): Promise<Recipient> {
    const parsed = Recipient.safeParse(recipient);
    if (!parsed.success) throw new SwarmError('INVALID_ARGUMENT', `recipient: ${firstIssue(parsed.error)}`);
    if ('session' in parsed.data) return parsed.data;
    return { agent: (await findAgent(parsed.data.agent)) ?? parsed.data.agent };
  }

  return {
    async listMail(recipient, { after, limit = DEFAULT_LIMIT, contextId, all } = {}) {
      if (!Number.isInteger(limit) || limit < 1)
        throw new SwarmError('INVALID_ARGUMENT', `limit must be a whole number from 1 to ${MAX_LIMIT}`);
      const query = { after, limit: Math.min(limit, MAX_LIMIT), contextId, all };
      return mail.list(self, await mailboxOf(recipient), query);
    },
    async acknowledgeMail(recipient, ids) {
      const asked = [...new Set(ids)];
      const acknowledged = await mail.acknowledge(self, await mailboxOf(recipient), asked);
      const known = new Set(acknowledged);
      return { acknowledged, missing: asked.filter((id) => !known.has(id)) };
    },
    listThreads: async (recipient) => mail.threads(self, await mailboxOf(recipient)),
    listMailboxes: () => mail.mailboxes(self),
  };
}

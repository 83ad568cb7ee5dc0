/** Writes into this node's mailboxes, reads them, and acknowledges what was read. */
import { MailId, type NodeId, Recipient, type SwarmEvent } from '@skein/contracts';
import { Message } from '@skein/contracts/a2a';
import type { Emitter, Random } from '@skein/contracts/runtime';
import { firstIssue } from '../directives/directive-message.ts';
import { SwarmError } from '../errors.ts';
import { requirePathable } from '../pathable.ts';
import type { FindAgent } from './find-agent.ts';
import { mailBytes, whyMailboxFull } from './mail-bounds.ts';
import type { MailDesk } from './mail-desk.ts';
import type { MailStore } from './mail-store.ts';

export interface MailDeskDeps {
  self: NodeId;
  mail: Pick<MailStore, 'deliver' | 'load' | 'list' | 'acknowledge' | 'threads' | 'mailboxes'>;
  findAgent: FindAgent;
  events: Pick<Emitter<SwarmEvent>, 'emit'>;
  random: Pick<Random, 'uuid'>;
}

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
const MAX_NAME = 255;

export function createMailDesk({ self, mail, findAgent, events, random }: MailDeskDeps): MailDesk {
  /** An agent may be named; where nobody has the name, it is the id of one that is forgotten, or an empty mailbox. */
  async function mailboxOf(recipient: Recipient): Promise<Recipient> {
    const parsed = Recipient.safeParse(recipient);
    if (!parsed.success) throw new SwarmError('INVALID_ARGUMENT', `recipient: ${firstIssue(parsed.error)}`);
    if ('session' in parsed.data) return parsed.data;
    return { agent: (await findAgent(parsed.data.agent)) ?? parsed.data.agent };
  }

  /** Mail is not written to whom nobody could be: a name that means no agent would never be read. */
  async function requireMailbox(recipient: Recipient): Promise<Recipient> {
    const parsed = Recipient.safeParse(recipient);
    if (!parsed.success) throw new SwarmError('INVALID_ARGUMENT', `recipient: ${firstIssue(parsed.error)}`);
    if ('session' in parsed.data) {
      requirePathable('session', parsed.data.session);
      return parsed.data;
    }
    const agent = await findAgent(parsed.data.agent);
    if (agent) return { agent };
    const name = parsed.data.agent;
    throw new SwarmError('AGENT_NOT_FOUND', `no agent ${name} runs or ran on this node, or several have that name`, {
      metadata: { agent: name },
    });
  }

  return {
    async deliverMail(recipient, message, { contextId: thread, key } = {}) {
      const parsed = Message.safeParse(message);
      if (!parsed.success) throw new SwarmError('INVALID_ARGUMENT', `message: ${firstIssue(parsed.error)}`);
      const contextId = thread ?? parsed.data.contextId ?? null;
      for (const [name, text] of Object.entries({ contextId, key }))
        if (typeof text === 'string' && (text === '' || text.length > MAX_NAME || text.includes('\0')))
          throw new SwarmError('INVALID_ARGUMENT', `${name} must have 1 to ${MAX_NAME} characters, and no NUL`);
      const mailbox = await requireMailbox(recipient);
      const full = whyMailboxFull(await mail.load(self, mailbox), mailBytes(parsed.data));
      if (full !== undefined) throw new SwarmError('MAILBOX_FULL', `${full}; acknowledge what waits there`);
      const id = MailId.parse(random.uuid());
      const { status, mail: stored } = await mail.deliver({
        ...{ id, nodeId: self, recipient: mailbox, contextId, message: parsed.data, key: `local:${key ?? id}` },
        provenance: { origin: 'local', sourceNodeId: self, directiveId: null },
      });
      if (status === 'delivered')
        events.emit({ type: 'mail.received', mailId: stored.id, recipient: mailbox, sourceNodeId: self });
      return stored;
    },
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

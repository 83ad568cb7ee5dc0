/** Puts an A2A message into a mailbox of this node. The message is data with its origin on it, and nothing is done with it. */
import {
  type DirectiveError,
  type ForwardMessageOutput,
  MailId,
  type NodeId,
  noUsage,
  type Recipient,
  type SwarmEvent,
} from '@skein/contracts';
import type { Emitter, Random } from '@skein/contracts/runtime';
import type { FindAgent } from '../../mail/find-agent.ts';
import { mailBytes, whyMailboxFull } from '../../mail/mail-bounds.ts';
import type { MailStore, NewMail } from '../../mail/mail-store.ts';
import type { DirectiveHandler, HandlerOutcome } from './handler.ts';

export interface ForwardMessageDeps {
  self: NodeId;
  mail: Pick<MailStore, 'load'>;
  findAgent: FindAgent;
  events: Pick<Emitter<SwarmEvent>, 'emit'>;
  random: Pick<Random, 'uuid'>;
}

const MAX_CONTEXT_ID = 255;

export function forwardMessage(deps: ForwardMessageDeps): DirectiveHandler<'forward_message'> {
  const { self, mail, events, random } = deps;
  return async ({ to, message, contextId = message.contextId }, { sourceNodeId, directiveId }) => {
    const recipient = await recipientHere(to, deps.findAgent);
    if (!recipient) return failed(recipientUnknown(to));
    if (contextId !== undefined && (contextId.length > MAX_CONTEXT_ID || contextId.includes('\0')))
      return failed(contextIdInvalid);
    // Messages that come at once may go a few beyond it: what matters is that it ends.
    const full = whyMailboxFull(await mail.load(self, recipient), mailBytes(message));
    if (full !== undefined) return failed(mailboxFull(full));
    const delivered: NewMail = {
      id: MailId.parse(random.uuid()),
      nodeId: self,
      recipient,
      contextId: contextId ?? null,
      message,
      provenance: { origin: 'forwarded', sourceNodeId, directiveId },
      key: `${sourceNodeId}/${directiveId}`,
    };
    const output: ForwardMessageOutput = { mailId: delivered.id, recipient };
    return {
      status: 'completed',
      output,
      usage: noUsage,
      effects: [{ type: 'deliver', mail: delivered }],
      settled(stored) {
        if (stored) events.emit({ type: 'mail.received', mailId: delivered.id, recipient, sourceNodeId });
      },
    };
  };
}

/** An agent's mailbox goes by its id; a session's by whatever its program calls it. */
async function recipientHere(to: Recipient, findAgent: FindAgent): Promise<Recipient | undefined> {
  if ('session' in to) return to;
  const agent = await findAgent(to.agent);
  return agent && { agent };
}

const recipientUnknown = (to: Recipient): DirectiveError => {
  const word = 'agent' in to ? to.agent : to.session;
  return {
    reason: 'recipient_unknown',
    message: `no agent ${word} runs or ran on this node, or several that run have that name; say its id`,
    metadata: { agent: word },
  };
};

const mailboxFull = (why: string): DirectiveError => ({
  reason: 'mailbox_full',
  message: `${why}; whoever reads there must acknowledge some first`,
});

const contextIdInvalid: DirectiveError = {
  reason: 'context_id_invalid',
  message: `the message's contextId must have at most ${MAX_CONTEXT_ID} characters, and no NUL`,
};

const failed = (error: DirectiveError): HandlerOutcome => ({ status: 'failed', error, usage: noUsage });

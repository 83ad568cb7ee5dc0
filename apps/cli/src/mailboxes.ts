/** Mailboxes by what people write: `session:NAME`, or `agent:` with an id, the beginning of one, or a name. */
import type { Recipient } from '@skein/contracts';
import { requireAgentId } from './agent-names.ts';
import { wrongUsage } from './arguments.ts';
import type { NodeClient } from './client.ts';
import { oneLine } from './output/terminal.ts';

export const RECIPIENT = 'session:NAME or agent:ID';

export interface Mailbox {
  kind: 'agent' | 'session';
  name: string;
}

export const mailboxPath = ({ kind, name }: Mailbox) => `/mailboxes/${kind}/${encodeURIComponent(name)}`;

export const recipientOf = ({ kind, name }: Mailbox): Recipient =>
  kind === 'agent' ? { agent: name } : { session: name };

/** An agent's mailbox goes by its id. A whole one stands for itself, also where this node knows no such agent. */
export async function requireMailbox(word: string, client: Pick<NodeClient, 'read'>): Promise<Mailbox> {
  const [, kind, name] = /^(agent|session):(.+)$/s.exec(word) ?? [];
  if (name === undefined) throw wrongUsage(`${oneLine(word)} is no recipient: write ${RECIPIENT}`);
  return kind === 'agent' ? { kind, name: await requireAgentId(client, name) } : { kind: 'session', name };
}

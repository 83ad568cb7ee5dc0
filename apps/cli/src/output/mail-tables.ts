/** Mailboxes and what waits in them, as tables. Others' words are made harmless first. */
import type { Mail, MailboxSummary, Recipient } from '@skein/contracts';
import { formatTable } from './table.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { cutTo } from './text-width.ts';
import { ago, moment, shortId } from './words.ts';

export const recipientWords = (recipient: Recipient): string =>
  oneLine('agent' in recipient ? `agent:${recipient.agent}` : `session:${recipient.session}`);

export function mailboxesTable(mailboxes: readonly MailboxSummary[], terminal: Terminal, nowMs: number): string {
  const rows = mailboxes.map(({ recipient, messages, unacknowledged, lastReceivedAt }) => [
    recipientWords(recipient),
    String(unacknowledged),
    String(messages),
    ago(lastReceivedAt, nowMs),
  ]);
  return formatTable(['mailbox', 'waiting', 'in all', 'last'], rows, terminal, { right: [1, 2] });
}

export function mailTable(
  mail: readonly Mail[],
  nameOf: (id: string) => string,
  terminal: Terminal,
  nowMs: number,
): string {
  const rows = mail.map(({ id, receivedAt, provenance, contextId, message, acknowledgedAt }) => [
    shortId(id) + (acknowledgedAt === null ? '' : terminal.color.dim(' ✓')),
    moment(receivedAt, nowMs),
    nameOf(provenance.sourceNodeId),
    provenance.origin,
    contextId === null ? '–' : cutTo(oneLine(contextId), 12),
    oneLine(
      message.parts
        .map((part) => part.text ?? '')
        .join(' ')
        .trim() || '(no text)',
    ),
  ]);
  return formatTable(['id', 'at', 'from', 'how', 'thread', 'message'], rows, terminal, {
    ...{ whole: [0, 1], spare: [4, 3] },
  });
}

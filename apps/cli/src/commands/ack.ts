/** `skein ack`: tells a mailbox that messages were taken in, however many wait there. */
import { AcknowledgeMailReply, type Mail, MailList } from '@skein/contracts';
import type { Command } from 'commander';
import { wrongUsage } from '../arguments.ts';
import type { NodeClient } from '../client.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { type Mailbox, mailboxPath, RECIPIENT, requireMailbox } from '../mailboxes.ts';
import { oneLine } from '../output/terminal.ts';

interface AckOptions extends CommonOptions {
  all?: boolean;
}

export function addAck(program: Command, context: CliContext, run: Run): void {
  withNode(program.command('ack').description('acknowledge messages, several at once'))
    .argument('<recipient>', RECIPIENT)
    .argument('[ids...]', 'their ids, or the beginnings of them')
    .option('--all', 'everything that waits there now')
    .action((word: string, ids: string[], options: AckOptions) => run(() => acknowledge(word, ids, options, context)));
}

/** So many are listed, and acknowledged, at once. */
const PAGE = 500;
const WHOLE_ID_LENGTH = 36;

async function acknowledge(
  word: string,
  words: readonly string[],
  options: AckOptions,
  { connect, terminal }: CliContext,
): Promise<number> {
  if (words.length === 0 && !options.all) throw wrongUsage('say which: their ids, or --all');
  const client = connect(options);
  const mailbox = await requireMailbox(word, client);
  const isListed = options.all || words.some((each) => each.length !== WHOLE_ID_LENGTH);
  const waiting = isListed ? await allWaiting(mailbox, client) : [];
  const ids = options.all ? waiting : words.map((each) => requireMailId(each, waiting));
  const reply = await acknowledgeAll(ids, mailbox, client);
  if (options.json) printJson(terminal, reply);
  else if (ids.length === 0) terminal.err('nothing waits there\n');
  else terminal.out(`${reply.acknowledged.length} acknowledged\n`);
  if (!options.json) for (const id of reply.missing) terminal.err(`skein: ${id} is not in this mailbox\n`);
  return reply.missing.length > 0 ? exitCodes.notFound : exitCodes.ok;
}

async function allWaiting(mailbox: Mailbox, client: NodeClient): Promise<string[]> {
  const ids: string[] = [];
  let after = 0;
  for (;;) {
    const path = `${mailboxPath(mailbox)}?limit=${PAGE}${after > 0 ? `&after=${after}` : ''}`;
    const { mail }: { mail: Mail[] } = await client.read(MailList, { method: 'GET', path });
    ids.push(...mail.map(({ id }) => id));
    const last = mail.at(-1);
    if (!last || mail.length < PAGE) return ids;
    after = last.sequence;
  }
}

async function acknowledgeAll(ids: readonly string[], mailbox: Mailbox, client: NodeClient) {
  const path = `${mailboxPath(mailbox)}/acknowledge`;
  const all = { acknowledged: [] as string[], missing: [] as string[] };
  for (let from = 0; from < ids.length; from += PAGE) {
    const body = { ids: ids.slice(from, from + PAGE) };
    const { acknowledged, missing } = await client.read(AcknowledgeMailReply, { method: 'POST', path, body });
    all.acknowledged.push(...acknowledged);
    all.missing.push(...missing);
  }
  return all;
}

/** A whole id stands for itself: it may have been acknowledged before, which does no harm. */
function requireMailId(word: string, waiting: readonly string[]): string {
  if (word.length === WHOLE_ID_LENGTH) return word;
  const found = waiting.filter((id) => id.startsWith(word.toLowerCase()));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (only === undefined)
    throw new CliError(exitCodes.notFound, 'mail_not_found', `no waiting message begins with ${oneLine(word)}`);
  const message = `${found.length} waiting messages begin with ${oneLine(word)}: ${found.slice(0, 5).join(', ')}`;
  throw new CliError(exitCodes.usage, 'ambiguous_mail', message);
}

/** `skein inbox`: the mailboxes of this node at a glance, or what waits in one of them. */
import { MailboxList, MailList } from '@skein/contracts';
import type { Command } from 'commander';
import { limitArgument } from '../arguments.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { mailboxPath, RECIPIENT, requireMailbox } from '../mailboxes.ts';
import { mailboxesTable, mailTable } from '../output/mail-tables.ts';

interface InboxOptions extends CommonOptions {
  limit: number;
  thread?: string;
  all?: boolean;
}

export function addInbox(program: Command, context: CliContext, run: Run): void {
  withNode(program.command('inbox').description('list the mailboxes of this node, or read one'))
    .argument('[recipient]', RECIPIENT)
    .option('--thread <contextId>', 'only this thread')
    .option('--all', 'also what has been acknowledged')
    .option('--limit <n>', 'how many', limitArgument(500), 20)
    .action((word: string | undefined, options: InboxOptions) => run(() => inbox(word, options, context)));
}

async function inbox(word: string | undefined, options: InboxOptions, { connect, terminal, now }: CliContext) {
  const client = connect(options);
  if (word === undefined) {
    const { mailboxes } = await client.read(MailboxList, { method: 'GET', path: '/mailboxes' });
    if (options.json) printJson(terminal, { mailboxes });
    else if (mailboxes.length === 0) terminal.err('no mailboxes\n');
    else terminal.out(`${mailboxesTable(mailboxes, terminal, now())}\n`);
    return exitCodes.ok;
  }
  const mailbox = await requireMailbox(word, client);
  const query = new URLSearchParams({
    limit: String(options.limit),
    ...(options.thread !== undefined && { contextId: options.thread }),
    ...(options.all && { all: 'true' }),
  });
  const { mail } = await client.read(MailList, { method: 'GET', path: `${mailboxPath(mailbox)}?${query}` });
  if (options.json) printJson(terminal, { mail });
  else if (mail.length === 0) terminal.err(`nothing ${options.all ? 'is' : 'waits'} there\n`);
  else terminal.out(`${mailTable(mail, await client.names(), terminal, now())}\n`);
  return exitCodes.ok;
}

/** `skein inbox`, `send` and `ack`: the durable mailboxes of agents and sessions. */
import {
  AcknowledgeMailReply,
  type DirectiveResult,
  DispatchReply,
  ForwardMessageOutput,
  MailboxList,
  MailList,
} from '@skein/contracts';
import type { Command } from 'commander';
import { requireAgentId } from '../agent-names.ts';
import { limitArgument } from '../arguments.ts';
import type { NodeClient } from '../client.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { nodeNamer } from '../node-names.ts';
import { mailboxesTable, mailTable } from '../output/mail-tables.ts';
import { oneLine } from '../output/terminal.ts';
import { shortId } from '../output/words.ts';
import { type TargetOptions, targetFrom, withTarget } from '../selector-options.ts';
import { exitCodeOf } from './result-exit-code.ts';

interface InboxOptions extends CommonOptions {
  limit: number;
  thread?: string;
  all?: boolean;
}

interface SendOptions extends CommonOptions, TargetOptions {
  thread?: string;
}

const RECIPIENT = 'session:NAME or agent:ID';

export function addMail(program: Command, context: CliContext, run: Run): void {
  withNode(program.command('inbox').description('list the mailboxes of this node, or read one'))
    .argument('[recipient]', RECIPIENT)
    .option('--thread <contextId>', 'only this thread')
    .option('--all', 'also what has been acknowledged')
    .option('--limit <n>', 'how many', limitArgument(1_000), 20)
    .action((word: string | undefined, options: InboxOptions) => run(() => inbox(word, options, context)));

  withTarget(withNode(program.command('send').description('put a message into a mailbox on another node')))
    .argument('<recipient>', RECIPIENT)
    .argument('<text...>', 'the message')
    .option('--thread <contextId>', 'the thread that it belongs to')
    .action((word: string, words: string[], options: SendOptions) => run(() => send(word, words, options, context)));

  withNode(program.command('ack').description('acknowledge messages, several at once'))
    .argument('<recipient>', RECIPIENT)
    .argument('[ids...]', 'their ids, or the beginnings of them')
    .option('--all', 'everything that waits there now')
    .action((word: string, ids: string[], options: CommonOptions & { all?: boolean }) =>
      run(() => acknowledge(word, ids, options, context)),
    );
}

interface Mailbox {
  kind: 'agent' | 'session';
  name: string;
}

const pathOf = ({ kind, name }: Mailbox) => `/mailboxes/${kind}/${encodeURIComponent(name)}`;

function parseRecipient(word: string): Mailbox {
  const [, kind, name] = /^(agent|session):(.+)$/s.exec(word) ?? [];
  if ((kind === 'agent' || kind === 'session') && name !== undefined) return { kind, name };
  throw new CliError(exitCodes.usage, 'invalid_argument', `${oneLine(word)} is no recipient: write ${RECIPIENT}`);
}

/** An agent's mailbox goes by its id; people may write its name. */
async function mailboxOf(word: string, client: NodeClient): Promise<Mailbox> {
  const mailbox = parseRecipient(word);
  return mailbox.kind === 'agent' ? { ...mailbox, name: await requireAgentId(client, mailbox.name) } : mailbox;
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
  const mailbox = await mailboxOf(word, client);
  const query = new URLSearchParams({
    limit: String(options.limit),
    ...(options.thread !== undefined && { contextId: options.thread }),
    ...(options.all && { all: 'true' }),
  });
  const { mail } = await client.read(MailList, { method: 'GET', path: `${pathOf(mailbox)}?${query}` });
  if (options.json) printJson(terminal, { mail });
  else if (mail.length === 0) terminal.err(`nothing ${options.all ? 'is' : 'waits'} there\n`);
  else terminal.out(`${mailTable(mail, nodeNamer(await client.listNodes()), terminal)}\n`);
  return exitCodes.ok;
}

async function send(word: string, words: readonly string[], options: SendOptions, { connect, terminal }: CliContext) {
  const client = connect(options);
  const { kind, name } = parseRecipient(word);
  const target = await targetFrom(options, () => client.listNodes());
  const contextId = options.thread === undefined ? {} : { contextId: options.thread };
  const message = {
    messageId: crypto.randomUUID(),
    role: 'ROLE_USER' as const,
    parts: [{ text: words.join(' ') }],
    ...contextId,
  };
  const to = kind === 'agent' ? { agent: name } : { session: name };
  const { directive } = await client.read(DispatchReply, {
    method: 'POST',
    path: '/directives?wait=true',
    body: { target, kind: 'forward_message', payload: { to, message, ...contextId } },
    withinMs: 200_000,
  });
  if (options.json) printJson(terminal, { directive });
  else if (directive.result) saySent(directive.result, terminal);
  return directive.result ? exitCodeOf(directive.result) : exitCodes.failed;
}

function saySent({ status, output, error }: DirectiveResult, { out, err, color }: CliContext['terminal']): void {
  const sent = ForwardMessageOutput.safeParse(output);
  if (status === 'completed' && sent.success) out(`delivered: ${shortId(sent.data.mailId)}\n`);
  else err(`skein: ${color.red(status)}${error ? `: ${oneLine(`${error.message} (${error.reason})`)}` : ''}\n`);
}

const LARGEST_PAGE = 500;

async function acknowledge(
  word: string,
  words: readonly string[],
  options: CommonOptions & { all?: boolean },
  { connect, terminal }: CliContext,
): Promise<number> {
  if (words.length === 0 && !options.all)
    throw new CliError(exitCodes.usage, 'invalid_argument', 'say which: their ids, or --all');
  const client = connect(options);
  const mailbox = await mailboxOf(word, client);
  const page = `${pathOf(mailbox)}?limit=${LARGEST_PAGE}`;
  const waiting = (await client.read(MailList, { method: 'GET', path: page })).mail.map(({ id }) => id);
  const ids = options.all ? waiting : words.map((each) => requireMailId(each, waiting));
  if (ids.length === 0) {
    terminal.err('nothing waits there\n');
    return exitCodes.ok;
  }
  const reply = await client.read(AcknowledgeMailReply, {
    method: 'POST',
    path: `${pathOf(mailbox)}/acknowledge`,
    body: { ids },
  });
  if (options.json) printJson(terminal, reply);
  else terminal.out(`${reply.acknowledged.length} acknowledged\n`);
  for (const id of reply.missing) terminal.err(`skein: ${id} is not in this mailbox\n`);
  return reply.missing.length > 0 ? exitCodes.notFound : exitCodes.ok;
}

/** A whole id stands for itself: it may have been acknowledged before, which does no harm. */
function requireMailId(word: string, waiting: readonly string[]): string {
  if (word.length === 36) return word;
  const found = waiting.filter((id) => id.startsWith(word.toLowerCase()));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  const [code, reason] = only
    ? ([exitCodes.usage, 'ambiguous_mail'] as const)
    : ([exitCodes.notFound, 'mail_not_found'] as const);
  throw new CliError(
    code,
    reason,
    `${found.length || 'no'} waiting message${found.length === 1 ? '' : 's'} with ${oneLine(word)}`,
  );
}

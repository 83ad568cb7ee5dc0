/** `skein send`: a message into a mailbox on another node. It stays on its way when nobody waits for it any more. */
import { type DispatchInput, ForwardMessageOutput } from '@skein/contracts';
import type { Command } from 'commander';
import { nameOfAim, sayIfAway } from '../aim-words.ts';
import { durationArgument } from '../arguments.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { RECIPIENT, recipientOf, requireMailbox } from '../mailboxes.ts';
import { sayFailed } from '../output/result-failure.ts';
import { shortId } from '../output/words.ts';
import { aimFrom, type TargetOptions, withTarget } from '../selector-options.ts';
import { followDirective } from './follow-directive.ts';
import { exitCodeOf } from './result-exit-code.ts';

interface SendOptions extends CommonOptions, TargetOptions {
  thread?: string;
  ttl?: number;
  wait: boolean;
}

export function addSend(program: Command, context: CliContext, run: Run): void {
  withTarget(withNode(program.command('send').description('put a message into a mailbox on another node')))
    .argument('<recipient>', RECIPIENT)
    .argument('<text...>', 'the message')
    .option('--thread <contextId>', 'the thread that it belongs to')
    .option('--ttl <duration>', 'how long to try (default: 2m)', durationArgument)
    .option('--no-wait', "print the directive's id and leave")
    .action((word: string, words: string[], options: SendOptions) => run(() => send(word, words, options, context)));
}

async function send(word: string, words: readonly string[], options: SendOptions, context: CliContext) {
  const { terminal } = context;
  const client = context.connect(options);
  const mailbox = await requireMailbox(word, client);
  const aim = await aimFrom(options, () => client.listNodes());
  const contextId = options.thread === undefined ? {} : { contextId: options.thread };
  const parts = [{ text: words.join(' ') }];
  const message = { messageId: crypto.randomUUID(), role: 'ROLE_USER' as const, parts, ...contextId };
  const order: DispatchInput = {
    target: aim.target,
    kind: 'forward_message',
    payload: { to: recipientOf(mailbox), message, ...contextId },
    ...(options.ttl !== undefined && { ttlMs: options.ttl }),
  };
  if (!options.wait) {
    const directive = await client.submit(order);
    if (options.json) printJson(terminal, { directive });
    else terminal.out(`${directive.id}\n`);
    return exitCodes.ok;
  }
  sayIfAway(aim.node, terminal, options.json);
  const updates = (signal: AbortSignal) => client.dispatch(order, { signal });
  const json = options.json === true;
  const { directiveId, result } = await followDirective(updates, client, context, { json });
  const sent = ForwardMessageOutput.safeParse(result.output).data;
  if (json) printJson(terminal, { directive: (await client.getDirective(directiveId, 'outbox')).directive });
  else if (result.status !== 'completed') sayFailed(result, await nameOfAim(aim, directiveId, client), terminal);
  else terminal.out(`delivered: ${shortId(sent?.mailId ?? directiveId)}\n`);
  return exitCodeOf(result);
}

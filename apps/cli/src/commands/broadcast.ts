/** `skein broadcast`: one order for many nodes, and what each of them says as it says it. */
import { type BroadcastSummary, BroadcastUpdate, DirectiveKind, EffectClass, Priority } from '@skein/contracts';
import { type Command, Option } from 'commander';
import { durationArgument } from '../arguments.ts';
import type { NodeClient } from '../client.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { untilLeft } from '../leaving.ts';
import { broadcastPrinter, summaryWords } from '../output/broadcast-lines.ts';
import { type SelectorOptions, selectorFrom, withSelector } from '../selector-options.ts';
import { type OrderWords, orderWordsFrom } from './order-arguments.ts';

interface BroadcastOptions extends CommonOptions, SelectorOptions, Omit<OrderWords, 'command'> {}

export function addBroadcast(program: Command, context: CliContext, run: Run): void {
  withSelector(withNode(program.command('broadcast').description('send a directive to all other nodes, or to some')))
    .argument('[command...]', 'a program on the other nodes and its arguments: no shell reads them')
    .addOption(new Option('--kind <kind>', 'what to send').choices(DirectiveKind.options))
    .option('--payload <json>', 'what to send with it')
    .addOption(new Option('--priority <priority>', 'its place in the queues').choices(Priority.options))
    .option('--ttl <duration>', 'from now to the results (default: 2m)', durationArgument)
    .addOption(new Option('--effect <class>', 'what a crash may cost').choices(EffectClass.options))
    .passThroughOptions()
    .action((command: string[], options: BroadcastOptions) => run(() => broadcast(command, options, context)));
}

const GOES_ON = "what was sent goes on; see 'skein directives'";

async function broadcast(command: readonly string[], options: BroadcastOptions, context: CliContext): Promise<number> {
  const client = context.connect(options);
  const words = orderWordsFrom({ ...options, command }, "'skein broadcast -- program args…'");
  const order = { ...words, to: selectorFrom(options) ?? {} };
  const summary = await untilLeft(
    context,
    () => GOES_ON,
    (signal) => follow(client, order, { ...context, json: options.json === true, signal }),
  );
  return exitCodeOf(summary);
}

/** Left out is not failed: the others did what they were told. But somebody has to have done it. */
function exitCodeOf({ total, failed, open, skipped }: BroadcastSummary): number {
  if (failed + open > 0) return exitCodes.failed;
  if (total > 0) return exitCodes.ok;
  const why = skipped.length > 0 ? 'all that are meant were left out' : "no other node is meant; see 'skein nodes'";
  throw new CliError(exitCodes.notFound, 'no_matching_node', `nobody was asked: ${why}`);
}

async function follow(
  client: NodeClient,
  body: { kind: DirectiveKind },
  { terminal, json, signal }: CliContext & { json: boolean; signal: AbortSignal },
): Promise<BroadcastSummary> {
  const print = broadcastPrinter(body.kind, await client.listNodes(), terminal);
  const results: unknown[] = [];
  let isSent = false;
  try {
    for await (const update of client.stream(BroadcastUpdate, { method: 'POST', path: '/broadcast', body, signal })) {
      isSent = true;
      if (update.type === 'update' && update.update.type === 'result') {
        const { result, directiveId } = update.update;
        results.push({ nodeId: update.nodeId, directiveId, result });
        if (!json) print(update.nodeId, directiveId, result);
      }
      if (update.type !== 'ended') continue;
      if (json) printJson(terminal, { summary: update.summary, results });
      else if (update.summary.total + update.summary.skipped.length > 0)
        terminal.err(`${summaryWords(update.summary, terminal)}\n`);
      return update.summary;
    }
  } catch (cause) {
    if (!isSent || !(cause instanceof CliError)) throw cause;
    throw new CliError(cause.exitCode, cause.reason, `${cause.message}. The broadcast: ${GOES_ON}`, { cause });
  }
  const message = `the node ended its answer before the broadcast’s end: ${GOES_ON}`;
  throw new CliError(exitCodes.unreachable, 'stream_ended', message);
}

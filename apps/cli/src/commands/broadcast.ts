/** `skein broadcast`: one order for many nodes, and what each of them says as it says it. */
import {
  BroadcastUpdate,
  DirectiveKind,
  EffectClass,
  type NodeView,
  Priority,
  type SkippedNode,
} from '@skein/contracts';
import { type Command, Option } from 'commander';
import { durationArgument } from '../arguments.ts';
import type { NodeClient } from '../client.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { formatDuration } from '../durations.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { nodeNamer } from '../node-names.ts';
import { oneLine, type Terminal } from '../output/terminal.ts';
import { coloredStatus, resultWords } from '../output/words.ts';
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

async function broadcast(command: readonly string[], options: BroadcastOptions, context: CliContext): Promise<number> {
  const { terminal, signals } = context;
  const client = context.connect(options);
  const nodes = await client.listNodes();
  const words = orderWordsFrom({ ...options, command });
  const body = { ...words, to: selectorFrom(options) ?? {} };
  const leaving = new AbortController();
  const release = signals.listen((signal, count) => (count > 1 ? signals.endAtOnce(signal) : leaving.abort()));
  try {
    return await follow(client, body, nodes, { ...context, json: options.json === true, signal: leaving.signal });
  } catch (cause) {
    if (!leaving.signal.aborted) throw cause;
    terminal.err("skein: left; what was sent goes on, see 'skein directives'\n");
    return exitCodes.interrupted;
  } finally {
    release();
  }
}

async function follow(
  client: NodeClient,
  body: { kind: DirectiveKind },
  nodes: readonly NodeView[],
  { terminal, json, signal }: CliContext & { json: boolean; signal: AbortSignal },
): Promise<number> {
  const nameOf = nodeNamer(nodes);
  const results: unknown[] = [];
  const width = Math.max(0, ...nodes.map(({ name }) => oneLine(name).length));
  for await (const update of client.stream(BroadcastUpdate, { method: 'POST', path: '/broadcast', body, signal })) {
    if (update.type === 'update' && update.update.type === 'result') {
      const { result, directiveId } = update.update;
      results.push({ nodeId: update.nodeId, directiveId, result });
      if (json) continue;
      const took = formatDuration(result.metrics.durationMs).padStart(8);
      const name = nameOf(update.nodeId).padEnd(width);
      const status = coloredStatus(result.status, terminal.color) + ' '.repeat(Math.max(0, 11 - result.status.length));
      terminal.out(`${name}  ${status}  ${took}  ${resultWords(body.kind, result)}\n`);
    }
    if (update.type !== 'ended') continue;
    const { summary } = update;
    if (json) printJson(terminal, { summary, results });
    else {
      for (const node of summary.skipped) terminal.out(`${skippedLine(node, width, terminal)}\n`);
      const failed = summary.failed > 0 ? `, ${terminal.color.red(`${summary.failed} not`)}` : '';
      terminal.err(`${terminal.color.dim(`${summary.completed} of ${summary.total} completed`)}${failed}\n`);
    }
    return summary.failed === 0 && summary.skipped.length === 0 ? exitCodes.ok : exitCodes.failed;
  }
  throw new CliError(exitCodes.unreachable, 'stream_ended', 'the node ended its answer before the broadcast’s end');
}

const skippedLine = ({ name, reason }: SkippedNode, width: number, { color }: Terminal) =>
  `${oneLine(name).padEnd(width)}  ${color.yellow('left out')}     ${color.dim(reason)}`;

/** `skein dispatch`: sends a directive, shows what it says as it says it, and ends as it ends. */
import {
  DirectiveKind,
  type DirectiveResult,
  type DispatchInput,
  EffectClass,
  Priority,
  ProgramOutput,
  QueryResourcesOutput,
} from '@skein/contracts';
import { type Command, Option } from 'commander';
import { durationArgument } from '../arguments.ts';
import type { NodeClient } from '../client.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { resourceTables } from '../output/resource-tables.ts';
import { oneLine, printable, type Terminal } from '../output/terminal.ts';
import { type TargetOptions, targetFrom, withTarget } from '../selector-options.ts';
import { type OrderWords, orderFromWords } from './order-arguments.ts';
import { exitCodeOf } from './result-exit-code.ts';

interface DispatchOptions extends CommonOptions, TargetOptions, Omit<OrderWords, 'command'> {
  wait: boolean;
}

export function addDispatch(program: Command, context: CliContext, run: Run): void {
  withTarget(withNode(program.command('dispatch').description('send a directive and wait for its end')))
    .argument('[command...]', 'a program on the other node and its arguments: no shell reads them')
    .addOption(new Option('--kind <kind>', 'what to send').choices(DirectiveKind.options))
    .option('--payload <json>', 'what to send with it')
    .addOption(new Option('--priority <priority>', 'its place in the queue').choices(Priority.options))
    .option('--ttl <duration>', 'from now to its result (default: 2m)', durationArgument)
    .addOption(new Option('--effect <class>', 'what a crash may cost').choices(EffectClass.options))
    .option('--no-wait', 'print its id and leave')
    .passThroughOptions()
    .action((command: string[], options: DispatchOptions) => run(() => dispatch(command, options, context)));
}

async function dispatch(command: readonly string[], options: DispatchOptions, context: CliContext): Promise<number> {
  const { terminal } = context;
  const client = context.connect(options);
  const target = await targetFrom(options, () => client.listNodes());
  const order = orderFromWords({ ...options, command }, target);
  if (!options.wait) {
    const directive = await client.submit(order);
    if (options.json) printJson(terminal, { directive });
    else terminal.out(`${directive.id}\n`);
    return exitCodes.ok;
  }
  const { directiveId, result } = await follow(client, order, context, options.json !== true);
  if (options.json) printJson(terminal, await client.getDirective(directiveId, 'outbox'));
  else sayEnd(order.kind, result, terminal);
  return exitCodeOf(result);
}

/** A Ctrl-C asks for the directive's end and waits for the word of it; a second one leaves at once. */
async function follow(
  client: NodeClient,
  order: DispatchInput,
  { terminal, signals }: CliContext,
  showOutput: boolean,
): Promise<{ directiveId: string; result: DirectiveResult }> {
  let id: string | undefined;
  let unwanted = false;
  const cancel = (directiveId: string) =>
    void client.cancel(directiveId).catch((cause) => terminal.err(`skein: it was not cancelled: ${cause.message}\n`));
  const release = signals.listen((signal, count) => {
    if (count > 1) return signals.endAtOnce(signal);
    unwanted = true;
    terminal.err('skein: asking for its end; Ctrl-C again to leave it to itself\n');
    if (id !== undefined) cancel(id);
  });
  try {
    for await (const update of client.dispatch(order)) {
      if (id === undefined && unwanted) cancel(update.directiveId);
      id = update.directiveId;
      if (update.type === 'result') return { directiveId: id, result: update.result };
      if (update.type === 'output' && showOutput) show(update, terminal);
    }
  } catch (cause) {
    if (id === undefined || !(cause instanceof CliError)) throw cause;
    const message = `${cause.message}. The directive goes on; see 'skein show ${id}'`;
    throw new CliError(cause.exitCode, cause.reason, message, { cause });
  } finally {
    release();
  }
  const see = id === undefined ? '' : `; see 'skein show ${id}'`;
  throw new CliError(
    exitCodes.unreachable,
    'stream_ended',
    `the node ended its answer before the directive's end${see}`,
  );
}

function show({ stream, text }: { stream: 'stdout' | 'stderr'; text: string }, terminal: Terminal): void {
  const shown = terminal.isTty ? printable(text) : text;
  if (stream === 'stdout') terminal.out(shown);
  else terminal.err(shown);
}

/** A program speaks for itself, also where it fails. What ended otherwise, and every other kind, is told. */
function sayEnd(kind: DispatchInput['kind'], { status, output, error }: DirectiveResult, terminal: Terminal): void {
  const program = ProgramOutput.safeParse(output);
  if (program.success && program.data.exitCode !== null) return;
  if (status !== 'completed') {
    const why = error ? oneLine(`${error.message} (${error.reason})`) : '';
    terminal.err(`skein: ${terminal.color.red(status)}${why && `: ${why}`}\n`);
    return;
  }
  const resources = kind === 'query_resources' ? QueryResourcesOutput.safeParse(output) : undefined;
  if (terminal.isTty && resources?.success) terminal.out(`${resourceTables(resources.data, terminal)}\n`);
  else terminal.out(`${JSON.stringify(output, null, 2)}\n`);
}

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
import { nameOfAim, sayIfAway } from '../aim-words.ts';
import { durationArgument } from '../arguments.ts';
import type { NodeClient } from '../client.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { resourceTables } from '../output/resource-tables.ts';
import { sayFailed } from '../output/result-failure.ts';
import type { Terminal } from '../output/terminal.ts';
import { type Aim, aimFrom, type TargetOptions, withTarget } from '../selector-options.ts';
import { type DirectiveEnd, followDirective } from './follow-directive.ts';
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
  const aim = await aimFrom(options, () => client.listNodes());
  const order = orderFromWords({ ...options, command }, aim.target);
  if (!options.wait) {
    const directive = await client.submit(order);
    if (options.json) printJson(terminal, { directive });
    else terminal.out(`${directive.id}\n`);
    return exitCodes.ok;
  }
  sayIfAway(aim.node, terminal, options.json);
  const json = options.json === true;
  const end = await followDirective(() => client.dispatch(order), client, context, { json, cancels: 'its end' });
  if (json) printJson(terminal, await client.getDirective(end.directiveId, 'outbox'));
  else if (!hasSpoken(end.result)) await sayEnd(order.kind, end, aim, client, terminal);
  return exitCodeOf(end.result);
}

/** A program speaks for itself, also where it fails. */
function hasSpoken({ output }: DirectiveResult): boolean {
  const program = ProgramOutput.safeParse(output);
  return program.success && program.data.exitCode !== null;
}

async function sayEnd(
  kind: DispatchInput['kind'],
  { directiveId, result }: DirectiveEnd,
  aim: Aim,
  client: NodeClient,
  terminal: Terminal,
): Promise<void> {
  const { status, output } = result;
  if (status !== 'completed') return sayFailed(result, await nameOfAim(aim, directiveId, client), terminal);
  const resources = kind === 'query_resources' ? QueryResourcesOutput.safeParse(output) : undefined;
  if (terminal.isTty && resources?.success) terminal.out(`${resourceTables(resources.data, terminal)}\n`);
  else terminal.out(`${JSON.stringify(output, null, 2)}\n`);
}

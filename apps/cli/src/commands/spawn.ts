/** `skein spawn`: starts an agent on a node; with --wait it stays until the agent ends, and a Ctrl-C ends the agent. */
import { DirectiveUpdate, SpawnAgentOutput } from '@skein/contracts';
import type { Command } from 'commander';
import { nameOfAim, sayIfAway } from '../aim-words.ts';
import { durationArgument, parseJson } from '../arguments.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { sayFailed } from '../output/result-failure.ts';
import { aimFrom, type TargetOptions, withTarget } from '../selector-options.ts';
import { followDirective } from './follow-directive.ts';
import { exitCodeOf } from './result-exit-code.ts';

interface SpawnOptions extends CommonOptions, TargetOptions {
  name?: string;
  context?: string;
  wait?: boolean;
  ttl?: number;
}

export function addSpawn(program: Command, context: CliContext, run: Run): void {
  withTarget(withNode(program.command('spawn').description('start an agent on a node')))
    .argument('<type>', 'one of the agents that the node is configured with')
    .argument('<instruction...>', 'what it is to do')
    .option('--name <name>', 'what people call it')
    .option('--context <json>', 'what it is told beside its instruction: a JSON object')
    .option('--wait', 'until it ends, and show what it says')
    .option('--ttl <duration>', 'from now to its answer (default: 2m)', durationArgument)
    .action((type: string, words: string[], options: SpawnOptions) => run(() => spawn(type, words, options, context)));
}

async function spawn(type: string, words: readonly string[], options: SpawnOptions, context: CliContext) {
  const { terminal } = context;
  const client = context.connect(options);
  const aim = await aimFrom(options, () => client.listNodes());
  const body = {
    target: aim.target,
    agentType: type,
    instruction: words.join(' '),
    mode: options.wait ? 'wait' : 'detach',
    ...(options.name !== undefined && { name: options.name }),
    ...(options.context !== undefined && { context: parseJson(options.context, '--context') }),
    ...(options.ttl !== undefined && { ttlMs: options.ttl }),
  };
  sayIfAway(aim.node, terminal, options.json);
  const updates = () => client.stream(DirectiveUpdate, { method: 'POST', path: '/agents', body });
  const json = options.json === true;
  const { directiveId, result } = await followDirective(updates, client, context, {
    ...{ json, cancels: "the agent's end" },
  });
  if (json && options.wait) printJson(terminal, { type: 'result', directiveId, result });
  else if (json) printJson(terminal, { directive: (await client.getDirective(directiveId, 'outbox')).directive });
  else if (result.status !== 'completed') sayFailed(result, await nameOfAim(aim, directiveId, client), terminal);
  else if (!options.wait) terminal.out(`${SpawnAgentOutput.safeParse(result.output).data?.agentId ?? directiveId}\n`);
  return exitCodeOf(result);
}

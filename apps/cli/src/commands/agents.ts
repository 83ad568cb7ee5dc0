/** `skein agents`, `spawn`, `steer` and `kill`. */
import {
  AgentList,
  AgentReply,
  AgentState,
  type DirectiveResult,
  DirectiveUpdate,
  DispatchReply,
  isAgentEnd,
  SpawnAgentOutput,
  SteerAgentReply,
} from '@skein/contracts';
import { type Command, Option } from 'commander';
import { requireAgentId } from '../agent-names.ts';
import { durationArgument, limitArgument } from '../arguments.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { CliError, exitCodes } from '../exit-codes.ts';
import { nodeNamer, requireNode } from '../node-names.ts';
import { agentsTable } from '../output/agents-table.ts';
import { oneLine, printable, type Terminal } from '../output/terminal.ts';
import { coloredAgentState, shortId } from '../output/words.ts';
import { type TargetOptions, targetFrom, withTarget } from '../selector-options.ts';
import { exitCodeOf } from './result-exit-code.ts';

interface ListOptions extends CommonOptions {
  state?: AgentState;
  node?: string;
  all?: boolean;
  limit: number;
}

interface SpawnOptions extends CommonOptions, TargetOptions {
  name?: string;
  context?: string;
  wait?: boolean;
  ttl?: number;
}

export function addAgents(program: Command, context: CliContext, run: Run): void {
  withNode(
    program.command('agents').description('list agents that run here, and those that this node has running elsewhere'),
  )
    .addOption(new Option('--state <state>', 'only those').choices(AgentState.options))
    .option('--node <node>', 'only those that run there')
    .option('--all', 'also those that have ended')
    .option('--limit <n>', 'how many', limitArgument(1_000), 50)
    .action((options: ListOptions) => run(() => list(options, context)));

  withTarget(withNode(program.command('spawn').description('start an agent on a node')))
    .argument('<type>', 'one of the agents that the node is configured with')
    .argument('<instruction...>', 'what it is to do')
    .option('--name <name>', 'what people call it')
    .option('--context <json>', 'what it is told beside its instruction: a JSON object')
    .option('--wait', 'until it ends, and show what it says')
    .option('--ttl <duration>', 'from now to its answer (default: 2m)', durationArgument)
    .action((type: string, words: string[], options: SpawnOptions) => run(() => spawn(type, words, options, context)));

  withNode(program.command('steer').description('put in a word with a running agent'))
    .argument('<agent>', 'its id, the beginning of it, or its name')
    .argument('<word...>', 'what to tell it')
    .action((word: string, words: string[], options: CommonOptions) =>
      run(async () => {
        const client = context.connect(options);
        const id = await requireAgentId(client, word);
        const reply = await client.read(SteerAgentReply, {
          method: 'POST',
          path: `/agents/${id}/steer`,
          body: { text: words.join(' ') },
        });
        if (options.json) printJson(context.terminal, reply);
        else context.terminal.out(`${reply.delivered === 'stdin' ? 'told' : 'put into its mailbox'}: ${shortId(id)}\n`);
        return exitCodes.ok;
      }),
    );

  withNode(program.command('kill').description('end an agent and every process of it, wherever it runs'))
    .argument('<agent>', 'its id, the beginning of it, or its name')
    .option('--reason <text>', 'for those who ask why')
    .action((word: string, options: CommonOptions & { reason?: string }) =>
      run(async () => {
        const { terminal } = context;
        const client = context.connect(options);
        const id = await requireAgentId(client, word);
        const body = options.reason === undefined ? {} : { reason: options.reason };
        const { agent } = await client.read(AgentReply, { method: 'POST', path: `/agents/${id}/kill`, body });
        if (options.json) printJson(terminal, { agent });
        else
          terminal.out(`${oneLine(agent.name)} ${shortId(id)} is ${coloredAgentState(agent.state, terminal.color)}\n`);
        return exitCodes.ok;
      }),
    );
}

async function list(options: ListOptions, { connect, terminal, now }: CliContext): Promise<number> {
  const client = connect(options);
  const nodes = await client.listNodes();
  const query = new URLSearchParams({
    limit: String(options.limit),
    ...(options.state && { state: options.state }),
    ...(options.node !== undefined && { node: requireNode(nodes, options.node).id }),
  });
  const { agents } = await client.read(AgentList, { method: 'GET', path: `/agents?${query}` });
  const shown = options.all || options.state ? agents : agents.filter(({ agent }) => !isAgentEnd(agent.state));
  if (options.json) printJson(terminal, { agents: shown });
  else if (shown.length > 0) terminal.out(`${agentsTable(shown, nodeNamer(nodes), terminal, now())}\n`);
  else terminal.err(agents.length > 0 ? 'no agents run; --all shows those that have ended\n' : 'no agents\n');
  return exitCodes.ok;
}

function contextFrom(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new CliError(exitCodes.usage, 'invalid_argument', `--context is not JSON: ${why}`);
  }
}

async function spawn(
  agentType: string,
  words: readonly string[],
  options: SpawnOptions,
  { connect, terminal }: CliContext,
): Promise<number> {
  const client = connect(options);
  const body = {
    target: await targetFrom(options, () => client.listNodes()),
    agentType,
    instruction: words.join(' '),
    mode: options.wait ? 'wait' : 'detach',
    ...(options.name !== undefined && { name: options.name }),
    ...(options.context !== undefined && { context: contextFrom(options.context) }),
    ...(options.ttl !== undefined && { ttlMs: options.ttl }),
  };
  if (!options.wait) {
    const { directive } = await client.read(DispatchReply, {
      method: 'POST',
      path: '/agents?wait=true',
      body,
      withinMs: (options.ttl ?? 120_000) + 70_000,
    });
    const { result } = directive;
    if (options.json) printJson(terminal, { directive });
    else if (result) sayEnd(result, terminal);
    return result ? exitCodeOf(result) : exitCodes.failed;
  }
  for await (const update of client.stream(DirectiveUpdate, { method: 'POST', path: '/agents', body })) {
    if (update.type === 'output' && !options.json) {
      const text = terminal.isTty ? printable(update.text) : update.text;
      if (update.stream === 'stdout') terminal.out(text);
      else terminal.err(text);
    }
    if (update.type !== 'result') continue;
    if (options.json) printJson(terminal, update);
    else if (update.result.status !== 'completed') sayEnd(update.result, terminal);
    return exitCodeOf(update.result);
  }
  throw new CliError(exitCodes.unreachable, 'stream_ended', "the node ended its answer before the agent's end");
}

function sayEnd({ status, output, error }: DirectiveResult, { out, err, color }: Terminal): void {
  const agent = SpawnAgentOutput.safeParse(output);
  if (status === 'completed' && agent.success) out(`${agent.data.agentId}\n`);
  else err(`skein: ${color.red(status)}${error ? `: ${oneLine(`${error.message} (${error.reason})`)}` : ''}\n`);
}

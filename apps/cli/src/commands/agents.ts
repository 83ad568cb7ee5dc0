/** `skein agents`: what runs here, and what this node has running elsewhere. */
import { type AgentEntry, AgentList, AgentState, isAgentEnd, type NodeView, SwarmTopology } from '@skein/contracts';
import { type Command, Option } from 'commander';
import { limitArgument } from '../arguments.ts';
import type { NodeClient } from '../client.ts';
import { type CliContext, type CommonOptions, printJson, type Run, withNode } from '../context.ts';
import { exitCodes } from '../exit-codes.ts';
import { requireNode } from '../node-names.ts';
import { agentsTable } from '../output/agents-table.ts';

interface ListOptions extends CommonOptions {
  state?: AgentState;
  node?: string;
  all?: boolean;
  everywhere?: boolean;
  limit: number;
}

export function addAgents(program: Command, context: CliContext, run: Run): void {
  withNode(
    program.command('agents').description('list agents that run here, and those that this node has running elsewhere'),
  )
    .addOption(new Option('--state <state>', 'only those').choices(AgentState.options))
    .option('--node <node>', 'only those that run there')
    .option('--all', 'also those that have ended')
    .option('--everywhere', 'those that run anywhere in the swarm, for whomever')
    .option('--limit <n>', 'how many', limitArgument(1_000), 50)
    .action((options: ListOptions) => run(() => list(options, context)));
}

async function list(options: ListOptions, { connect, terminal, now }: CliContext): Promise<number> {
  const client = connect(options);
  const nodes = await client.listNodes();
  const query = new URLSearchParams({
    limit: String(options.limit),
    ...(options.state && { state: options.state }),
    ...(options.node !== undefined && { node: requireNode(nodes, options.node).id }),
  });
  const known = await client.read(AgentList, { method: 'GET', path: `/agents?${query}` });
  const agents = options.everywhere ? await everywhere(client, known.agents, options, nodes) : known.agents;
  const shown = options.all || options.state ? agents : agents.filter(({ agent }) => !isAgentEnd(agent.state));
  if (options.json) printJson(terminal, { agents: shown });
  else if (shown.length > 0) terminal.out(`${agentsTable(shown, await client.names(), terminal, now())}\n`);
  else terminal.err(agents.length > 0 ? 'no agents run; --all shows those that have ended\n' : 'no agents\n');
  return exitCodes.ok;
}

/** What this node knows, and what all nodes say that runs on them: whoever may, can kill and steer those too. */
async function everywhere(
  client: NodeClient,
  known: readonly AgentEntry[],
  { state, node, limit }: ListOptions,
  nodes: readonly NodeView[],
): Promise<AgentEntry[]> {
  const topology = await client.read(SwarmTopology, { method: 'GET', path: '/topology' });
  const ids = new Set(known.map(({ agent }) => agent.id));
  const home = node === undefined ? undefined : requireNode(nodes, node).id;
  const others = topology.nodes
    .flatMap(({ agents }) => agents)
    .filter((agent) => !ids.has(agent.id) && (state === undefined || agent.state === state))
    .filter(({ nodeId }) => home === undefined || nodeId === home)
    .map((agent): AgentEntry => ({ agent, pid: null }));
  return [...known, ...others].toSorted((a, b) => b.agent.startedAt.localeCompare(a.agent.startedAt)).slice(0, limit);
}

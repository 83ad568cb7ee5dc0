/** Agents by what people write: an id, the beginning of one, or a name. */
import { AgentList, type AgentView, isAgentEnd, SwarmTopology } from '@skein/contracts';
import type { NodeClient } from './client.ts';
import { CliError, exitCodes } from './exit-codes.ts';
import { oneLine } from './output/terminal.ts';

const WHOLE_ID_LENGTH = 36;
const SHORTEST_PREFIX = 4;
const SEARCHED = 1_000;

/** A name means the one that runs, where several had it. What this node does not know is looked for on all nodes. */
export async function requireAgentId(client: Pick<NodeClient, 'read'>, word: string): Promise<string> {
  if (word.length === WHOLE_ID_LENGTH && /^[0-9a-f-]+$/.test(word)) return word;
  const { agents } = await client.read(AgentList, { method: 'GET', path: `/agents?limit=${SEARCHED}` });
  const known = meantBy(
    word,
    agents.map(({ agent }) => agent),
  );
  const found = known.length > 0 ? known : meantBy(word, await runningAnywhere(client));
  const [only] = found;
  if (only && found.length === 1) return only.id;
  if (only)
    throw new CliError(
      exitCodes.usage,
      'ambiguous_agent',
      `${found.length} agents are meant by ${oneLine(word)}; say which by its id: ${found.map(({ id }) => id).join(', ')}`,
    );
  throw new CliError(
    exitCodes.notFound,
    'agent_not_found',
    `no agent with the id or name ${oneLine(word)}; 'skein agents --all' lists those that are known here`,
  );
}

function meantBy(word: string, agents: readonly AgentView[]): readonly AgentView[] {
  const prefix = word.toLowerCase();
  const byPrefix = word.length < SHORTEST_PREFIX ? [] : agents.filter(({ id }) => id.startsWith(prefix));
  if (byPrefix.length > 0) return byPrefix;
  const byName = agents.filter(({ name }) => name === word);
  const running = byName.filter(({ state }) => !isAgentEnd(state));
  const [ended] = byName;
  if (running.length === 0 && ended && byName.length > 1)
    throw new CliError(
      exitCodes.refused,
      'agent_ended',
      `no agent named ${oneLine(word)} runs any more; the latest of ${byName.length} was ${ended.id}`,
    );
  return running.length > 0 ? running : byName;
}

async function runningAnywhere(client: Pick<NodeClient, 'read'>): Promise<readonly AgentView[]> {
  const { nodes } = await client.read(SwarmTopology, { method: 'GET', path: '/topology' });
  return nodes.flatMap(({ agents }) => agents);
}

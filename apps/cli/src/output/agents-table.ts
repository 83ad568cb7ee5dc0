/** Agents as a table: which, where, for whom, how far, and what they say of themselves. */
import type { AgentEntry, AgentView } from '@skein/contracts';
import { formatDuration } from '../durations.ts';
import { formatTable } from './table.ts';
import { oneLine, type Terminal } from './terminal.ts';
import { coloredAgentState, shortId, usageWords } from './words.ts';

export function agentsTable(
  agents: readonly AgentEntry[],
  nameOf: (id: string) => string,
  terminal: Terminal,
  nowMs: number,
): string {
  const rows = agents.map(({ agent, pid }) => [
    shortId(agent.id),
    pid === null ? '–' : String(pid),
    oneLine(agent.name),
    nameOf(agent.nodeId),
    nameOf(agent.spawnedBy),
    coloredAgentState(agent.state, terminal.color),
    formatDuration(Math.max(0, (agent.endedAt ? Date.parse(agent.endedAt) : nowMs) - Date.parse(agent.startedAt))),
    usageWords(agent.usage),
    oneLine(lastWords(agent)),
  ]);
  return formatTable(['id', 'pid', 'name', 'on', 'for', 'state', 'took', 'used', 'says'], rows, terminal, {
    ...{ right: [1, 6], whole: [0, 5], spare: [7, 1, 4] },
  });
}

/** Why it failed, what it answered, or how far it is. */
function lastWords({ result, progress }: AgentView): string {
  if (!result) return progress ?? '';
  return result.error?.message ?? result.response.split('\n').find((line) => line.trim() !== '') ?? '';
}

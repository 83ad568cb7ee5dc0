/**
 * What becomes of an agent's row: the rules that both stores ask. Undefined where nothing changes, so that nothing is
 * written and no version is spent. Whoever writes compares the version that it has read.
 */
import { type AgentView, isAgentEnd, laterUsage, noUsage } from '@skein/contracts';
import { isSameUsage } from '../resources/usage-growth.ts';
import type { AgentEnd, AgentProgress, NewAgent } from './agent-store.ts';

/** What stands in a new row, at the store's present moment. */
export function openedAgent(agent: NewAgent, now: number): AgentView {
  const { id, nodeId, spawnedBy, directiveId, parentDirectiveId, mode } = agent;
  return {
    ...{ id, nodeId, spawnedBy, directiveId, parentDirectiveId, mode },
    ...{ agentType: withoutNul(agent.agentType), name: withoutNul(agent.name) },
    ...{ state: 'starting', pid: null, startedAt: new Date(now).toISOString(), endedAt: null, restarts: 0 },
    ...{ progress: null, usage: noUsage, result: null, version: 1 },
  };
}

/** The row after what its home heard of it; undefined where that is no news, or it has ended. */
export function progressedAgent(agent: AgentView, told: AgentProgress): AgentView | undefined {
  if (isAgentEnd(agent.state)) return undefined;
  const after: AgentView = {
    ...agent,
    state: told.state ?? agent.state,
    pid: told.pid === undefined ? agent.pid : told.pid,
    restarts: told.restarts ?? agent.restarts,
    progress: told.progress === undefined ? agent.progress : withoutNul(told.progress),
    usage: told.usage ? laterUsage(agent.usage, told.usage) : agent.usage,
  };
  const isSame =
    (['state', 'pid', 'restarts', 'progress'] as const).every((field) => after[field] === agent[field]) &&
    isSameUsage(after.usage, agent.usage);
  return isSame ? undefined : { ...after, version: agent.version + 1 };
}

/** The row after its end; undefined where it has ended already. */
export function endedAgent(agent: AgentView, { state, result, usage }: AgentEnd, now: number): AgentView | undefined {
  if (isAgentEnd(agent.state)) return undefined;
  const endedAt = new Date(now).toISOString();
  const version = agent.version + 1;
  return { ...agent, state, result, endedAt, version, usage: laterUsage(agent.usage, usage) };
}

/** What another node tells holds where it is the later word. It moves no agent to another node, and revives none. */
export function mirroredAgent(known: AgentView | undefined, told: AgentView): AgentView | undefined {
  const progress = told.progress === null ? null : withoutNul(told.progress);
  if (!known) return { ...told, progress, agentType: withoutNul(told.agentType), name: withoutNul(told.name) };
  const isNews = told.version > known.version && !isAgentEnd(known.state);
  const isSameAgent = told.nodeId === known.nodeId && told.spawnedBy === known.spawnedBy;
  return isNews && isSameAgent ? { ...known, ...pickTold(told), progress } : undefined;
}

/** What may change while an agent lives. */
function pickTold({ state, pid, endedAt, restarts, usage, result, version }: AgentView) {
  return { state, pid, endedAt, restarts, usage, result, version };
}

/** What programs and other nodes say may hold what a database's text cannot. */
function withoutNul(text: string): string {
  return text.replaceAll('\0', '');
}

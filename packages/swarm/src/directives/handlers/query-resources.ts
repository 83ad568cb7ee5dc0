/** Answers with the node's live accounting: its metrics and what runs on it. */
import {
  type AgentView,
  type NodeId,
  type NodeMetrics,
  noUsage,
  type ProcessEntry,
  type QueryResourcesOutput,
} from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import type { AgentHost } from '../../agents/agent-host.ts';
import type { AgentStore } from '../../agents/agent-store.ts';
import type { DirectiveHandler } from './handler.ts';

export interface QueryResourcesDeps {
  self: NodeId;
  readMetrics: () => Promise<NodeMetrics>;
  processes: () => readonly ProcessEntry[];
  host: Pick<AgentHost, 'running'>;
  agents: Pick<AgentStore, 'list' | 'find'>;
  clock: Pick<Clock, 'now'>;
}

/** How long ago an agent may have ended, where the question does not say. */
const RECENT_MS = 3_600_000;
/** The latest that are looked through; more do not start in an hour that anybody reads. */
const LOOKED_THROUGH = 1_000;

export function queryResources({
  self,
  readMetrics,
  processes,
  host,
  agents,
  clock,
}: QueryResourcesDeps): DirectiveHandler<'query_resources'> {
  async function agentsSince(sinceMs: number): Promise<AgentView[]> {
    const latest = await agents.list({ nodeId: self, limit: LOOKED_THROUGH, withoutResult: true });
    const running = host.running();
    const ids = new Set(running.map(({ id }) => id));
    const ended = latest.filter(
      ({ id, endedAt }) => endedAt !== null && !ids.has(id) && Date.parse(endedAt) >= sinceMs,
    );
    const told = running.map(withoutWords);
    // One at a time: a result is as long as what its agent said, and only how it ended is told.
    for (const agent of ended) told.push(withoutWords((await agents.find(agent.id)) ?? agent));
    return told;
  }

  return async ({ since }) => {
    const recent = (entry: ProcessEntry) =>
      since === undefined || entry.state === 'running' || Date.parse(entry.startedAt) >= Date.parse(since);
    const output: QueryResourcesOutput = {
      nodeId: self,
      metrics: await readMetrics(),
      processes: processes().filter(recent),
      agents: await agentsSince(since === undefined ? clock.now() - RECENT_MS : Date.parse(since)),
    };
    return { status: 'completed', output, usage: noUsage };
  };
}

/** What an agent used is everybody's to know; what it says is its spawner's. */
function withoutWords({ result, ...agent }: AgentView): AgentView {
  const told = result && { ...result, response: '', truncated: result.truncated || result.response !== '' };
  return { ...agent, progress: null, result: told };
}

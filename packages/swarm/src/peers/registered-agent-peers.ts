/** The peers of the registry, as agents' homes and their spawners reach each other. */
import { GetDirectivesReply, KillAgentReply, type NodeId, ReportAgentsReply, SteerAgentReply } from '@skein/contracts';
import type { z } from 'zod';
import type { AgentPeers } from '../agents/agent-peers.ts';
import type { NodeStore } from '../membership/node-store.ts';
import type { PeerCaller } from './peer-caller.ts';
import { requirePeer } from './registered-peers.ts';

/** A kill is answered when nothing of the agent is left: that may take longer than other calls. */
const KILL_TIMEOUT_MS = 15_000;

export function createRegisteredAgentPeers({
  nodes,
  caller,
}: {
  nodes: Pick<NodeStore, 'find'>;
  caller: Pick<PeerCaller, 'call'>;
}): AgentPeers {
  const call = async <S extends z.ZodType>(
    to: NodeId,
    method: string,
    params: unknown,
    reply: S,
    options: { signal: AbortSignal; timeoutMs?: number },
  ) => caller.call(await requirePeer(nodes, to), method, params, reply, options);
  return {
    reportAgents: (spawner, agents, signal) =>
      call(spawner, 'SwarmReportAgents', { agents }, ReportAgentsReply, { signal }),
    killAgent: (home, params, signal) =>
      call(home, 'SwarmKillAgent', params, KillAgentReply, { signal, timeoutMs: KILL_TIMEOUT_MS }),
    homeDatabase: async (home, directiveId, signal) =>
      (await call(home, 'SwarmGetDirectives', { ids: [directiveId] }, GetDirectivesReply, { signal })).databaseId,
    steerAgent: (home, params, signal) => call(home, 'SwarmSteerAgent', params, SteerAgentReply, { signal }),
  };
}

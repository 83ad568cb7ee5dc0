/** The peers of the registry, as agents' homes and their spawners reach each other. */
import { KillAgentReply, type NodeId, ReportAgentsReply, SteerAgentReply } from '@skein/contracts';
import type { z } from 'zod';
import type { AgentPeers } from '../agents/agent-peers.ts';
import type { NodeStore } from '../membership/node-store.ts';
import type { PeerCaller } from './peer-caller.ts';
import { requirePeer } from './registered-peers.ts';

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
    signal: AbortSignal,
  ) => caller.call(await requirePeer(nodes, to), method, params, reply, { signal });
  return {
    reportAgents: (spawner, agents, signal) =>
      call(spawner, 'SwarmReportAgents', { agents }, ReportAgentsReply, signal),
    killAgent: (home, params, signal) => call(home, 'SwarmKillAgent', params, KillAgentReply, signal),
    steerAgent: (home, params, signal) => call(home, 'SwarmSteerAgent', params, SteerAgentReply, signal),
  };
}

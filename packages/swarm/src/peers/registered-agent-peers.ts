/** The peers of the registry, as agents' homes and spawners reach them. */
import { KillAgentReply, ReportAgentsReply, SteerAgentReply } from '@skein/contracts';
import type { AgentPeers } from '../agents/agent-peers.ts';
import type { NodeStore } from '../membership/node-store.ts';
import type { PeerCaller } from './peer-caller.ts';
import { requirePeer } from './registered-peers.ts';

/** A kill is answered when nothing is left: that takes longer than other calls. */
const KILL_TIMEOUT_MS = 15_000;

export function createRegisteredAgentPeers({
  nodes,
  caller,
}: {
  nodes: Pick<NodeStore, 'find'>;
  caller: Pick<PeerCaller, 'call'>;
}): AgentPeers {
  return {
    async reportAgents(spawner, agents, signal) {
      const peer = await requirePeer(nodes, spawner);
      return caller.call(peer, 'SwarmReportAgents', { agents }, ReportAgentsReply, { signal });
    },
    async killAgent(home, params, signal) {
      const peer = await requirePeer(nodes, home);
      return caller.call(peer, 'SwarmKillAgent', params, KillAgentReply, { signal, timeoutMs: KILL_TIMEOUT_MS });
    },
    async steerAgent(home, params, signal) {
      const peer = await requirePeer(nodes, home);
      return caller.call(peer, 'SwarmSteerAgent', params, SteerAgentReply, { signal });
    },
  };
}

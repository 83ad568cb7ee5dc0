/** Everything of a node that concerns agents: those that run here, those that it has running elsewhere, and the words between. */
import type { AgentId, NodeId, SwarmEvent } from '@skein/contracts';
import type { Clock, Emitter, Logger, Random } from '@skein/contracts/runtime';
import { findAgentHere } from '../mail/find-agent.ts';
import type { Pump } from '../pump.ts';
import type { RunReading } from '../resources/usage-ledger.ts';
import type { SwarmStores } from '../stores.ts';
import { type AgentCommands, createAgentCommands } from './agent-commands.ts';
import type { AgentDesk } from './agent-desk.ts';
import { type AgentHost, createAgentHost } from './agent-host.ts';
import type { AgentPeers } from './agent-peers.ts';
import { type AgentReports, startAgentReports } from './agent-reports.ts';
import type { AgentRuntimes } from './agent-runtime.ts';
import { type Announcements, startAnnouncements } from './announcements.ts';
import { createAgentDesk } from './create-agent-desk.ts';
import { startLostHomes } from './lost-homes.ts';
import { createRemoteAgents, type RemoteAgents } from './remote-agents.ts';
import type { RemoteProcesses } from './remote-processes.ts';

export interface AgentsRoomDeps {
  self: NodeId;
  stores: Pick<SwarmStores, 'agents' | 'outbox' | 'mail' | 'nodes'>;
  runtimes: () => AgentRuntimes;
  peers: AgentPeers;
  processes: RemoteProcesses;
  record: (readings: readonly RunReading[]) => Promise<void>;
  /** Where an agent runs that this node neither runs nor spawned. */
  findElsewhere: (id: AgentId) => Promise<NodeId | undefined>;
  workFolder: string;
  events: Emitter<SwarmEvent>;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Aborts when the node stops. */
  stopping: AbortSignal;
}

export interface AgentsRoom {
  readonly host: AgentHost;
  readonly desk: AgentDesk;
  /** What other nodes may ask of this one. */
  readonly wire: Pick<AgentCommands, 'takeKill' | 'takeSteer'> & Pick<RemoteAgents, 'takeReports'>;
  /** Once the node's earlier life is settled: shows what runs elsewhere, and begins to tell. */
  start(): Promise<void>;
  /** After the host has stopped: tells what is still owed, and rests. Twice is as good as once. */
  stopTelling(): Promise<void>;
}

export function createAgentsRoom(deps: AgentsRoomDeps): AgentsRoom {
  const { self, stores, peers, processes, events, clock, random, logger, stopping } = deps;
  const { agents, outbox, mail, nodes } = stores;
  const told = { self, agents, events, clock, random, logger };
  let reports: AgentReports | undefined;
  let announcements: Announcements | undefined;
  let lostHomes: Pump | undefined;

  const host = createAgentHost({ ...deps, agents });
  const commands = createAgentCommands({
    ...{ ...told, host, mail },
    async tierOf(id) {
      const entry = await nodes.find(id);
      return entry && !entry.removed ? entry.tier : undefined;
    },
  });
  const remote = createRemoteAgents({
    ...{ self, agents, outbox, processes, clock, events },
    onDetachedEnd: () => announcements?.wake(),
  });
  const desk = createAgentDesk({
    ...{ self, agents, commands, remote, peers, processes, random, stopping },
    findElsewhere: deps.findElsewhere,
    findNode: nodes.find,
  });

  return {
    ...{ host, desk },
    wire: { takeKill: commands.takeKill, takeSteer: commands.takeSteer, takeReports: remote.takeReports },
    async start() {
      await remote.restore();
      reports = startAgentReports({ ...told, nodes, peers });
      announcements = startAnnouncements({ ...told, outbox, mail, findAgent: findAgentHere({ self, agents }) });
      lostHomes = startLostHomes({ ...told, outbox, nodes, peers, remote });
    },
    async stopTelling() {
      await Promise.all([reports?.stop(), announcements?.stop(), lostHomes?.stop()]);
      remote.stop();
    },
  };
}

/** A node's calls that concern agents: its own at once, those elsewhere through the nodes that run them. */
import { A2AClientError } from '@skein/a2a-transport';
import { type AgentEntry, type AgentId, type AgentView, ERROR_DOMAIN, isAgentEnd, type NodeId } from '@skein/contracts';
import { linkedSignal, type Random } from '@skein/contracts/runtime';
import { SwarmError, type SwarmErrorCode } from '../errors.ts';
import type { NodeEntry } from '../membership/node-store.ts';
import { type AgentCommands, agentNotFound } from './agent-commands.ts';
import type { AgentDesk } from './agent-desk.ts';
import type { AgentPeers } from './agent-peers.ts';
import type { AgentStore } from './agent-store.ts';
import type { RemoteAgents } from './remote-agents.ts';
import type { RemoteProcesses } from './remote-processes.ts';

export interface AgentDeskDeps {
  self: NodeId;
  agents: Pick<AgentStore, 'find' | 'list'>;
  commands: Pick<AgentCommands, 'kill' | 'steer'>;
  remote: Pick<RemoteAgents, 'absorb' | 'lose'>;
  peers: Pick<AgentPeers, 'killAgent' | 'steerAgent'>;
  processes: Pick<RemoteProcesses, 'pidOf' | 'tree'>;
  random: Pick<Random, 'uuid'>;
  /** Aborts when the node stops: whoever waits is told. */
  stopping: AbortSignal;
  /** What the registry knows of an agent's home, for whoever did not reach it. @default nothing is said of it */
  findNode?: (id: NodeId) => Promise<Pick<NodeEntry, 'record' | 'liveness'> | undefined>;
  /** Where an agent runs that this node neither runs nor spawned. @default nobody is asked */
  findElsewhere?: (id: AgentId) => Promise<NodeId | undefined>;
}

const DEFAULT_LIMIT = 50;

export function createAgentDesk(deps: AgentDeskDeps): AgentDesk {
  const { self, agents, commands, remote, peers, processes, random, stopping } = deps;

  const toEntry = (agent: AgentView): AgentEntry => ({
    agent,
    pid: agent.nodeId === self ? openPid(agent) : (processes.pidOf(agent.id) ?? null),
  });

  /** Where an agent runs. Errors: AGENT_NOT_FOUND. */
  async function locate(id: AgentId): Promise<{ home: NodeId; known: AgentView | undefined }> {
    const known = await agents.find(id);
    const home = known?.nodeId ?? (await deps.findElsewhere?.(id));
    if (home === undefined) throw agentNotFound(id);
    return { home, known };
  }

  /** Asks the node that runs an agent. Errors: as AgentDesk has them, or the reason of the signal that aborted. */
  async function ask<T>(
    home: NodeId,
    id: AgentId,
    signal: AbortSignal | undefined,
    call: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const until = linkedSignal(signal, stopping);
    const aborted = new Promise<never>((_, reject) => {
      until.signal.addEventListener('abort', () => reject(until.signal.reason), { once: true });
    });
    try {
      until.signal.throwIfAborted();
      return await Promise.race([call(until.signal), aborted]);
    } catch (cause) {
      until.signal.throwIfAborted();
      throw refusalOf(cause, home, id, await deps.findNode?.(home).catch(() => undefined));
    } finally {
      until.clear();
    }
  }

  return {
    async listAgents({ state, node, limit = DEFAULT_LIMIT } = {}) {
      const here = node === undefined || node === self;
      const own = here ? await agents.list({ nodeId: self, state, limit }) : [];
      const spawned = node === self ? [] : await agents.list({ nodeId: node, spawnedBy: self, state, limit });
      return [...own, ...spawned.filter(({ nodeId }) => nodeId !== self)]
        .sort((a, b) => b.startedAt.localeCompare(a.startedAt))
        .slice(0, limit)
        .map(toEntry);
    },

    async getAgent(id) {
      const agent = await agents.find(id);
      return agent && toEntry(agent);
    },

    async killAgent(id, { reason, signal } = {}) {
      const { home, known } = await locate(id);
      const order = { agentId: id, ...(reason !== undefined && { reason }) };
      if (home === self) return ask(home, id, signal, () => commands.kill(order));
      if (known && isAgentEnd(known.state)) return known;
      const { agent } = await ask(home, id, signal, (until) => peers.killAgent(home, order, until)).catch(
        async (cause) => {
          if (known?.spawnedBy !== self || !isGoneThere(cause)) throw cause;
          return { agent: await remote.lose(known) };
        },
      );
      if (agent.id !== id || agent.nodeId !== home) throw unreachable(home, id, undefined);
      return agent.spawnedBy === self ? remote.absorb(agent) : agent;
    },

    async steerAgent(id, text, { signal } = {}) {
      const { home } = await locate(id);
      const order = { agentId: id, messageId: random.uuid(), text };
      return home === self
        ? ask(home, id, signal, () => commands.steer(self, order))
        : ask(home, id, signal, (until) => peers.steerAgent(home, order, until));
    },

    getFullProcessTree: () => processes.tree(self),
  };
}

/** The operating system gives the number of a process that has ended to another one. */
const openPid = ({ state, pid }: AgentView): number | null => (isAgentEnd(state) ? null : pid);

/** Nothing runs there that could be ended: the home does not know its agent any more, or nobody knows the home. */
function isGoneThere(refusal: unknown): boolean {
  if (!(refusal instanceof SwarmError)) return false;
  const { code, cause } = refusal;
  return code === 'AGENT_NOT_FOUND' || (cause instanceof SwarmError && cause.code === 'UNKNOWN_NODE');
}

const refusals: readonly SwarmErrorCode[] = ['AGENT_NOT_FOUND', 'AGENT_ENDED', 'FORBIDDEN', 'MAILBOX_FULL'];

/** What a failed call means for whoever asked: the other node's refusal, or that it was not reached. */
function refusalOf(cause: unknown, home: NodeId, id: AgentId, entry: HomeEntry): unknown {
  if (cause instanceof SwarmError && cause.code !== 'UNKNOWN_NODE') return cause;
  const { rpc, status } = cause instanceof A2AClientError ? cause : {};
  const code = rpc?.domain === ERROR_DOMAIN ? refusals.find((reason) => reason === rpc.reason) : undefined;
  if (code) return new SwarmError(code, rpc?.message ?? code, { cause, metadata: { agentId: id, nodeId: home } });
  if (status === 401 || status === 403)
    return new SwarmError('FORBIDDEN', `node ${home} does not let this node in`, { cause, metadata: { nodeId: home } });
  return unreachable(home, id, cause, entry);
}

type HomeEntry = Awaited<ReturnType<NonNullable<AgentDeskDeps['findNode']>>>;

function unreachable(home: NodeId, id: AgentId, cause: unknown, entry?: HomeEntry): SwarmError {
  const name = entry ? `${entry.record.name} (${home})` : home;
  const why =
    entry?.liveness === 'offline'
      ? 'is offline; try again when it is back, or take it out of the registry to end its agents here'
      : 'gave no usable answer; try again';
  return new SwarmError('PEER_UNREACHABLE', `node ${name}, which runs agent ${id}, ${why}`, {
    ...{ cause, metadata: { agentId: id, nodeId: home } },
  });
}

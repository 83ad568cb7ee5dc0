/** The book of agents in memory, for tests, simulations and throw-away nodes. */
import { type AgentId, type AgentView, isAgentEnd } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import { SwarmError } from '../errors.ts';
import { endedAgent, mirroredAgent, openedAgent, progressedAgent } from './agent-rules.ts';
import { type AgentStore, KEEP_ENDED_AGENTS_MS } from './agent-store.ts';

interface Row {
  agent: AgentView;
  reportedVersion: number;
  announced: boolean;
  /** When this store wrote the agent last, and how many writes came before: the order of changes. */
  changedAt: number;
  change: number;
}

export function createInMemoryAgentStore({ clock }: { clock: Pick<Clock, 'now'> }): AgentStore {
  const rows = new Map<AgentId, Row>(); // in the order in which they became known
  let changes = 0;

  function write(agent: AgentView, rest: Pick<Row, 'reportedVersion' | 'announced'>): AgentView {
    changes += 1;
    rows.set(agent.id, { ...rest, agent, changedAt: clock.now(), change: changes });
    return agent;
  }

  const byEnd = (a: Row, b: Row) => Date.parse(a.agent.endedAt ?? '') - Date.parse(b.agent.endedAt ?? '');

  return {
    async open(agent) {
      if (rows.has(agent.id)) throw new SwarmError('INVALID_ARGUMENT', `agent ${agent.id} exists already`);
      return write(openedAgent(agent, clock.now()), { reportedVersion: 0, announced: false });
    },

    async progress(id, progress) {
      const row = rows.get(id);
      if (!row || isAgentEnd(row.agent.state)) return undefined;
      const after = progressedAgent(row.agent, progress);
      return after ? write(after, row) : row.agent;
    },

    async end(id, end) {
      const row = rows.get(id);
      if (!row) return undefined;
      const after = endedAgent(row.agent, end, clock.now());
      return after ? { status: 'ended', agent: write(after, row) } : { status: 'already_ended', agent: row.agent };
    },

    async find(id) {
      return rows.get(id)?.agent;
    },

    async list({ nodeId, spawnedBy, directiveId, state, open, withoutResult, limit }) {
      return [...rows.values()]
        .map(({ agent }) => agent)
        .filter((agent) => (!nodeId || agent.nodeId === nodeId) && (!spawnedBy || agent.spawnedBy === spawnedBy))
        .filter((agent) => !directiveId || agent.directiveId === directiveId)
        .filter((agent) => (!state || agent.state === state) && !(open && isAgentEnd(agent.state)))
        .reverse()
        .sort((a, b) => Date.parse(b.startedAt) - Date.parse(a.startedAt))
        .slice(0, limit)
        .map((agent) => (withoutResult ? { ...agent, result: null } : agent));
    },

    async countOpen(nodeId) {
      return [...rows.values()].filter(({ agent }) => agent.nodeId === nodeId && !isAgentEnd(agent.state)).length;
    },

    async mirror(told) {
      const row = rows.get(told.id);
      const after = mirroredAgent(row?.agent, told);
      return after && write(after, { reportedVersion: after.version, announced: row?.announced ?? false });
    },

    async listUnreported(nodeId, limit, { spawners = [], agents = [] } = {}) {
      return [...rows.values()]
        .filter(({ agent }) => agent.nodeId === nodeId && agent.spawnedBy !== nodeId)
        .filter(({ agent }) => !spawners.includes(agent.spawnedBy) && !agents.includes(agent.id))
        .filter(({ agent, reportedVersion }) => reportedVersion < agent.version)
        .sort((a, b) => a.change - b.change)
        .slice(0, limit)
        .map(({ agent }) => agent);
    },

    async markReported(id, version) {
      const row = rows.get(id);
      if (row) row.reportedVersion = Math.max(row.reportedVersion, Math.min(version, row.agent.version));
    },

    async listUnannounced(spawnedBy, limit) {
      return [...rows.values()]
        .filter(({ agent, announced }) => agent.spawnedBy === spawnedBy && agent.mode === 'detach' && !announced)
        .filter(({ agent }) => isAgentEnd(agent.state))
        .sort(byEnd)
        .slice(0, limit)
        .map(({ agent }) => agent);
    },

    async markAnnounced(id) {
      const row = rows.get(id);
      if (row) row.announced = true;
    },

    async purge(nodeId) {
      const old = [...rows.values()].filter(({ agent, reportedVersion, announced, changedAt }) => {
        const isOurs = agent.nodeId === nodeId || agent.spawnedBy === nodeId;
        const isReported = agent.nodeId === agent.spawnedBy || reportedVersion >= agent.version;
        const isOwed = agent.spawnedBy === nodeId && agent.mode === 'detach' && !announced;
        const isOld = isAgentEnd(agent.state) && changedAt + KEEP_ENDED_AGENTS_MS <= clock.now();
        return isOurs && isReported && !isOwed && isOld;
      });
      for (const { agent } of old) rows.delete(agent.id);
      return old.length;
    },
  };
}

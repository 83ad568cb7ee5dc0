/**
 * Spawner's side: agents that this node has running elsewhere. What their homes tell is stored, shown in the process
 * tree while they are open, and told as events. A home speaks of agents that this node ordered from it, and of no
 * others.
 */
import { ApplicationError } from '@skein/a2a-transport';
import {
  type AgentId,
  type AgentView,
  ERROR_DOMAIN,
  isAgentEnd,
  type NodeId,
  type ReportAgentsParams,
  type ReportAgentsReply,
  type SwarmEvent,
} from '@skein/contracts';
import type { Clock, Emitter } from '@skein/contracts/runtime';
import PQueue from 'p-queue';
import type { z } from 'zod';
import { startLimit } from '../directives/inbox-lifecycle.ts';
import type { OutboxStore } from '../directives/outbox-store.ts';
import { agentNotFound } from './agent-commands.ts';
import type { AgentStore } from './agent-store.ts';
import type { RemoteProcesses } from './remote-processes.ts';

export interface RemoteAgentsDeps {
  self: NodeId;
  agents: Pick<AgentStore, 'find' | 'list' | 'mirror'>;
  outbox: Pick<OutboxStore, 'find'>;
  processes: RemoteProcesses;
  clock: Pick<Clock, 'now'>;
  events: Emitter<SwarmEvent>;
  /** A detached agent has ended: it is to be announced. */
  onDetachedEnd: () => void;
}

export interface RemoteAgents {
  /** Puts the agents that were open in an earlier life into the process tree again. */
  restore(): Promise<void>;
  /** `SwarmReportAgents`: takes what a home tells, and answers with what is stored now. */
  takeReports(from: NodeId, params: z.infer<typeof ReportAgentsParams>): Promise<z.infer<typeof ReportAgentsReply>>;
  /** Takes over an agent of this node's as its home has just answered. */
  absorb(agent: AgentView): Promise<AgentView>;
  /** Ends an agent of this node's whose home will never tell of it again. What has ended stays as it is. */
  lose(agent: AgentView): Promise<AgentView>;
  /** No longer listens to the node's events. */
  stop(): void;
}

/** More than one node has running at once; what is older is shown with its next report. */
const RESTORED = 10_000;
/** A home tells one report after the other: more wait only where it gave up on them, and tells them again. */
const MAX_WAITING_REPORTS = 2;
const RETRY_AFTER_MS = 1_000;
/** Ends that are remembered, so that a report that is repeated is no news. */
const REMEMBERED = 10_000;

export function createRemoteAgents(deps: RemoteAgentsDeps): RemoteAgents {
  const { self, agents, outbox, processes, clock, events, onDetachedEnd } = deps;
  /** What is told of one home's agents is taken in order: of two reports that race, the earlier one must not be shown last. */
  const turns = new Map<NodeId, PQueue>();
  /** The version that was told of each agent, the latest told last. */
  const told = new Map<AgentId, number>();

  function turnOf(home: NodeId): PQueue {
    const turn = turns.get(home) ?? new PQueue({ concurrency: 1 });
    turns.set(home, turn);
    return turn;
  }

  function tell(agent: AgentView): void {
    const { id, version } = agent;
    const isNews = version > (told.get(id) ?? 0);
    told.delete(id);
    told.set(id, version);
    const [oldest] = told.keys();
    if (told.size > REMEMBERED && oldest) told.delete(oldest);
    show(agent);
    if (!isNews) return;
    if (!isAgentEnd(agent.state)) events.emit({ type: 'agent.changed', agent });
    else if (agent.mode === 'detach') onDetachedEnd();
    else events.emit({ type: 'agent.ended', agent });
  }

  function show(agent: AgentView): void {
    const isEnd = isAgentEnd(agent.state);
    if (!isEnd) processes.register(agent);
    if (processes.pidOf(agent.id) !== undefined) processes.sync(agent);
    if (isEnd) processes.unregister(agent.id);
  }

  async function store(agent: AgentView): Promise<AgentView> {
    const stored = (await agents.mirror(agent)) ?? (await agents.find(agent.id)) ?? agent;
    tell(stored);
    return stored;
  }

  /** Nobody plants agents in somebody else's tree: this node must have ordered it there. */
  async function isOurs(agent: AgentView): Promise<boolean> {
    const known = await agents.find(agent.id);
    if (known) return (['nodeId', 'spawnedBy', 'directiveId'] as const).every((field) => known[field] === agent[field]);
    const row = await outbox.find(self, agent.directiveId);
    if (row?.order.kind !== 'spawn_agent' || row.targetNodeId !== agent.nodeId) return false;
    const { mode, agentType } = row.order.payload;
    if (mode !== agent.mode || agentType !== agent.agentType || row.parentDirectiveId !== agent.parentDirectiveId)
      return false;
    // Each start of an order makes one agent, and an order has no more starts than its effect class allows.
    const { nodeId, directiveId } = agent;
    const most = startLimit[row.effect];
    const made = await agents.list({ nodeId, spawnedBy: self, directiveId, limit: most, withoutResult: true });
    return made.length < most;
  }

  const unsubscribe = events.on('node.liveness_changed', ({ nodeId, to }) => {
    if (to !== 'offline') return;
    agents.list({ nodeId, spawnedBy: self, open: true, limit: RESTORED }).then(
      (lost) => {
        for (const { id } of lost) events.emit({ type: 'agent.lost_sight', agentId: id, nodeId });
      },
      () => {}, // a courtesy: the registry says the same of the node
    );
  });

  return {
    async restore() {
      const open = await agents.list({ spawnedBy: self, open: true, limit: RESTORED });
      // What came in meanwhile is shown already, and is the later word.
      for (const agent of open) if (agent.nodeId !== self && !told.has(agent.id)) show(agent);
    },
    async takeReports(from, { agents: reports }) {
      const turn = turnOf(from);
      if (turn.size >= MAX_WAITING_REPORTS)
        throw new ApplicationError({
          ...{ domain: ERROR_DOMAIN, reason: 'REPORTS_WAITING', httpStatus: 429, retryAfterMs: RETRY_AFTER_MS },
          message: 'earlier reports of this node are not stored yet: tell it again',
        });
      const taken: z.infer<typeof ReportAgentsReply>['taken'] = [];
      await turn.add(async () => {
        for (const report of reports) {
          const agent: AgentView = { ...report, nodeId: from, spawnedBy: self };
          if (from === self || !(await isOurs(agent))) continue;
          const { id, version } = await store(agent);
          taken.push({ id, version });
        }
      });
      return { taken };
    },
    lose: ({ id, nodeId }) =>
      turnOf(nodeId).add(async () => {
        const known = await agents.find(id);
        if (!known) throw agentNotFound(id);
        return isAgentEnd(known.state) ? known : store(lostWithHome(known, clock.now()));
      }),
    absorb: (agent) => turnOf(agent.nodeId).add(() => store(agent)),
    stop: unsubscribe,
  };
}

/** Written as the home's last word would be: what the home may still say comes too late. */
function lostWithHome(agent: AgentView, now: number): AgentView {
  const error = {
    reason: 'home_gone',
    message: 'the node that ran it was taken out of the swarm, was sealed, or lost its database',
    metadata: { nodeId: agent.nodeId },
  };
  const result = { response: '', exitCode: null, signal: null, truncated: false, error };
  return { ...agent, state: 'interrupted', endedAt: new Date(now).toISOString(), result, version: agent.version + 1 };
}

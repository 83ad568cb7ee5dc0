/** The calls of a node that look at the whole fleet: each asks the nodes, and puts their answers together. */
import type { NodeId, SwarmEvent } from '@skein/contracts';
import type { Emitter } from '@skein/contracts/runtime';
import type { AgentStore } from '../agents/agent-store.ts';
import type { FleetDesk } from '../fleet-desk.ts';
import type { NodeEntry, NodeStore } from '../membership/node-store.ts';
import type { LivenessTiming } from '../membership/timing.ts';
import type { NodeHours, UsageLedger } from '../resources/usage-ledger.ts';
import type { Activity } from './activity.ts';
import { checkHealth } from './health.ts';
import { editNode, removeNode } from './registry-edits.ts';
import { buildReport, reportSince } from './report.ts';
import { sharedRounds } from './shared-rounds.ts';
import { buildTopology } from './topology.ts';

export interface FleetDeskDeps {
  self: NodeId;
  activity: Activity;
  /** How long a node took for its last answer; undefined where it gave none. */
  latencyMs: (node: NodeId) => number | undefined;
  nodes: Pick<NodeStore, 'find' | 'list' | 'edit' | 'remove'>;
  agents: Pick<AgentStore, 'list'>;
  usage: Pick<UsageLedger, 'hours' | 'now'>;
  events: Pick<Emitter<SwarmEvent>, 'emit'>;
  timing: LivenessTiming;
  /** Aborts when the node stops. */
  stopping: AbortSignal;
}

const MOST_AGENTS = 1_000;

export function createFleetDesk(deps: FleetDeskDeps): FleetDesk {
  const { self, activity, latencyMs, nodes, agents, usage, events, timing, stopping } = deps;

  /** Many who look at once ask the swarm once. */
  const askAll = sharedRounds((sinceMs: number) => activity.askAll(sinceMs, stopping));
  const ask = async (entry: NodeEntry) => activity.ask(entry, await usage.now(), stopping);
  const edits = { self, nodes, agents, events, askAgents: async (entry: NodeEntry) => (await ask(entry))?.agents };

  /** Nodes that were taken out of the registry, and worked within the day: what they used stays in the report. */
  async function goneNodes(members: readonly NodeEntry[], hours: readonly NodeHours[]): Promise<NodeEntry[]> {
    const known = new Set(members.map(({ id }) => id));
    const gone = hours.filter((node) => !known.has(node.nodeId) && node.hours.length > 0);
    const entries = await Promise.all(gone.map(({ nodeId }) => nodes.find(nodeId)));
    return entries.filter((entry) => entry !== undefined);
  }

  return {
    async getResourceReport({ signal = stopping } = {}) {
      const sinceMs = reportSince(await usage.now());
      const answers = await askAll(sinceMs, signal);
      const [members, hours, untilMs] = await Promise.all([nodes.list(), usage.hours(sinceMs), usage.now()]);
      const all = [...members, ...(await goneNodes(members, hours))];
      return buildReport({ nodes: all, hours, answers, sinceMs, untilMs });
    },
    async getSwarmTopology({ signal = stopping } = {}) {
      const sinceMs = reportSince(await usage.now());
      const answers = await askAll(sinceMs, signal);
      const [members, known, hours, atMs] = await Promise.all([
        nodes.list(),
        agents.list({ open: true, limit: MOST_AGENTS }),
        usage.hours(sinceMs),
        usage.now(),
      ]);
      return buildTopology({ self, atMs, nodes: members, answers, known, hours });
    },
    async getNodeHealth(id) {
      const entry = await nodes.find(id);
      if (!entry || entry.removed) return undefined;
      const nowMs = await usage.now();
      const usageSince = new Date(nowMs).toISOString();
      const answer = id === self ? await activity.tell(self, { usageSince }) : await ask(entry);
      const figures = {
        metrics: answer?.metrics ?? entry.metrics,
        silentMs: entry.lastBeatAt === null ? null : Math.max(0, nowMs - entry.lastBeatAt),
        latencyMs: latencyMs(id) ?? null,
      };
      return checkHealth(entry, figures, timing);
    },
    editNode: (id, change) => editNode(edits, id, change),
    removeNode: (id) => removeNode(edits, id),
  };
}

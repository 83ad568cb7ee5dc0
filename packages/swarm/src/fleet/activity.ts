/**
 * What runs on a node now, for whom, and what its work used: told to any node of the swarm that asks, and asked of all
 * that are there. What a node answers of its hours is copied, so that it is known when the node is not there any more.
 */
import { setMaxListeners } from 'node:events';
import {
  type AgentView,
  type DatabaseId,
  type GetActivityParams,
  GetActivityReply,
  type NodeId,
  type NodeMetrics,
  type RunningDirective,
} from '@skein/contracts';
import { type Clock, deadlineSignal, type Logger, linkedSignal } from '@skein/contracts/runtime';
import PQueue from 'p-queue';
import type { z } from 'zod';
import type { AgentStore } from '../agents/agent-store.ts';
import type { InboxRow, InboxStore } from '../directives/inbox-store.ts';
import type { NodeEntry, NodeStore } from '../membership/node-store.ts';
import type { PeerCaller } from '../peers/peer-caller.ts';
import type { UsageLedger } from '../resources/usage-ledger.ts';
import type { UsageRecorder } from '../resources/usage-recorder.ts';
import { copyUsage } from '../resources/usage-sharing.ts';

export interface ActivityDeps {
  self: NodeId;
  databaseId: DatabaseId;
  nodes: Pick<NodeStore, 'list'>;
  agents: Pick<AgentStore, 'list'>;
  inbox: Pick<InboxStore, 'listRunning'>;
  usage: Pick<UsageLedger, 'series' | 'copy' | 'now'>;
  recorder: Pick<UsageRecorder, 'flush'>;
  readMetrics: () => Promise<NodeMetrics>;
  caller: Pick<PeerCaller, 'call'>;
  clock: Clock;
  logger: Logger;
}

/** What the nodes that were asked said; undefined for those that did not in time. The node itself is among them. */
type Answers = ReadonlyMap<NodeId, GetActivityReply | undefined>;

export interface Activity {
  /**
   * Answers another node, and the own one. What runs is recorded first, so that the hours are exact. What an agent says of
   * its progress is its spawner's alone.
   */
  tell(asker: NodeId, params: z.output<typeof GetActivityParams>): Promise<GetActivityReply>;
  /** Asks one other node, within two seconds; undefined where it does not answer, or is not there to be asked. */
  ask(node: NodeEntry, usageSinceMs: number, signal: AbortSignal): Promise<GetActivityReply | undefined>;
  /** Asks everybody who is there, at most 16 at once, and this node itself. */
  askAll(usageSinceMs: number, signal: AbortSignal): Promise<Answers>;
}

const ANSWER_WITHIN_MS = 2_000;
const ASKED_AT_ONCE = 16;
const MOST_AGENTS = 1_000;

export function createActivity(deps: ActivityDeps): Activity {
  const { self, databaseId, nodes, agents, inbox, usage, recorder, readMetrics, caller, clock, logger } = deps;

  async function tell(asker: NodeId, { usageSince }: z.output<typeof GetActivityParams>): Promise<GetActivityReply> {
    await recorder.flush();
    const [metrics, open, running, series] = await Promise.all([
      readMetrics(),
      agents.list({ nodeId: self, open: true, limit: MOST_AGENTS }),
      inbox.listRunning(self),
      usage.series(self, Date.parse(usageSince)),
    ]);
    const isTold = ({ spawnedBy }: AgentView) => asker === self || spawnedBy === asker;
    const told = open.map((agent) => (isTold(agent) ? agent : { ...agent, progress: null }));
    return { databaseId, metrics, agents: told, directives: running.flatMap(runningDirective), usage: series };
  }

  async function ask(node: NodeEntry, usageSinceMs: number, signal: AbortSignal) {
    const { id: nodeId, record } = node;
    const [origin] = record.addresses;
    if (origin === undefined || !isThere(node)) return undefined;
    const limit = deadlineSignal(clock, ANSWER_WITHIN_MS, () => new Error('the node did not answer in time'), signal);
    let reply: GetActivityReply;
    try {
      const peer = { nodeId, origin, key: record.key };
      const params = { usageSince: new Date(usageSinceMs).toISOString() };
      reply = await caller.call(peer, 'SwarmGetActivity', params, GetActivityReply, { signal: limit.signal });
    } catch (cause) {
      signal.throwIfAborted();
      logger.debug('a node did not say what runs on it', { nodeId, cause });
      return undefined;
    } finally {
      limit.clear();
    }
    await copyUsage(usage, nodeId, reply.usage);
    return ownWord(reply, nodeId);
  }

  return {
    tell,
    ask,
    async askAll(usageSinceMs, signal) {
      const asked = (await nodes.list()).filter(({ id }) => id !== self);
      const queue = new PQueue({ concurrency: ASKED_AT_ONCE });
      const group = linkedSignal(signal);
      setMaxListeners(ASKED_AT_ONCE, group.signal); // one for each call: no leak to be warned of
      const answers = asked.map(async (node) => {
        const reply = await queue.add(() => ask(node, usageSinceMs, group.signal));
        return [node.id, reply] as const;
      });
      const own = tell(self, { usageSince: new Date(usageSinceMs).toISOString() });
      try {
        const [mine, others] = await Promise.all([own, Promise.all(answers)]);
        return new Map<NodeId, GetActivityReply | undefined>([[self, mine], ...others]);
      } finally {
        group.clear();
      }
    },
  };
}

/** Nobody calls a sealed node; who is offline or only heard of long ago would cost everybody two seconds. */
function isThere({ liveness, eligibility }: NodeEntry): boolean {
  return eligibility !== 'sealed' && (liveness === 'online' || liveness === 'suspect');
}

/** A node speaks for its own agents alone. */
function ownWord(reply: GetActivityReply, nodeId: NodeId): GetActivityReply {
  return { ...reply, agents: reply.agents.filter((agent) => agent.nodeId === nodeId) };
}

/** A spawn that is waited for runs as long as its agent does: it is told as the agent. */
function runningDirective({ id, order, sourceNodeId, parentDirectiveId, startedAt }: InboxRow): RunningDirective[] {
  if (!order || order.kind === 'spawn_agent' || startedAt === null) return [];
  return [{ id, kind: order.kind, sourceNodeId, parentDirectiveId, startedAt: new Date(startedAt).toISOString() }];
}

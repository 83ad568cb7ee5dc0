/**
 * Home → spawner: tells the nodes that spawned agents here what becomes of them, until they have confirmed it. The rows
 * say what is owed, so a restart goes on where it was. A start and an end are told at once, the first figures within a
 * second and later ones every five; a spawner that does not answer is asked ever less often, until it shows again.
 */
import {
  type AgentId,
  type AgentReport,
  type AgentState,
  type AgentView,
  isAgentEnd,
  type NodeId,
  type SwarmEvent,
} from '@skein/contracts';
import { backoffMs, type Clock, type EventSource, type Logger, type Random } from '@skein/contracts/runtime';
import type { NodeStore } from '../membership/node-store.ts';
import { startPump } from '../pump.ts';
import type { AgentPeers } from './agent-peers.ts';
import { type AgentStore, KEEP_ENDED_AGENTS_MS } from './agent-store.ts';
import { reportPage } from './report-page.ts';

export interface AgentReportsDeps {
  self: NodeId;
  agents: Pick<AgentStore, 'listUnreported' | 'markReported'>;
  /** Whose agents they were may have been taken out of the registry since: then nobody hears of them. */
  nodes: Pick<NodeStore, 'find'>;
  peers: Pick<AgentPeers, 'reportAgents'>;
  /** The node's own events: they say when there is something to tell. */
  events: Pick<EventSource<SwarmEvent>, 'onAny'>;
  clock: Clock;
  random: Random;
  logger: Logger;
}

export interface AgentReports extends AsyncDisposable {
  /** Tells what is owed, for two seconds at most; the rows keep the rest. Twice is as good as once. */
  stop(): Promise<void>;
}

const TELL_EVERY_MS = 1_000;
/** What an agent uses and says of itself matters less than how it is: it is told so often, once the agent is no news. */
const FIGURES_EVERY_MS = 5_000;
/** The first changes of a row, one a second at most, are told as they come: somebody is watching. */
const FIRST_VERSIONS = 8;
/** While no agent of others runs here. */
const LOOK_EVERY_MS = 5_000;
const LONGEST_REST_MS = 30_000;
const BATCH = 50;
const LAST_WORD_MS = 2_000;

export function startAgentReports(deps: AgentReportsDeps): AgentReports {
  const { self, agents, nodes, peers, events, clock, random, logger } = deps;
  const stopping = new AbortController();
  const telling = new Map<NodeId, Promise<void>>();
  const away = new Map<NodeId, { failures: number; until: number }>();
  const open = new Map<AgentId, AgentState>();
  /** Agents that were told of in the state that they are in, and until when their figures alone are no news. */
  const quiet = new Map<AgentId, number>();
  /** Spawners for whom there is news while a call to them is under way. */
  const again = new Set<NodeId>();
  const onError = (cause: unknown) => logger.error('agents could not be reported', { cause });

  async function tellAll(): Promise<number | undefined> {
    const resting = [...away].filter(([, { until }]) => until > clock.now()).map(([spawner]) => spawner);
    for (const [id, until] of quiet) if (until <= clock.now()) quiet.delete(id);
    const except = { spawners: [...telling.keys(), ...resting], agents: [...quiet.keys()] };
    const owed = await agents.listUnreported(self, BATCH, except);
    for (const [spawner, rows] of bySpawner(owed)) {
      if (telling.has(spawner)) continue;
      const call = tell(spawner, rows)
        .catch(onError)
        .then(() => {
          telling.delete(spawner);
          if (again.delete(spawner) || owed.length === BATCH) pump.wake(); // there may be more
        });
      telling.set(spawner, call);
    }
    return undefined;
  }

  async function tell(spawner: NodeId, rows: readonly AgentView[]): Promise<void> {
    for (let left = rows; left.length > 0; ) {
      const page = reportPage(left);
      left = left.slice(page.length);
      const taken = await ask(spawner, page);
      if (!taken) return writeOff(spawner, [...page, ...left]);
      for (const { id, version, state } of page) {
        if (stopping.signal.aborted) return; // the next life tells it again
        // What a spawner does not take it never ordered, or knows no more: it is not told again until it changes.
        if (!taken.has(id)) logger.warn('a spawner does not know its agent', { agentId: id, spawner });
        await agents.markReported(id, version);
        if (open.get(id) === state && version > FIRST_VERSIONS) quiet.set(id, clock.now() + FIGURES_EVERY_MS);
      }
    }
  }

  /** What nobody will ask for any more counts as told, so that it can be forgotten. */
  async function writeOff(spawner: NodeId, rows: readonly Pick<AgentView, 'id' | 'version' | 'endedAt'>[]) {
    const entry = await nodes.find(spawner);
    const isGone = !entry || entry.removed;
    const oldest = clock.now() - KEEP_ENDED_AGENTS_MS;
    for (const { id, version, endedAt } of rows) {
      if (stopping.signal.aborted) return;
      if (isGone || (endedAt !== null && Date.parse(endedAt) <= oldest)) await agents.markReported(id, version);
    }
  }

  /** The ids that the spawner has stored; undefined where it does not answer. */
  async function ask(spawner: NodeId, page: readonly AgentReport[]): Promise<Set<AgentId> | undefined> {
    try {
      const { taken } = await peers.reportAgents(spawner, page, stopping.signal);
      away.delete(spawner);
      return new Set(taken.map(({ id }) => id));
    } catch (cause) {
      const failures = (away.get(spawner)?.failures ?? 0) + 1;
      const restMs = TELL_EVERY_MS + backoffMs(failures, random, { capMs: LONGEST_REST_MS });
      away.set(spawner, { failures, until: clock.now() + restMs });
      logger.debug('a spawner did not take a report', { spawner, cause });
      return undefined;
    }
  }

  const isAsked = ({ nodeId, spawnedBy }: AgentView) => nodeId === self && spawnedBy !== self;
  /** Whoever shows again is not kept waiting for the end of a rest. */
  function tellAgain(spawner: NodeId): void {
    if (away.delete(spawner)) pump.wake();
  }

  const unsubscribe = events.onAny((event) => {
    if (event.type === 'heartbeat.answered') return tellAgain(event.nodeId);
    if (event.type === 'node.liveness_changed' && event.to === 'online') return tellAgain(event.nodeId);
    if ((event.type !== 'agent.changed' && event.type !== 'agent.ended') || !isAsked(event.agent)) return;
    const { id, state } = event.agent;
    const isNews = open.get(id) !== state;
    if (isAgentEnd(state)) open.delete(id);
    else open.set(id, state);
    if (!isNews) return;
    quiet.delete(id);
    if (telling.has(event.agent.spawnedBy)) again.add(event.agent.spawnedBy);
    pump.wake();
  });
  const pump = startPump(clock, tellAll, { everyMs: () => (open.size > 0 ? TELL_EVERY_MS : LOOK_EVERY_MS), onError });

  async function end(): Promise<void> {
    unsubscribe();
    await pump.stop();
    const done = new AbortController();
    const stopped = new Error('the node is stopping');
    clock.sleep(LAST_WORD_MS, done.signal).then(
      () => stopping.abort(stopped),
      () => {}, // all was told in time
    );
    await Promise.all(telling.values());
    await tellAll().catch(onError); // the ends that came of the node's own
    await Promise.all(telling.values());
    done.abort();
  }

  let ended: Promise<void> | undefined;
  const stop = () => {
    ended ??= end();
    return ended;
  };
  return { stop, [Symbol.asyncDispose]: stop };
}

function bySpawner(agents: readonly AgentView[]): Map<NodeId, AgentView[]> {
  const groups = new Map<NodeId, AgentView[]>();
  for (const agent of agents) {
    const group = groups.get(agent.spawnedBy);
    if (group) group.push(agent);
    else groups.set(agent.spawnedBy, [agent]);
  }
  return groups;
}

/**
 * The home of agents: runs those that this node spawned or was asked to spawn, and keeps their rows. A row stands before
 * anything starts, and an end is stored only after what was used is in the ledger.
 */
import {
  AgentId,
  type AgentView,
  type DirectiveError,
  type DirectiveId,
  isAgentEnd,
  laterUsage,
  type NodeId,
  type SpawnAgentPayload,
  type SwarmEvent,
} from '@skein/contracts';
import type { Clock, Emitter, Logger, Random } from '@skein/contracts/runtime';
import { persistently } from '../persistently.ts';
import type { Pump } from '../pump.ts';
import type { RunReading } from '../resources/usage-ledger.ts';
import { type AgentEnding, type LiveRun, startAgentRun } from './agent-run.ts';
import type { AgentReport, AgentRuntime, AgentRuntimes, SteeringWord } from './agent-runtime.ts';
import type { AgentEnd, AgentProgress, AgentStore } from './agent-store.ts';
import { mergeProgress, startAgentWriter } from './agent-writer.ts';
import { startOtherEnds } from './other-ends.ts';
import { findRuntime } from './runtime-lookup.ts';

export interface AgentHostDeps {
  self: NodeId;
  agents: Pick<AgentStore, 'open' | 'progress' | 'end' | 'find' | 'list'>;
  /** Asked at each spawn: programs register types as they go. */
  runtimes: () => AgentRuntimes;
  /** Puts figures into the ledger. The same ones twice add nothing. */
  record: (readings: readonly RunReading[]) => Promise<void>;
  workFolder: string;
  clock: Clock;
  random: Pick<Random, 'uuid'>;
  logger: Logger;
  events: Pick<Emitter<SwarmEvent>, 'emit'>;
}

export interface AgentHostOptions {
  /** How many agents run at once: detached ones hold no place among the directives. @default 1_000 */
  maxAgents?: number;
}

interface SpawnOrder {
  payload: SpawnAgentPayload;
  directiveId: DirectiveId;
  parentDirectiveId: DirectiveId | null;
  /** The node that sent the directive. */
  spawnedBy: NodeId;
  onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
}

export interface SpawnedAgent {
  readonly id: AgentId;
  /** Resolves when it is stored that it runs, or with its end where that came first. */
  readonly ready: Promise<AgentView>;
  /** Resolves when its end is stored. Both reject only where a stopping node cannot reach its store. */
  readonly ended: Promise<AgentView>;
}

type Spawning = { status: 'started'; agent: SpawnedAgent } | { status: 'refused'; error: DirectiveError };

export interface AgentHost extends AsyncDisposable {
  /** Ends the rows that an earlier life left open; its processes are gone already. Before the first spawn. */
  recover(): Promise<void>;
  /** Rejects where the row could not be written: then nothing was started. */
  spawn(order: SpawnOrder): Promise<Spawning>;
  /** Ends one of this node's agents with its whole process tree; its row then. Undefined where it has none of that id. */
  end(id: AgentId, ending: AgentEnding): Promise<AgentView | undefined>;
  /** The same, on somebody's word. */
  kill(id: AgentId, reason?: string): Promise<AgentView | undefined>;
  /** Ends all that run, as interrupted: a drain by force. Resolves when their ends are stored. */
  interruptAll(error: DirectiveError): Promise<void>;
  /** Writes a word to an agent's input; false where it takes none. */
  steer(id: AgentId, word: SteeringWord): Promise<boolean>;
  /** What runs, with the latest figures. */
  running(): AgentView[];
  /** The cumulative figures of what runs, by agent id. */
  usageReadings(): RunReading[];
  /** Takes no more, interrupts all, and gives up on a store that is away. Twice is as good as once. */
  stop(): Promise<void>;
}

interface Hosted {
  /** As last stored. */
  view: () => AgentView;
  /** All that it told so far. */
  news: () => AgentProgress;
  run: LiveRun;
  ended: Promise<AgentView>;
}

/** A runtime that says nothing and does not end either: the agent runs, as functions do. */
const SILENT_START_MS = 1_000;
const MAX_PROGRESS_CHARACTERS = 1_000;
const RECOVERY_PAGE = 500;

export function createAgentHost(deps: AgentHostDeps, { maxAgents = 1_000 }: AgentHostOptions = {}): AgentHost {
  const { self, agents, runtimes, record, workFolder, clock, random, logger, events } = deps;
  const hosted = new Map<AgentId, Hosted>();
  const opening = new Set<Promise<unknown>>();
  const doubtful = new Set<Promise<unknown>>();
  const stopping = new AbortController();
  let otherEnds: Pump | undefined;
  const supersede = (id: AgentId) => hosted.get(id)?.run.stop(superseded);

  const untilStored = <T>(id: AgentId, write: () => Promise<T>) =>
    persistently(write, {
      ...{ clock, until: stopping.signal },
      onFailure: (cause) => logger.warn('the end of an agent could not be stored yet', { agentId: id, cause }),
    });

  async function spawn(order: SpawnOrder): Promise<Spawning> {
    if (stopping.signal.aborted) return refused('node_stopping', 'the node is stopping; send it again later');
    if (hosted.size + opening.size >= maxAgents)
      return refused('too_many_agents', `${maxAgents} agents run on this node already; wait until some have ended`);
    const runtime = findRuntime(runtimes(), order.payload.agentType);
    if (!runtime) return refused('agent_type_unknown', `this node has no agents of type ${order.payload.agentType}`);
    const work = begin(order, runtime);
    opening.add(work);
    const done = () => void opening.delete(work);
    work.then(done, done);
    return { status: 'started', agent: await work };
  }

  async function begin(order: SpawnOrder, runtime: AgentRuntime): Promise<SpawnedAgent> {
    const { payload, directiveId, parentDirectiveId, spawnedBy } = order;
    const { agentType, mode, name = agentType, instruction, context = {}, limits = {} } = payload;
    const id = AgentId.parse(random.uuid());
    const row = { id, nodeId: self, spawnedBy, directiveId, parentDirectiveId, agentType, name, mode };
    const view = await agents.open(row).catch((cause) => {
      disown(id);
      throw cause;
    });
    events.emit({ type: 'agent.changed', agent: view });
    const request = { agentId: id, agentType, name, instruction, context, limits, directiveId, spawnedBy, workFolder };

    let stored = view;
    let news: AgentProgress = {};
    let tellReady = (_view: AgentView) => {};
    const runs = new Promise<AgentView>((resolve) => {
      tellReady = resolve;
    });
    const onStored = (after: AgentView | undefined) => {
      // Its row has ended by the word of another life of this node: that one counts.
      if (!after) return run.stop(superseded);
      if (after.version <= stored.version) return;
      stored = after;
      events.emit({ type: 'agent.changed', agent: after });
      if (after.state === 'running') tellReady(after);
    };
    const writer = startAgentWriter({ agents, clock, logger, onStored }, id);
    const onReport = (report: AgentReport) => {
      const told = toProgress(report);
      const isFirst = news.state === undefined || (news.pid === undefined && told.pid !== undefined);
      news = mergeProgress(news, told);
      writer.note(told, isFirst);
    };
    const run = startAgentRun({ runtime, clock, logger }, request, {
      onReport,
      onOutput: order.onOutput ?? (() => {}),
    });
    const silence = new AbortController();
    clock.sleep(SILENT_START_MS, silence.signal).then(
      () => onReport({}),
      () => {}, // it ended before
    );
    const ended = run.end.then(async (end) => {
      silence.abort();
      const left = await writer.stop();
      return storeEnd(stored, end, left, onStored).finally(() => hosted.delete(id));
    });
    const ready = Promise.race([runs, ended]);
    for (const promise of [ready, ended]) promise.catch(() => {}); // told to whoever waits, where somebody does
    otherEnds ??= startOtherEnds({ ...deps, running: () => [...hosted.keys()], onEnded: supersede });
    hosted.set(id, { view: () => stored, news: () => news, run, ended });
    return { id, ready, ended };
  }

  async function storeEnd(
    view: AgentView,
    end: AgentEnd,
    left?: AgentProgress,
    onStored: (after: AgentView) => void = () => {},
  ): Promise<AgentView> {
    const ended = await untilStored(view.id, async () => {
      const after = left && (await agents.progress(view.id, left));
      if (after) onStored(after);
      await record([{ runId: view.id, usage: laterUsage(view.usage, end.usage) }]);
      const stored = await agents.end(view.id, end);
      if (stored) return stored.agent;
      logger.error('the row of an agent has gone', { agentId: view.id });
      return { ...view, ...end, endedAt: new Date(clock.now()).toISOString() };
    });
    hosted.delete(view.id); // whoever hears of its end does not find it running
    events.emit({ type: 'agent.ended', agent: ended });
    return ended;
  }

  /** It is not known whether the row was written: if it was, nothing will ever run under it. */
  function disown(id: AgentId): void {
    const error = { reason: 'agent_not_started', message: 'its row could not be written, so it was not started' };
    const result = { response: '', exitCode: null, signal: null, truncated: false, error };
    const work = untilStored(id, async () => {
      const row = await agents.find(id);
      if (row) await agents.end(id, { state: 'interrupted', result, usage: row.usage });
    });
    const done = () => void doubtful.delete(work);
    doubtful.add(work);
    work.then(done, done); // what is left is ended by the next life of this node
  }

  async function end(id: AgentId, ending: AgentEnding): Promise<AgentView | undefined> {
    if (!hosted.has(id)) await Promise.allSettled([...opening]); // it may be about to start
    const agent = hosted.get(id);
    if (agent) {
      agent.run.stop(ending);
      return agent.ended;
    }
    const row = await agents.find(id);
    if (row?.nodeId !== self || isAgentEnd(row.state)) return row?.nodeId === self ? row : undefined;
    return storeEnd(row, lost(row, ending));
  }

  async function interruptAll(error: DirectiveError): Promise<void> {
    await Promise.allSettled([...opening]);
    const all = [...hosted.values()];
    for (const { run } of all) run.stop({ state: 'interrupted', error });
    await Promise.allSettled(all.map(({ ended }) => ended));
  }

  const stop = async () => {
    stopping.abort();
    await interruptAll({ reason: 'interrupted_by_stop', message: 'the node stopped while it ran; it was killed' });
    await Promise.allSettled([...doubtful, otherEnds?.stop()]);
  };

  return {
    async recover() {
      const left = interrupted('interrupted_by_restart', 'the node ended while it ran');
      for (;;) {
        const open = await agents.list({ nodeId: self, open: true, limit: RECOVERY_PAGE });
        const rows = open.filter(({ id }) => !hosted.has(id));
        for (const row of rows) await storeEnd(row, lost(row, left));
        if (rows.length === 0 || open.length < RECOVERY_PAGE) return;
      }
    },
    spawn,
    end,
    kill: (id, reason = 'it was killed by an operator or by its spawner') =>
      end(id, { state: 'killed', error: { reason: 'agent_killed', message: reason } }),
    interruptAll,
    async steer(id, word) {
      const agent = hosted.get(id);
      return agent ? agent.run.steer(word) : false;
    },
    running: () => [...hosted.values()].map(live),
    usageReadings: () => [...hosted.values()].map(live).map(({ id, usage }) => ({ runId: id, usage })),
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The stored view with what was told since. */
function live(hosted: Hosted): AgentView {
  const [view, news] = [hosted.view(), hosted.news()];
  const { pid = view.pid, restarts = view.restarts, progress = view.progress, state = view.state } = news;
  return { ...view, pid, restarts, progress, state, usage: laterUsage(view.usage, news.usage ?? view.usage) };
}

function toProgress({ pid, restarts, progress, usage }: AgentReport): AgentProgress {
  return {
    state: 'running',
    ...(pid !== undefined && { pid }),
    ...(restarts !== undefined && { restarts }),
    ...(progress !== undefined && { progress: progress.slice(0, MAX_PROGRESS_CHARACTERS) }),
    ...(usage && { usage }),
  };
}

/** The end of an agent that nobody holds: what it said is gone, what it used is what was stored last. */
function lost({ usage }: AgentView, { state, error }: AgentEnding): AgentEnd {
  return { state, result: { response: '', exitCode: null, signal: null, truncated: false, error }, usage };
}

const interrupted = (reason: string, message: string): AgentEnding => ({
  state: 'interrupted',
  error: { reason, message },
});

const superseded = interrupted('superseded', 'another process of this node has ended it');

const refused = (reason: string, message: string): Spawning => ({ status: 'refused', error: { reason, message } });

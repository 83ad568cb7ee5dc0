/**
 * Spawns an agent. `wait`: the directive lasts as long as the agent, and what ends the one ends the other. `detach`: the
 * directive ends as soon as the agent runs, and from then on neither knows of the other's end.
 */
import {
  type AgentLimits,
  type AgentView,
  type DirectiveError,
  noUsage,
  type SpawnAgentOutput,
} from '@skein/contracts';
import type { AgentHost, SpawnedAgent } from '../../agents/agent-host.ts';
import type { AgentEnding } from '../../agents/agent-run.ts';
import type { AgentRuntimes } from '../../agents/agent-runtime.ts';
import { refuseAgent } from '../../agents/runtime-lookup.ts';
import { RunEnded } from '../run.ts';
import type { DirectiveHandler, HandlerOutcome } from './handler.ts';

export interface SpawnAgentDeps {
  host: Pick<AgentHost, 'spawn' | 'end'>;
  runtimes: () => AgentRuntimes;
  /** An order can ask for less, never for more. @default 1 MiB of output; time and memory are the runtime's to limit */
  limits?: AgentLimits;
}

const DEFAULT_LIMITS: AgentLimits = { outputBytes: 1_048_576 };

export function spawnAgent({
  host,
  runtimes,
  limits = DEFAULT_LIMITS,
}: SpawnAgentDeps): DirectiveHandler<'spawn_agent'> {
  return async (payload, context) => {
    // The types may have changed since the directive was let in.
    const refusal = refuseAgent({ kind: 'spawn_agent', payload }, runtimes());
    if (refusal) return failed(refusal);
    const { directiveId, parentDirectiveId, sourceNodeId, signal } = context;
    const spawning = await host.spawn({
      payload: { ...payload, limits: lowerLimits(limits, payload.limits) },
      ...{ directiveId, parentDirectiveId, spawnedBy: sourceNodeId, onOutput: context.output },
    });
    if (spawning.status === 'refused') return failed(spawning.error);
    const { agent } = spawning;
    const onAbort = () => {
      host.end(agent.id, endingOf(signal.reason)).catch(() => {}); // told through `ended`
    };
    if (signal.aborted) onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      if (payload.mode === 'wait') return waited(await agent.ended);
      const view = await agent.ready;
      return detached(signal.aborted ? await agent.ended : view, agent, host);
    } finally {
      signal.removeEventListener('abort', onAbort);
    }
  };
}

/** Of each limit the lower one, where there are two. */
function lowerLimits(own: AgentLimits, asked: AgentLimits = {}): AgentLimits {
  const lowered: AgentLimits = { ...own };
  for (const name of limitNames) {
    const limit = Math.min(own[name] ?? Number.POSITIVE_INFINITY, asked[name] ?? Number.POSITIVE_INFINITY);
    if (Number.isFinite(limit)) lowered[name] = limit;
  }
  return lowered;
}

const limitNames = ['timeoutMs', 'memoryBytes', 'outputBytes'] as const satisfies readonly (keyof AgentLimits)[];

function waited({ id, state, restarts, result, usage }: AgentView): HandlerOutcome {
  const end = result ?? { response: '', exitCode: null, signal: null, truncated: false };
  const output: SpawnAgentOutput = { mode: 'wait', agentId: id, state, restarts, ...end };
  if (state === 'completed') return { status: 'completed', output, usage, recorded: true };
  return { status: 'failed', output, usage, recorded: true, error: errorOf(end.error) };
}

function detached(
  { id, state, result, usage }: AgentView,
  agent: SpawnedAgent,
  host: SpawnAgentDeps['host'],
): HandlerOutcome {
  const output: SpawnAgentOutput = { mode: 'detach', agentId: id, state };
  if (state !== 'running' && state !== 'completed')
    return { status: 'failed', output, usage, recorded: true, error: errorOf(result?.error) };
  return {
    ...{ status: 'completed', output, usage: noUsage },
    // Where its answer does not hold, nobody knows of the agent: it must not go on.
    settled: (stored) => {
      if (!stored) host.end(agent.id, endings.lease_lost).catch(() => {}); // the next life of this node ends the row
    },
  };
}

const errorOf = (error: DirectiveError | undefined): DirectiveError =>
  error ?? { reason: 'agent_failed', message: 'the agent failed, and did not say why' };

const killed = (reason: string, message: string): AgentEnding => ({ state: 'killed', error: { reason, message } });
const interrupted = (reason: string, message: string): AgentEnding => ({
  state: 'interrupted',
  error: { reason, message },
});

/** What the end of a run means for its agent: callers and deadlines kill, the node's own ends interrupt. */
const endings: Record<RunEnded['why'], AgentEnding> = {
  deadline: killed('ttl_expired', 'the time to live of its directive ended while it ran; it was killed'),
  cancelled: killed('cancelled_by_caller', 'the sender cancelled its directive while it ran; it was killed'),
  stopping: interrupted('interrupted_by_stop', 'the node stopped while it ran; it was killed'),
  draining: interrupted('interrupted_by_drain', 'the node was drained while it ran; it was killed'),
  lease_lost: interrupted('worker_lost', 'the node lost hold of its directive; it was killed'),
};

const endingOf = (reason: unknown): AgentEnding => endings[reason instanceof RunEnded ? reason.why : 'lease_lost'];

const failed = (error: DirectiveError): HandlerOutcome => ({ status: 'failed', error, usage: noUsage });

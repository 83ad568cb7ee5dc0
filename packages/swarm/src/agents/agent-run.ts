/**
 * One run of an agent's runtime, held to what the port promises, whatever the runtime does: it ends once, it ends when
 * told to, its figures only rise, and every end that is no success has a reason.
 */
import { type AgentResult, type DirectiveError, laterUsage, noUsage, type Usage } from '@skein/contracts';
import type { Clock, Logger } from '@skein/contracts/runtime';
import type {
  AgentHooks,
  AgentOutcome,
  AgentReport,
  AgentRequest,
  AgentRun,
  AgentRuntime,
  SteeringWord,
} from './agent-runtime.ts';
import type { AgentEnd } from './agent-store.ts';

/** Why an agent is ended from outside, and how that is called. */
export interface AgentEnding {
  state: Exclude<AgentEnd['state'], 'completed'>;
  error: DirectiveError;
}

export interface LiveRun {
  /** Resolves when nothing of it is left. Never rejects. */
  readonly end: Promise<AgentEnd>;
  /** Ends it. The first word holds; what has ended stays as it is. */
  stop(ending: AgentEnding): void;
  /** False where it takes no words. */
  steer(word: SteeringWord): Promise<boolean>;
}

export interface AgentRunDeps {
  runtime: AgentRuntime;
  clock: Clock;
  logger: Logger;
}

/** A process tree is gone in six seconds; what takes longer does not listen, and nobody waits for it for ever. */
const ABANDON_AFTER_MS = 10_000;

export function startAgentRun(
  { runtime, clock, logger }: AgentRunDeps,
  request: AgentRequest,
  { onReport, onOutput }: Omit<AgentHooks, 'signal'>,
): LiveRun {
  const told = new AbortController();
  const over = new AbortController();
  const { agentId, limits } = request;
  let ending: AgentEnding | undefined;
  let usage: Usage = noUsage;

  const stop = (word: AgentEnding) => {
    if (ending || over.signal.aborted) return;
    ending = word;
    told.abort(new Error(word.error.message));
    clock.sleep(ABANDON_AFTER_MS, over.signal).then(abandon, () => {}); // it ended in time
  };
  let abandon = () => {};
  const abandoned = new Promise<AgentOutcome>((resolve) => {
    abandon = () => {
      logger.error('an agent does not end; it is given up', { agentId, agentType: request.agentType });
      resolve(failed('agent_does_not_end', 'it did not end when it was told to'));
    };
  });

  const run = begin(runtime, request, {
    signal: told.signal,
    onReport(report: AgentReport) {
      if (over.signal.aborted) return;
      if (report.usage) usage = laterUsage(usage, report.usage);
      onReport(report);
    },
    onOutput(stream, text) {
      if (!over.signal.aborted) onOutput(stream, text);
    },
  });
  const { timeoutMs } = limits;
  if (timeoutMs !== undefined)
    clock.sleep(timeoutMs, over.signal).then(
      () => stop(ranTooLong(timeoutMs)),
      () => {},
    );

  const end = Promise.race([run.done.catch(runtimeFailed), abandoned]).then((outcome): AgentEnd => {
    over.abort();
    return toEnd(outcome, ending, laterUsage(usage, outcome.usage));
  });
  return {
    end,
    stop,
    steer: async (word) => (over.signal.aborted ? false : ((await run.steer?.(word)) ?? false)),
  };
}

function begin(runtime: AgentRuntime, request: AgentRequest, hooks: AgentHooks): AgentRun {
  try {
    return runtime.start(request, hooks);
  } catch (cause) {
    return { done: Promise.resolve(runtimeFailed(cause)) };
  }
}

/** What ended it from outside names the end; what it said until then stays. */
function toEnd({ status, result }: AgentOutcome, ending: AgentEnding | undefined, usage: Usage): AgentEnd {
  if (ending) return { state: ending.state, result: { ...result, error: ending.error }, usage };
  if (status === 'completed' || result.error) return { state: status, result, usage };
  const error = { reason: 'agent_failed', message: 'the agent failed, and did not say why' };
  return { state: status, result: { ...result, error }, usage };
}

const nothingSaid: AgentResult = { response: '', exitCode: null, signal: null, truncated: false };

const failed = (reason: string, message: string): AgentOutcome => ({
  ...{ status: 'failed', usage: noUsage },
  result: { ...nothingSaid, error: { reason, message } },
});

const runtimeFailed = (cause: unknown): AgentOutcome =>
  failed('agent_failed', `its runtime failed: ${cause instanceof Error ? cause.message : String(cause)}`);

const ranTooLong = (timeoutMs: number): AgentEnding => ({
  state: 'failed',
  error: {
    reason: 'run_timed_out',
    message: `the agent ran longer than its timeoutMs of ${timeoutMs}`,
    metadata: { timeoutMs: String(timeoutMs) },
  },
});

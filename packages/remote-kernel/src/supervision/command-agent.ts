/**
 * A program as an agent: started with its instruction, heard while it runs, started again where it crashes, and ended
 * with its whole process tree. One of these is one type of agent; the restarts in hand are the type's, not the agent's.
 */

import type { NodeId, Usage } from '@skein/contracts';
import { type Clock, deadlineSignal, type Logger, silentLogger } from '@skein/contracts/runtime';
import { noProgramUsage, sumUsage } from '../accounting.ts';
import { KernelError } from '../errors.ts';
import type { ProcessHost, ProgramResult, ProgramRun } from '../processes/program.ts';
import { type CommandAgentOutcome, notStarted, outcomeOf, toUsage } from './agent-outcome.ts';
import {
  type CommandAgentConfig,
  type CommandAgentRequest,
  inputLine,
  lowestLimits,
  programOf,
} from './agent-program.ts';
import { paceNews } from './paced-news.ts';
import { endOfExit, type RunEnd } from './restart-policy.ts';
import { createRestartBudget, type RestartBudget, supervise } from './supervisor.ts';

/** What a type of agents needs to run. */
export interface CommandAgentDeps {
  host: Pick<ProcessHost, 'start'>;
  clock: Clock;
  logger?: Logger;
}

/** Each field that is there is news. */
export interface CommandAgentReport {
  /** Of the process that runs now. */
  pid?: number;
  /** How often it was started again. */
  restarts?: number;
  progress?: string;
  /** Of all attempts so far. */
  usage?: Usage;
}

/** How an agent is told to end, and how it tells of itself. */
export interface CommandAgentHooks {
  /** Ends the agent: TERM, the host's grace, KILL, its whole tree. */
  signal: AbortSignal;
  /** At most four times a second, and once more at the end. */
  onReport(report: CommandAgentReport): void;
  onOutput(stream: 'stdout' | 'stderr', text: string): void;
}

/** One agent, through all of its attempts. */
export interface CommandAgentRun {
  /** Settles when no process of the agent is left. Never rejects. */
  readonly done: Promise<CommandAgentOutcome>;
  /**
   * Writes a word to the agent's input; false where it was not taken within two seconds, as between two attempts.
   * Absent unless the input takes lines.
   */
  steer?(word: { messageId: string; from: NodeId; text: string }): Promise<boolean>;
}

/** A type of agents. */
export interface CommandAgent {
  start(request: CommandAgentRequest, hooks: CommandAgentHooks): CommandAgentRun;
}

const NEWS_INTERVAL_MS = 250;
const STEER_TIMEOUT_MS = 2_000;

/**
 * A type of agents that are programs. Its restarts in hand are shared by all that it starts, and live as long as it
 * does.
 */
export function createCommandAgent(deps: CommandAgentDeps, config: CommandAgentConfig): CommandAgent {
  const budget = createRestartBudget(config.restart);
  return { start: (request, hooks) => startAgent({ ...deps, budget }, config, request, hooks) };
}

function startAgent(
  { host, clock, logger = silentLogger, budget }: CommandAgentDeps & { budget: RestartBudget },
  config: CommandAgentConfig,
  request: CommandAgentRequest,
  hooks: CommandAgentHooks,
): CommandAgentRun {
  const { agentId, directiveId } = request;
  const log = logger.child({ agentId });
  const limits = lowestLimits(config.limits, request.limits);
  const news = paceNews<CommandAgentReport>({ clock, intervalMs: NEWS_INTERVAL_MS }, (report) =>
    guarded(() => hooks.onReport(report)),
  );
  /** Of the attempts that have ended. */
  let spentUsage = noProgramUsage;
  let running: ProgramRun | undefined;

  function guarded(tell: () => void) {
    try {
      tell();
    } catch (cause) {
      log.error('listener of an agent failed', { cause });
    }
  }

  async function attempt(
    number: number,
    program: Extract<ReturnType<typeof programOf>, { status: 'ready' }>,
    signal: AbortSignal,
  ): Promise<{ end: RunEnd; value: ProgramResult }> {
    try {
      const run = await host.start(program.specOf(number), {
        runId: `${agentId}/${number}`,
        label: request.name.slice(0, 200),
        agent: { agentId, directiveId },
        signal,
        reportOn: config.report,
        ...(limits.outputBytes !== undefined && { maxOutputBytes: limits.outputBytes }),
        ...(limits.memoryBytes !== undefined && { maxMemoryBytes: limits.memoryBytes }),
        onReport: ({ progress }) => news.tell({ progress }),
        onUsage: (usage) => news.tell({ usage: toUsage(sumUsage(spentUsage, usage)) }),
      });
      running = run;
      if (run.pid !== undefined) news.tell({ pid: run.pid, restarts: number - 1 });
      if (program.firstLine !== undefined) void run.write(program.firstLine);
      for await (const { stream, text } of run.output) guarded(() => hooks.onOutput(stream, text));
      const result = await run.done;
      spentUsage = sumUsage(spentUsage, result.usage);
      news.tell({ usage: toUsage(spentUsage) });
      const own = result.limit ? 'crash' : endOfExit(result.exit);
      return { end: signal.aborted ? 'stopped' : own, value: result };
    } catch (cause) {
      // Ended before its start, by whoever asked or because the node stops; anything else is told by its own words.
      const reason = signal.aborted ? 'STOPPED' : cause instanceof KernelError ? cause.code : String(cause);
      return { end: signal.aborted ? 'stopped' : 'fatal', value: neverRan(reason) };
    } finally {
      running = undefined;
    }
  }

  async function live(): Promise<CommandAgentOutcome> {
    const program = programOf(config, request);
    if (program.status === 'impossible') return impossible(program.reason, program.message);
    const late = new Error(`the agent ran longer than ${limits.timeoutMs} ms`);
    const deadline =
      limits.timeoutMs === undefined ? undefined : deadlineSignal(clock, limits.timeoutMs, () => late, hooks.signal);
    const signal = deadline?.signal ?? hooks.signal;
    try {
      const { status, attempts, value } = await supervise<ProgramResult>(
        { clock, budget },
        {
          signal,
          start: (number) => attempt(number, program, signal),
          onRestart: ({ attempt, delayMs, after }) =>
            log.warn('agent crashed and is started again', { attempt, delayMs, exit: after.exit, limit: after.limit }),
        },
      );
      const cause =
        status === 'stopped'
          ? signal.reason === late
            ? 'timed_out'
            : 'stopped'
          : status === 'spent' && config.restart.budget > 0
            ? 'spent'
            : undefined;
      return outcomeOf({ last: value, cause, attempts, limits, usage: spentUsage });
    } finally {
      deadline?.clear();
    }
  }

  const done = live()
    .catch((cause) => {
      log.error('agent could not be run', { cause });
      return impossible('INTERNAL', `the agent could not be run: ${cause}`);
    })
    .finally(() => news.close());

  if (config.input !== 'lines') return { done };
  return {
    done,
    async steer({ messageId, from, text }) {
      const run = running;
      if (!run) return false;
      const taken = new AbortController();
      const tooLong = clock.sleep(STEER_TIMEOUT_MS, taken.signal).then(
        () => false,
        () => false,
      );
      try {
        return await Promise.race([run.write(inputLine({ type: 'message', messageId, from, text })), tooLong]);
      } finally {
        taken.abort();
      }
    },
  };
}

const neverRan = (reason: string): ProgramResult => ({
  exit: { status: 'not_started', reason },
  stdout: '',
  stderr: '',
  truncated: false,
  usage: noProgramUsage,
});

const impossible = (reason: string, message: string): CommandAgentOutcome => ({
  status: 'failed',
  result: { response: '', exitCode: null, signal: null, truncated: false, error: notStarted(reason, message) },
  usage: toUsage(noProgramUsage),
});

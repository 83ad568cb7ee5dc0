/** How an agent's end reads: exit code 0 is success, everything else has a reason for programs and words for people. */
import type { AgentLimits, AgentResult, DirectiveError, Usage } from '@skein/contracts';
import type { ProgramResult, ProgramUsage } from '../processes/program.ts';

/** How an agent ended, after its last attempt. */
export interface CommandAgentOutcome {
  status: 'completed' | 'failed';
  result: AgentResult;
  /** Of all attempts together. */
  usage: Usage;
}

export interface AgentEnding {
  /** Of the last attempt. */
  last: Pick<ProgramResult, 'exit' | 'stdout' | 'stderr' | 'truncated' | 'limit'>;
  /** Beside the program's own end: its time was up, it was told to end, or no restart was left for it. */
  cause?: 'timed_out' | 'stopped' | 'spent' | undefined;
  attempts: number;
  limits: AgentLimits;
  usage: ProgramUsage;
}

/** Of what a failed program said on standard error, so much is passed on. */
const STDERR_TAIL = 1_000;

export function outcomeOf(ending: AgentEnding): CommandAgentOutcome {
  const { exit, stdout, truncated } = ending.last;
  const error = errorOf(ending);
  return {
    status: error ? 'failed' : 'completed',
    result: {
      response: stdout,
      exitCode: exit.status === 'exited' ? exit.exitCode : null,
      signal: exit.status === 'signalled' ? exit.signal : null,
      truncated,
      ...(error && { error }),
    },
    usage: toUsage(ending.usage),
  };
}

function errorOf({ last, cause, attempts, limits }: AgentEnding): DirectiveError | undefined {
  const own = errorOfExit(last, limits);
  switch (cause) {
    case undefined:
      return own;
    case 'timed_out':
      return {
        reason: 'agent_timed_out',
        message: `the agent was ended after its ${limits.timeoutMs} ms, restarts included`,
        metadata: { timeoutMs: String(limits.timeoutMs), attempts: String(attempts) },
      };
    case 'stopped':
      return own ?? killed('SIGTERM', 'the agent was told to end, and did');
    case 'spent':
      return {
        reason: 'restart_budget_spent',
        message: `the agent crashed in attempt ${attempts} and no restart is left for its type; at last: ${own?.message ?? 'it ended'}`,
        metadata: { ...own?.metadata, cause: own?.reason ?? 'agent_failed', attempts: String(attempts) },
      };
    default:
      return cause satisfies never;
  }
}

function errorOfExit({ exit, limit, stderr }: AgentEnding['last'], limits: AgentLimits): DirectiveError | undefined {
  if (limit === 'memory')
    return {
      reason: 'agent_memory_limit',
      message: `the agent's processes took more than ${limits.memoryBytes} bytes of memory and were killed`,
      metadata: { memoryBytes: String(limits.memoryBytes) },
    };
  switch (exit.status) {
    case 'not_started':
      return notStarted(exit.reason);
    case 'signalled':
      return killed(exit.signal, `the agent was ended by ${exit.signal}`);
    case 'exited': {
      if (exit.exitCode === 0) return undefined;
      const tail = stderr.trim().slice(-STDERR_TAIL);
      return {
        reason: 'agent_failed',
        message: `the agent ended with exit code ${exit.exitCode}`,
        metadata: { exitCode: String(exit.exitCode), ...(tail !== '' && { stderr: tail }) },
      };
    }
    default:
      return exit satisfies never;
  }
}

const killed = (signal: string, message: string): DirectiveError => ({
  reason: 'agent_killed_by_signal',
  message,
  metadata: { signal },
});

/** What the system's words for a start that failed mean for whoever configured the agent. */
const adviceOf: Readonly<Record<string, string>> = {
  ENOENT: 'its program or its folder does not exist',
  EACCES: 'its program may not be run',
  E2BIG: 'its arguments and environment are too long: a long instruction belongs on the input (input: text or lines)',
  ERR_INVALID_ARG_VALUE: 'an argument or variable contains NUL: such an instruction belongs on the input',
  PROGRAM_NOT_ABSOLUTE: 'its program must be an absolute path',
  HOST_STOPPED: 'the node is stopping',
  STOPPED: 'it was told to end before its start',
};

export function notStarted(reason: string, message?: string): DirectiveError {
  const advice = adviceOf[reason];
  return {
    reason: 'agent_not_started',
    message: message ?? `the agent could not be started: ${reason}${advice === undefined ? '' : `, ${advice}`}`,
    metadata: { cause: reason },
  };
}

/** Whole numbers: the kernel's are measured, the contract's are counted. */
export function toUsage(usage: Omit<ProgramUsage, 'durationMs'>): Usage {
  return {
    tokensIn: Math.round(usage.tokensIn),
    tokensOut: Math.round(usage.tokensOut),
    costMicroUsd: Math.round(usage.costMicroUsd),
    toolCalls: Math.round(usage.toolCalls),
    cpuMs: Math.round(usage.cpuMs),
    peakMemoryBytes: Math.round(usage.peakMemoryBytes),
  };
}

/**
 * Calls a registered tool, or runs a program of the allow-list: an argument list, a clean environment, inside of the node's
 * work folder.
 */
import { realpath } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { type DirectiveError, noUsage, type ProgramOutput, type ProgramTask } from '@skein/contracts';
import { type Clock, deadlineSignal, type Logger } from '@skein/contracts/runtime';
import { allowedProgram, type PolicyOptions, refusalOf } from '../../security/policy.ts';
import { callTool } from './call-tool.ts';
import type { DirectiveHandler, HandlerContext, HandlerOutcome } from './handler.ts';
import type { ProgramOutcome, ProgramRunner } from './program-runner.ts';
import type { ToolRegistry } from './tools.ts';

export interface ExecuteTaskDeps {
  /** @default none: the node calls tools alone */
  runner?: ProgramRunner | undefined;
  tools: Pick<ToolRegistry, 'has' | 'find'>;
  policy: PolicyOptions;
  /** Programs start here and cannot be started elsewhere. */
  workFolder: string;
  clock: Clock;
  logger: Logger;
}

/** What every program finds in its environment, beside what its directive sets. */
const CLEAN_ENVIRONMENT = { PATH: '/usr/local/bin:/usr/bin:/bin', LANG: 'C.UTF-8' } as const;

export function executeTask(deps: ExecuteTaskDeps): DirectiveHandler<'execute_task'> {
  const { runner, tools, policy } = deps;
  const run = runner && runProgram({ ...deps, runner });
  return async (payload, context) => {
    // The policy may have changed since the directive was let in.
    const refusal = refusalOf({ kind: 'execute_task', payload }, policy, tools);
    if (refusal) return failed(refusal);
    if (!('tool' in payload)) return run?.(payload, context) ?? failed(noRunner);
    const tool = tools.find(payload.tool);
    if (!tool) throw new Error('a tool that may be called is registered');
    return callTool(tool, payload, context, deps);
  };
}

const noRunner: DirectiveError = { reason: 'program_not_started', message: 'this node runs no programs, only tools' };

const endedBefore: DirectiveError = {
  reason: 'program_not_started',
  message: 'the directive was ended before its program was started',
};

function runProgram({ runner, policy, workFolder, clock }: ExecuteTaskDeps & { runner: ProgramRunner }) {
  return async (payload: ProgramTask, context: HandlerContext): Promise<HandlerOutcome> => {
    const [name, ...args] = payload.command;
    const program = allowedProgram(name, policy.allowedPrograms) ?? name;
    const cwd = await folderInside(workFolder, payload.cwd ?? '.');
    if (!cwd)
      return failed({
        reason: 'folder_not_found',
        message: `cwd must be an existing folder inside the node's work folder: ${payload.cwd}`,
      });
    if (context.signal.aborted) return failed(endedBefore); // an abort that came before the runner listened
    const limit = payload.timeoutMs;
    const deadline =
      limit === undefined
        ? undefined
        : deadlineSignal(clock, limit, () => new Error(`ran longer than ${limit} ms`), context.signal);
    const signal = deadline?.signal ?? context.signal;
    try {
      const outcome = await runner.run(
        {
          runId: `${context.directiveId}/${context.epoch}`,
          label: payload.command.join(' ').slice(0, 200),
          program,
          args,
          cwd,
          env: {
            ...CLEAN_ENVIRONMENT,
            HOME: workFolder,
            ...payload.env,
            SKEIN_DIRECTIVE_ID: context.directiveId,
            SKEIN_EPOCH: String(context.epoch),
          },
          ...(payload.stdin !== undefined && { stdin: payload.stdin }),
        },
        { signal, onOutput: context.output },
      );
      if (limit !== undefined && signal.aborted && !context.signal.aborted)
        return { ...toOutcome(outcome), status: 'failed', error: ranTooLong(limit) };
      return toOutcome(outcome);
    } finally {
      deadline?.clear();
    }
  };
}

/** How a program's end reads as a directive's: only exit code 0 is success. */
function toOutcome({ exit, stdout, stderr, truncated, usage }: ProgramOutcome): HandlerOutcome {
  if (exit.status === 'not_started')
    return {
      status: 'failed',
      usage,
      error: { reason: 'program_not_started', message: `the program could not be started: ${exit.reason}` },
    };
  const output: ProgramOutput = {
    exitCode: exit.status === 'exited' ? exit.exitCode : null,
    signal: exit.status === 'signalled' ? exit.signal : null,
    stdout,
    stderr,
    truncated,
  };
  if (exit.status === 'signalled')
    return {
      status: 'failed',
      output,
      usage,
      error: {
        reason: 'program_killed',
        message: `the program was ended by ${exit.signal}`,
        metadata: { signal: exit.signal },
      },
    };
  if (exit.exitCode === 0) return { status: 'completed', output, usage };
  const exitCode = String(exit.exitCode);
  return {
    status: 'failed',
    output,
    usage,
    error: {
      reason: 'program_failed',
      message: `the program ended with exit code ${exitCode}`,
      metadata: { exitCode },
    },
  };
}

const ranTooLong = (timeoutMs: number): DirectiveError => ({
  reason: 'run_timed_out',
  message: `the program ran longer than its timeoutMs of ${timeoutMs}`,
  metadata: { timeoutMs: String(timeoutMs) },
});

const failed = (error: DirectiveError): HandlerOutcome => ({ status: 'failed', error, usage: noUsage });

/** The real path of a folder inside of `root`; undefined where it is outside, by a link or otherwise, or not there. */
async function folderInside(root: string, path: string): Promise<string | undefined> {
  try {
    const [base, real] = await Promise.all([realpath(root), realpath(resolve(root, path))]);
    return real === base || real.startsWith(base + sep) ? real : undefined;
  } catch {
    return undefined; // not there: the caller says so
  }
}

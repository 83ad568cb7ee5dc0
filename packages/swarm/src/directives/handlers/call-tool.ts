/** Calls a tool of the host program for a directive: checked arguments in, JSON out, and an account of what it used. */
import { type DirectiveError, noUsage, sumUsage, type ToolTask, Usage } from '@skein/contracts';
import type { Clock, Logger } from '@skein/contracts/runtime';
import { SwarmError } from '../../errors.ts';
import { firstIssue } from '../directive-message.ts';
import type { HandlerContext, HandlerOutcome } from './handler.ts';
import { messageOf, toJsonOutput } from './json-output.ts';
import type { Tool } from './tool.ts';

/** A function cannot be killed: one that does not heed its signal is left behind after this. */
const GRACE_MS = 5_000;

export async function callTool(
  tool: Tool,
  task: ToolTask,
  context: HandlerContext,
  { clock, logger }: { clock: Clock; logger: Logger },
): Promise<HandlerOutcome> {
  const args = await tool.input.safeParseAsync(task.args ?? {});
  if (!args.success)
    return failed({
      reason: 'tool_arguments_invalid',
      message: `the arguments of ${task.tool} do not fit: ${firstIssue(args.error)}`,
      metadata: { tool: task.tool },
    });
  const account = createAccount();
  const { directiveId, sourceNodeId, signal } = context;
  const running = async () =>
    tool.run(args.data, {
      ...{ directiveId, sourceNodeId, signal, use: account.add },
      output: (text) => context.output('stdout', text),
    });
  const end = await endOf(running(), signal, clock);
  const usage = account.read(); // what is told later belongs to no directive any more
  if (end.status === 'left_behind') {
    logger.warn('a tool goes on although its directive has ended', { tool: task.tool, directiveId });
    return failed({ reason: 'tool_aborted', message: `${task.tool} did not end when it was told to` }, usage);
  }
  if (end.status === 'threw')
    return failed({ reason: 'tool_failed', message: messageOf(end.cause), metadata: { tool: task.tool } }, usage);
  const json = toJsonOutput(end.value);
  if (json.status === 'invalid')
    return failed(
      { reason: 'tool_output_invalid', message: `${task.tool} returned what is no output: ${json.why}` },
      usage,
    );
  return { status: 'completed', ...(json.output !== undefined && { output: json.output }), usage };
}

type ToolEnd = { status: 'returned'; value: unknown } | { status: 'threw'; cause: unknown } | { status: 'left_behind' };

async function endOf(run: Promise<unknown>, signal: AbortSignal, clock: Clock): Promise<ToolEnd> {
  const ended = new AbortController();
  const leaving = leaveBehind(signal, clock, ended.signal);
  try {
    return await Promise.race([
      run.then(
        (value): ToolEnd => ({ status: 'returned', value }),
        (cause): ToolEnd => ({ status: 'threw', cause }),
      ),
      leaving,
    ]);
  } finally {
    ended.abort();
  }
}

/** Resolves some time after the abort; never where the tool has ended. */
function leaveBehind(signal: AbortSignal, clock: Clock, ended: AbortSignal): Promise<ToolEnd> {
  return new Promise((resolve) => {
    const onAbort = () =>
      void clock.sleep(GRACE_MS, ended).then(
        () => resolve({ status: 'left_behind' }),
        () => {}, // it ended in time
      );
    ended.addEventListener('abort', () => signal.removeEventListener('abort', onAbort), { once: true });
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
  });
}

/** A call counts as one, also where its tool counts none. */
function createAccount() {
  let used: Usage = noUsage;
  return {
    add(told: Partial<Usage>): void {
      const more = Usage.partial().safeParse(told);
      if (!more.success)
        throw new SwarmError('INVALID_ARGUMENT', `use() takes whole numbers from zero on: ${firstIssue(more.error)}`);
      const {
        tokensIn = 0,
        tokensOut = 0,
        costMicroUsd = 0,
        toolCalls = 0,
        cpuMs = 0,
        peakMemoryBytes = 0,
      } = more.data;
      used = sumUsage(used, { tokensIn, tokensOut, costMicroUsd, toolCalls, cpuMs, peakMemoryBytes });
    },
    read: (): Usage => ({ ...used, toolCalls: Math.max(1, used.toolCalls) }),
  };
}

const failed = (error: DirectiveError, usage: Usage = noUsage): HandlerOutcome => ({ status: 'failed', error, usage });

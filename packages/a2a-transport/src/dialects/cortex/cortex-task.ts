/**
 * A task as CortexPrism says it: bare, never within `{ task }`, its result a JSON text in the first artifact. It takes
 * WORKING, SUBMITTED and REJECTED for completed, so that what did not complete is always FAILED with a text.
 */
import * as z from 'zod';
import { A2AClientError } from '../../errors.ts';

/** What CortexPrism counts of a directive. */
export interface CortexMetrics {
  tokensIn: number;
  tokensOut: number;
  costUsd: number;
  durationMs: number;
  toolCalls: number;
}

/** How a directive ended, in CortexPrism's words. */
export interface CortexOutcome {
  status: 'completed' | 'failed' | 'cancelled' | 'timed_out';
  /** What its caller is given: a text, which is JSON for most kinds. */
  output?: string;
  /** Why it did not complete, for people. */
  error?: string;
  metrics: CortexMetrics;
}

/** A directive's task; without an outcome it is still at work. */
export interface CortexTask {
  id: string;
  outcome?: CortexOutcome;
}

export const noCortexMetrics: CortexMetrics = { tokensIn: 0, tokensOut: 0, costUsd: 0, durationMs: 0, toolCalls: 0 };

const states = {
  completed: 'TASK_STATE_COMPLETED',
  failed: 'TASK_STATE_FAILED',
  cancelled: 'TASK_STATE_CANCELED',
  timed_out: 'TASK_STATE_FAILED',
} as const satisfies Record<CortexOutcome['status'], string>;

/** A task for the wire, as `SendMessage`, `GetTask` and `CancelTask` answer with it. */
export function writeCortexTask({ id, outcome }: CortexTask, nowMs: number) {
  const timestamp = new Date(nowMs).toISOString();
  if (!outcome) return { id, status: { state: 'TASK_STATE_WORKING', timestamp }, artifacts: [], history: [] };
  const { status, output, error, metrics } = outcome;
  const text = status === 'completed' ? undefined : (error ?? status);
  const message = text && { messageId: `${id}.status`, role: 'agent', parts: [{ text }] };
  // `response` is what its reader makes the output of; without it the output would be this whole text.
  const result = { status, ...(output !== undefined && { output, response: output }), error: text, metrics };
  return {
    id,
    status: { state: states[status], timestamp, ...(message && { message }) },
    artifacts: [{ artifactId: 'result', name: 'result', parts: [{ text: JSON.stringify(result) }] }],
    history: [],
  };
}

const Text = z.looseObject({ text: z.string().optional() });
const WireTask = z.looseObject({
  id: z.string().min(1),
  status: z.looseObject({ state: z.string(), message: z.looseObject({ parts: z.array(Text) }).optional() }),
  artifacts: z.array(z.looseObject({ parts: z.array(Text) })).optional(),
});

/** Most outputs are JSON in a text; a build that leaves the text out means the same. */
function asText(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined;
  return typeof value === 'string' ? value : JSON.stringify(value);
}

const figure = z.number().nonnegative().catch(0);
const Result = z.looseObject({
  status: z.enum(['completed', 'failed', 'cancelled', 'timed_out']).optional().catch(undefined),
  output: z.unknown().transform(asText).optional(),
  response: z.unknown().transform(asText).optional(),
  error: z.string().optional().catch(undefined),
  metrics: z
    .object({ tokensIn: figure, tokensOut: figure, costUsd: figure, durationMs: figure, toolCalls: figure })
    .catch({ ...noCortexMetrics }),
});

const outcomes = new Map<string, CortexOutcome['status']>([
  ['completed', 'completed'],
  ['failed', 'failed'],
  ['rejected', 'failed'],
  ['canceled', 'cancelled'],
  ['cancelled', 'cancelled'],
]);

/** A task from the wire, bare or as v1.0 wraps it. Errors: A2AClientError INVALID_REPLY. */
export function readCortexTask(result: unknown): CortexTask {
  const bare = z.looseObject({ task: WireTask }).safeParse(result).data?.task ?? result;
  const parsed = WireTask.safeParse(bare);
  if (!parsed.success)
    throw new A2AClientError('INVALID_REPLY', 'The result is no task', { status: 200, cause: parsed.error });
  const { id, status, artifacts } = parsed.data;
  const byState = outcomes.get(status.state.replace(/^TASK_STATE_/, '').toLowerCase());
  return byState === undefined ? { id } : { id, outcome: readOutcome(byState, status.message, artifacts) };
}

type WireTask = z.infer<typeof WireTask>;

/** The state says how it ended, and the artifact may say it worse: an end that did not complete is never made one that did. */
function readOutcome(
  byState: CortexOutcome['status'],
  message: WireTask['status']['message'],
  artifacts: WireTask['artifacts'],
): CortexOutcome {
  const text = artifacts?.[0]?.parts[0]?.text;
  const result = Result.safeParse(parseOrUndefined(text)).data;
  const metrics = result?.metrics ?? noCortexMetrics;
  const status = byState === 'completed' || byState === 'failed' ? worse(byState, result?.status) : byState;
  // A text that is no result is the output itself.
  const output = result?.output ?? result?.response ?? (result?.status ? undefined : text);
  const said = result?.error ?? message?.parts.find((part) => part.text !== undefined)?.text;
  return {
    ...{ status, metrics },
    ...(output !== undefined && { output }),
    ...(status !== 'completed' && { error: said ?? 'the peer did not say why' }),
  };
}

function worse(byState: 'completed' | 'failed', told: CortexOutcome['status'] | undefined): CortexOutcome['status'] {
  return told === undefined || told === 'completed' ? byState : told;
}

function parseOrUndefined(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? '');
  } catch {
    return undefined; // a plain text is an output as well
  }
}

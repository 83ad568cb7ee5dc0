/** What CortexPrism says of a directive's end, as a result of ours. */
import type { CortexMetrics, CortexOutcome } from '@skein/a2a-transport';
import {
  type DirectiveError,
  type DirectiveMetrics,
  type DirectiveResult,
  noUsage,
  type Order,
} from '@skein/contracts';
import type { CortexPeerEntry } from './cortex-peers.ts';
import { databaseIdOf } from './cortex-peers.ts';

const MICRO = 1_000_000;

export function fromCortexOutcome(order: Order, outcome: CortexOutcome, peer: CortexPeerEntry): DirectiveResult {
  const exitCode = exitCodeOf(outcome);
  const output = outputOf(order, outcome, exitCode, peer);
  const error = order.kind === 'execute_task' && exitCode !== null ? programFailed(exitCode) : cortexError(outcome);
  return {
    status: outcome.status,
    ...(output !== undefined && { output }),
    ...(outcome.status !== 'completed' && { error }),
    metrics: fromCortexMetrics(outcome.metrics),
    started: true, // it says nothing of what never began
  };
}

const cortexError = ({ status, error }: CortexOutcome): DirectiveError => ({
  reason: `cortex_${status}`,
  message: error ?? 'the peer did not say why',
});

const programFailed = (exitCode: number): DirectiveError => ({
  reason: 'program_failed',
  message: `the program ended with exit code ${exitCode}`,
  metadata: { exitCode: String(exitCode) },
});

/** `Exit code n` is how a failed program is told. */
function exitCodeOf({ status, error }: CortexOutcome): number | null {
  const code = status === 'failed' ? /^Exit code (\d{1,9})$/.exec(error ?? '')?.[1] : undefined;
  return code === undefined ? null : Number(code);
}

function outputOf(
  order: Order,
  { status, output }: CortexOutcome,
  exitCode: number | null,
  peer: CortexPeerEntry,
): DirectiveResult['output'] {
  if (order.kind === 'execute_task') return programOutput(output ?? '', status === 'completed' ? 0 : exitCode);
  if (order.kind === 'sync_state' && status === 'completed') {
    const { namespace, entries, since = 0 } = order.payload;
    const merged = { merged: entries.length, refused: [], entries: [], cursor: since, more: false };
    return { databaseId: databaseIdOf(peer.nodeId), namespace, ...merged };
  }
  if (output === undefined) return undefined;
  try {
    return JSON.parse(output);
  } catch {
    return output; // not every output is JSON
  }
}

const STDERR = '\nSTDERR:\n';

function programOutput(text: string, exitCode: number | null) {
  const at = text.indexOf(STDERR);
  const [stdout, stderr] = at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + STDERR.length)];
  return { exitCode, signal: null, stdout, stderr, truncated: false };
}

function fromCortexMetrics({ tokensIn, tokensOut, costUsd, durationMs, toolCalls }: CortexMetrics): DirectiveMetrics {
  return {
    ...noUsage,
    ...{ tokensIn: whole(tokensIn), tokensOut: whole(tokensOut), costMicroUsd: whole(costUsd * MICRO) },
    ...{ toolCalls: whole(toolCalls), durationMs: whole(durationMs) },
  };
}

/** A peer's figure is its word: held to what a count can be. */
const whole = (figure: number): number => Math.min(Number.MAX_SAFE_INTEGER, Math.max(0, Math.round(figure)));

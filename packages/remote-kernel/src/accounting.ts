/** What the node's runs have used since it started: finished runs at their final figures, running ones at their latest. */
import type { ProgramUsage } from './processes/program.ts';
import { addReported } from './processes/usage-report.ts';

/** What one run has used. */
export interface RunAccount extends ProgramUsage {
  runId: string;
  state: 'running' | 'finished';
}

/** What all runs have used together since the accounting was made. */
export interface AccountingTotals extends ProgramUsage {
  /** Runs that run now. */
  runningCount: number;
  finishedCount: number;
  /** The highest of any one run: runs that follow each other do not add up. */
  peakMemoryBytes: number;
  /** Sum over the runs; with several at once it grows faster than the hour. */
  durationMs: number;
}

/** The figures of runs, held in memory. */
export interface Accounting {
  /** Sets the latest figures of a run, which runs from the first call until `finish`. */
  update(runId: string, usage: ProgramUsage): void;
  /** Sets the final figures. The same id may run again later: its totals add up, `ofRun` tells the last. */
  finish(runId: string, usage: ProgramUsage): void;
  /** Undefined for a run never heard of, or finished so long ago that only the totals remember it. */
  ofRun(runId: string): RunAccount | undefined;
  /** Running ones, then finished ones, the latest first. */
  listRuns(): readonly RunAccount[];
  totals(): AccountingTotals;
}

/** How much is remembered. */
export interface AccountingOptions {
  /** How many finished runs are remembered one by one. @default 1_000 */
  keepFinished?: number;
}

export const noProgramUsage: ProgramUsage = {
  cpuMs: 0,
  peakMemoryBytes: 0,
  durationMs: 0,
  tokensIn: 0,
  tokensOut: 0,
  costMicroUsd: 0,
  toolCalls: 0,
};

/** Two runs together. What programs report of themselves adds up to at most the largest safe integer. */
export function sumUsage(a: ProgramUsage, b: ProgramUsage): ProgramUsage {
  return {
    ...addReported(a, b),
    cpuMs: a.cpuMs + b.cpuMs,
    peakMemoryBytes: Math.max(a.peakMemoryBytes, b.peakMemoryBytes),
    durationMs: a.durationMs + b.durationMs,
  };
}

/** An accounting that has heard of no run yet. */
export function createAccounting(options: AccountingOptions = {}): Accounting {
  const { keepFinished = 1_000 } = options;
  const running = new Map<string, ProgramUsage>();
  const finished = new Map<string, ProgramUsage>(); // in the order of finishing
  let finishedCount = 0;
  let finishedUsage = noProgramUsage;

  return {
    update(runId, usage) {
      running.set(runId, usage);
    },
    finish(runId, usage) {
      running.delete(runId);
      finished.delete(runId);
      finished.set(runId, usage);
      finishedCount += 1;
      finishedUsage = sumUsage(finishedUsage, usage);
      const oldest = finished.keys().next();
      if (finished.size > keepFinished && !oldest.done) finished.delete(oldest.value);
    },
    ofRun(runId) {
      const live = running.get(runId);
      if (live) return { ...live, runId, state: 'running' };
      const final = finished.get(runId);
      return final && { ...final, runId, state: 'finished' };
    },
    listRuns: () => [
      ...[...running].map(([runId, usage]): RunAccount => ({ ...usage, runId, state: 'running' })),
      ...[...finished].toReversed().map(([runId, usage]): RunAccount => ({ ...usage, runId, state: 'finished' })),
    ],
    totals: () => ({
      ...[...running.values()].reduce(sumUsage, finishedUsage),
      runningCount: running.size,
      finishedCount,
    }),
  };
}

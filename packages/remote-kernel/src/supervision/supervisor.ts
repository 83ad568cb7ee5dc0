/** Runs something until it completes, is stopped, cannot be mended, or has crashed too often. */
import type { Clock } from '@skein/contracts/runtime';
import {
  afterRun,
  freshRestartState,
  type RestartSettings,
  type RestartVerdict,
  type RunEnd,
} from './restart-policy.ts';

/** The restarts in hand, shared by everything that runs under them. */
export interface RestartBudget {
  after(end: RunEnd): RestartVerdict;
}

export function createRestartBudget(settings: RestartSettings): RestartBudget {
  let state = freshRestartState(settings);
  return {
    after(end) {
      const next = afterRun(state, end, settings);
      state = next.state;
      return next.verdict;
    },
  };
}

interface SupervisedRun<T> {
  end: RunEnd;
  value: T;
}

export interface Supervision<T> {
  /** Runs once; the first attempt is 1. */
  start(attempt: number): Promise<SupervisedRun<T>>;
  /** Ends the waiting between two attempts. Ending an attempt is `start`'s own business. */
  signal: AbortSignal;
  /** Hears of each restart before its wait begins. */
  onRestart?(restart: { attempt: number; delayMs: number; after: T }): void;
}

export interface SupervisedEnd<T> {
  /** `stopped` also when it was told to end while it waited for its restart. */
  status: RunEnd | 'spent';
  attempts: number;
  /** Of the last attempt. */
  value: T;
}

/** Rejects only when `start` or `onRestart` does. */
export async function supervise<T>(
  { clock, budget }: { clock: Clock; budget: RestartBudget },
  { start, signal, onRestart }: Supervision<T>,
): Promise<SupervisedEnd<T>> {
  for (let attempt = 1; ; attempt++) {
    const { end, value } = await start(attempt);
    const verdict = budget.after(end);
    if (verdict.status === 'spent') return { status: 'spent', attempts: attempt, value };
    if (verdict.status === 'over') return { status: end, attempts: attempt, value };
    onRestart?.({ attempt: attempt + 1, delayMs: verdict.delayMs, after: value });
    try {
      await clock.sleep(verdict.delayMs, signal);
    } catch {
      return { status: 'stopped', attempts: attempt, value };
    }
  }
}

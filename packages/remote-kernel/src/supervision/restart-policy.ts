/**
 * Whether a run that ended is started again. A budget bounds the restarts: each crash takes one, ten good runs give one
 * back, and a crash with none left is the end. What a restart cannot mend is never restarted, nor what was told to end.
 */
import type { ProgramExit } from '../processes/program.ts';

/** How often a type's agents are started again after crashes, and how soon. */
export interface RestartSettings {
  /** Most restarts in hand. 0 restarts nothing. */
  budget: number;
  /** Wait before the first restart in milliseconds; twice as long for each crash in a row. */
  delayMs: number;
}

/** Of one type of agent, whatever number of them run. */
export interface RestartState {
  /** Restarts in hand. */
  left: number;
  crashesInRow: number;
  /** Since the last restart that was given back, or taken. */
  goodRuns: number;
}

/** `fatal`: it will fail in the same way again. `stopped`: on somebody's word. */
export type RunEnd = 'good' | 'crash' | 'fatal' | 'stopped';

export type RestartVerdict =
  | { status: 'restart'; delayMs: number }
  | { status: 'over' }
  /** It crashed, and no restart is left. */
  | { status: 'spent' };

const LONGEST_DELAY_MS = 60_000;
const GOOD_RUNS_FOR_A_RESTART = 10;
/** EX_CONFIG of sysexits.h: the program says that its configuration is wrong. */
const EX_CONFIG = 78;

export const freshRestartState = ({ budget }: RestartSettings): RestartState => ({
  left: budget,
  crashesInRow: 0,
  goodRuns: 0,
});

/** What an exit that nobody asked for means. */
export function endOfExit(exit: ProgramExit): Exclude<RunEnd, 'stopped'> {
  if (exit.status === 'not_started') return 'fatal';
  if (exit.status === 'signalled') return 'crash';
  if (exit.exitCode === EX_CONFIG) return 'fatal';
  return exit.exitCode === 0 ? 'good' : 'crash';
}

export function afterRun(
  state: RestartState,
  end: RunEnd,
  { budget, delayMs }: RestartSettings,
): { state: RestartState; verdict: RestartVerdict } {
  if (end === 'good') return { state: afterGoodRun(state, budget), verdict: { status: 'over' } };
  if (end !== 'crash') return { state, verdict: { status: 'over' } };
  const crashed = { left: Math.max(0, state.left - 1), crashesInRow: state.crashesInRow + 1, goodRuns: 0 };
  if (state.left <= 0) return { state: crashed, verdict: { status: 'spent' } };
  const waitMs = Math.min(delayMs * 2 ** Math.min(state.crashesInRow, 40), LONGEST_DELAY_MS);
  return { state: crashed, verdict: { status: 'restart', delayMs: waitMs } };
}

/** Good runs while the budget is full are not saved up. */
function afterGoodRun({ left, goodRuns }: RestartState, budget: number): RestartState {
  if (left >= budget) return { left, crashesInRow: 0, goodRuns: 0 };
  const enough = goodRuns + 1 >= GOOD_RUNS_FOR_A_RESTART;
  return { left: enough ? left + 1 : left, crashesInRow: 0, goodRuns: enough ? 0 : goodRuns + 1 };
}

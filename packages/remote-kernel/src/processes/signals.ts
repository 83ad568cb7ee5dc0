import type { Signal, SignalOutcome } from './process-table.ts';

/** Sends a signal (0 only asks), with the two ways of failing as values. */
export function sendSignal(target: number, signal: Signal | 0): SignalOutcome {
  try {
    process.kill(target, signal);
    return 'sent';
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EPERM') return 'refused';
    return 'gone';
  }
}

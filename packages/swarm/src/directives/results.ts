/** The results that no handler makes, of directives that nobody could measure: every final state comes with one. */
import {
  type CancelCause,
  type DirectiveError,
  type DirectiveResult,
  type FinalStatus,
  noUsage,
} from '@skein/contracts';
import type { LeftByWork } from './inbox-store.ts';

/** A result without work: nothing started, nothing was used. */
export function resultWithoutWork<S extends FinalStatus>(
  status: S,
  error: DirectiveError,
): DirectiveResult & { status: S } {
  return { status, error, metrics: { ...noUsage, durationMs: 0 }, started: false };
}

/** What an end is called where its cause is a cancellation. */
export const statusOfCause = { caller: 'cancelled', deadline: 'timed_out' } as const satisfies Record<
  CancelCause,
  FinalStatus
>;

const errorOfCause: Record<CancelCause, DirectiveError> = {
  caller: { reason: 'cancelled_by_caller', message: 'cancelled before it started' },
  deadline: { reason: 'ttl_expired', message: 'its time to live ended before it started' },
};

/** Ended before it started, by a caller or by the deadline. */
export function endedBeforeStart<C extends CancelCause>(
  cause: C,
): DirectiveResult & { status: (typeof statusOfCause)[C] } {
  return resultWithoutWork(statusOfCause[cause], errorOfCause[cause]);
}

/** What stands between a message and the last reason why its directive was put off. */
export const LAST_REASON_WORDS = '; why it was put off last: ';

/** Never taken by its receiver within its time to live, and why not, where an attempt told. */
export function neverTaken(lastReason: string | null): DirectiveResult & { status: 'timed_out' } {
  const result = endedBeforeStart('deadline');
  if (lastReason === null) return result;
  const { reason, message } = errorOfCause.deadline;
  return { ...result, error: { reason, message: message + LAST_REASON_WORDS + lastReason, metadata: { lastReason } } };
}

/** Refused by the receiver's policy. */
export function refused(error: DirectiveError): DirectiveResult & { status: 'rejected' } {
  return resultWithoutWork('rejected', error);
}

/** Its worker is gone or was made to let go, and no start is left. What it used and said nobody may have measured. */
export function lostWithItsWorker(
  error: DirectiveError,
  left?: LeftByWork,
): DirectiveResult & { status: 'interrupted' } {
  return { ...resultWithoutWork('interrupted', error), ...left, started: true };
}

/** Nobody could be asked; whether it started is as unknown as its end. */
export const endUnknown: DirectiveResult & { status: 'unknown' } = resultWithoutWork('unknown', {
  reason: 'no_contact',
  message: 'the receiver could not be asked what became of it',
});

/** The results that a store writes by itself, where no worker measured anything: every final state comes with one. */
import { type CancelCause, type DirectiveError, type DirectiveResult, noUsage } from '@skein/contracts';

/** What an end is called where its cause is a cancellation. */
export const statusOfCause = { caller: 'cancelled', deadline: 'timed_out' } as const satisfies Record<
  CancelCause,
  DirectiveResult['status']
>;

const errorOfCause: Record<CancelCause, DirectiveError> = {
  caller: { reason: 'cancelled_by_caller', message: 'cancelled before it started' },
  deadline: { reason: 'ttl_expired', message: 'its time to live ended before it started' },
};

const nothingMeasured = { metrics: { ...noUsage, durationMs: 0 }, started: false };

/** Ended before it started, by a caller or by the deadline. */
export function endedBeforeStart<C extends CancelCause>(
  cause: C,
): DirectiveResult & { status: (typeof statusOfCause)[C] } {
  return { status: statusOfCause[cause], error: errorOfCause[cause], ...nothingMeasured };
}

/** Refused by the receiver's policy. */
export function refused(error: DirectiveError): DirectiveResult & { status: 'rejected' } {
  return { status: 'rejected', error, ...nothingMeasured };
}

/** Its worker is gone and no start is left. What it used until then nobody measured. */
export function lostWithItsWorker(error: DirectiveError): DirectiveResult & { status: 'interrupted' } {
  return { status: 'interrupted', error, ...nothingMeasured, started: true };
}

/** Nobody could be asked; whether it started is as unknown as its end. */
export const endUnknown: DirectiveResult & { status: 'unknown' } = {
  status: 'unknown',
  error: { reason: 'no_contact', message: 'the receiver could not be asked what became of it' },
  ...nothingMeasured,
};

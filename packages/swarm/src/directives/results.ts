/** Results that no handler makes: of directives that ended before they ever started. */
import {
  type CancelCause,
  type DirectiveError,
  type DirectiveResult,
  type FinalStatus,
  noUsage,
} from '@skein/contracts';

/** A result without work: nothing started, nothing was used. */
export function resultWithoutWork<S extends FinalStatus>(
  status: S,
  error: DirectiveError,
): DirectiveResult & { status: S } {
  return { status, error, metrics: { ...noUsage, durationMs: 0 }, started: false };
}

/** The end of a directive whose sender, or whose time, ended it before it started. */
export function endBeforeStart(cause: CancelCause): DirectiveResult & { status: 'cancelled' | 'timed_out' } {
  return cause === 'caller'
    ? resultWithoutWork('cancelled', {
        reason: 'cancelled_by_caller',
        message: 'the sender cancelled it before it started',
      })
    : resultWithoutWork('timed_out', { reason: 'ttl_expired', message: 'its time to live ended before it started' });
}

/**
 * A database that does not answer, in the swarm's words: whoever calls a store answers 503 and lets it be tried again. The
 * write under way may have committed or not, as after any broken connection; the ports' own rules bear both. The server
 * bounds its statements itself; the wait here is longer and is for a server or a network that says nothing at all, so
 * that it cannot hold whoever asks for ever.
 */
import type { Clock } from '@skein/contracts/runtime';
import { SwarmError } from '@skein/swarm';
import { codeOf } from '../errors.ts';
import { isBusy, isSilence } from '../owner-lock.ts';

/** How long a call of a store waits for its answer. */
const ANSWER_WITHIN_MS = 15_000;

/** Given as a reason, because the usual one is an error with its stack, which costs more than a small statement. */
const IN_TIME = Symbol('in time');

/** query_canceled, lock_not_available, idle_in_transaction_session_timeout: the server ended what took too long. */
const tooSlowCodes: readonly string[] = ['57014', '55P03', '25P03'];

const isTooSlow = (cause: unknown) => tooSlowCodes.includes(codeOf(cause) ?? '');

/** drizzle puts the driver's error into its own. */
const isUnavailable = (cause: unknown): boolean =>
  isBusy(cause) ||
  isSilence(cause) ||
  isTooSlow(cause) ||
  (cause instanceof Error && cause.cause !== undefined && isUnavailable(cause.cause));

/** Whether it was the database that failed, whatever it was asked. */
export const isOutage = (cause: unknown): boolean => cause instanceof SwarmError && cause.code === 'STORE_UNAVAILABLE';

/** What is asked of the database, or STORE_UNAVAILABLE where it does not answer, or not in time. */
export async function withinPatience<T>(ask: () => PromiseLike<T>, clock: Pick<Clock, 'sleep'>): Promise<T> {
  const answered = new AbortController();
  const silence = clock.sleep(ANSWER_WITHIN_MS, answered.signal).then(() => {
    throw new SwarmError('STORE_UNAVAILABLE', `the database did not answer within ${ANSWER_WITHIN_MS} ms: try again`);
  });
  try {
    return await Promise.race([ask(), silence]);
  } catch (cause) {
    if (!isUnavailable(cause)) throw cause;
    throw new SwarmError('STORE_UNAVAILABLE', 'the database does not answer: try again', { cause });
  } finally {
    answered.abort(IN_TIME);
  }
}

type Method = (...args: unknown[]) => Promise<unknown>;

/** The same store, whose methods say STORE_UNAVAILABLE where the database does not answer, or not in time. */
export function sayingUnavailable<T extends object>(store: T, clock: Pick<Clock, 'sleep'>): T {
  const methods = Object.entries(store as Record<string, Method>).map(([name, method]) => {
    const asked: Method = (...args) => withinPatience(() => method(...args), clock);
    return [name, asked];
  });
  // A store is an object of async methods, and each was wrapped under its own name.
  return Object.fromEntries(methods) as T;
}

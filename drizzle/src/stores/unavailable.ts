/**
 * A database that does not answer, in the swarm's words: whoever calls a store answers 503 and lets it be tried again. The
 * write under way may have committed or not, as after any broken connection; the ports' own rules bear both.
 */
import { SwarmError } from '@skein/swarm';
import { isBusy, isSilence } from '../owner-lock.ts';

/** drizzle puts the driver's error into its own. */
const isUnavailable = (cause: unknown): boolean =>
  isBusy(cause) ||
  isSilence(cause) ||
  (cause instanceof Error && cause.cause !== undefined && isUnavailable(cause.cause));

type Method = (...args: unknown[]) => Promise<unknown>;

/** The same store, whose methods say STORE_UNAVAILABLE where the database does not answer. */
export function sayingUnavailable<T extends object>(store: T): T {
  const methods = Object.entries(store as Record<string, Method>).map(([name, method]) => {
    const asked: Method = async (...args) => {
      try {
        return await method(...args);
      } catch (cause) {
        if (!isUnavailable(cause)) throw cause;
        throw new SwarmError('STORE_UNAVAILABLE', 'the database does not answer: try again', { cause });
      }
    };
    return [name, asked];
  });
  // A store is an object of async methods, and each was wrapped under its own name.
  return Object.fromEntries(methods) as T;
}

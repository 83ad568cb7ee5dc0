/** What is known is not given up because a store is away for a moment. */
import type { Clock } from '@skein/contracts/runtime';

export interface PersistenceOptions {
  clock: Clock;
  /** From its abort on one more try is made, and its failure is thrown. */
  until: AbortSignal;
  onFailure: (cause: unknown) => void;
}

const FIRST_REST_MS = 500;
const LONGEST_REST_MS = 5_000;

/** Tries again until it succeeds. Rejects with the last failure once `until` has aborted. */
export async function persistently<T>(
  work: () => Promise<T>,
  { clock, until, onFailure }: PersistenceOptions,
): Promise<T> {
  for (let restMs = FIRST_REST_MS; ; restMs = Math.min(LONGEST_REST_MS, restMs * 2)) {
    const isLast = until.aborted;
    try {
      return await work();
    } catch (cause) {
      if (isLast) throw cause;
      onFailure(cause);
      await clock.sleep(restMs, until).catch(() => {}); // the end of patience: one more try
    }
  }
}

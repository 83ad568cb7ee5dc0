import { linkedSignal } from './linked-signal.ts';

/**
 * Time, handed in. Whatever waits or reads the hour takes a Clock, so that a test can hold time still or let an hour
 * pass at once; nothing outside this port's implementations touches `Date.now` or `setTimeout`.
 */
export interface Clock {
  /** Whole milliseconds since the epoch, as this machine believes. Never compare it with another machine's. */
  now(): number;
  /**
   * Resolves after `ms` milliseconds. An abort rejects at once with the signal's reason and leaves no timer behind.
   * Whether a wait keeps the process alive is the implementation's: the machine's own clock does until it is over.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Longest delay a timer takes in one go; longer waits are made of several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/**
 * The machine's own clock. Within a process it only goes forward: it takes the hour when the process starts and counts
 * from there, so that a later correction of the machine's clock, which it does not follow, cannot end a wait too early
 * or make a silence look long.
 */
export const systemClock: Clock = {
  now: () => Math.floor(performance.timeOrigin + performance.now()),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      let left = ms;
      let timer: ReturnType<typeof setTimeout>;
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const arm = () => {
        const step = Math.min(left, LONGEST_TIMER_MS);
        left -= step;
        timer = setTimeout(() => {
          if (left > 0) return arm();
          signal?.removeEventListener('abort', onAbort);
          resolve();
        }, step);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      arm();
    }),
};

/**
 * A signal that aborts with `reason()` after `ms` on the given clock, or with `parent`'s reason when that comes first.
 * Whoever makes one clears it: until then the timer runs and the parent is listened to.
 */
export function deadlineSignal(
  clock: Clock,
  ms: number,
  reason: () => Error,
  parent?: AbortSignal,
): { signal: AbortSignal; clear(): void } {
  const deadline = new AbortController();
  const disarm = new AbortController();
  clock.sleep(ms, disarm.signal).then(
    () => deadline.abort(reason()),
    () => {}, // disarmed: nothing to do, nothing lost
  );
  const link = linkedSignal(parent, deadline.signal);
  return {
    signal: link.signal,
    clear() {
      disarm.abort();
      link.clear();
    },
  };
}

/**
 * Time, handed in. Whatever waits or reads the hour takes a Clock, so that a test can hold time still or let an hour
 * pass at once; nothing outside this port's implementations touches `Date.now` or `setTimeout`.
 */
export interface Clock {
  /** Milliseconds since the epoch, as this machine believes. Never compare it with another machine's. */
  now(): number;
  /**
   * Resolves after `ms` milliseconds. An abort rejects at once with the signal's reason and leaves no timer behind.
   * A wait never keeps the process alive by itself unless `keepAlive` was asked for by the implementation.
   */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** Longest delay a timer takes in one go; longer waits are made of several. */
const LONGEST_TIMER_MS = 2 ** 31 - 1;

/** The machine's own clock. */
export const systemClock: Clock = {
  now: () => Date.now(),
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

/** A signal that aborts with `reason()` after `ms` on the given clock, or with `parent`'s reason when that comes first. */
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
  const signal = parent ? AbortSignal.any([parent, deadline.signal]) : deadline.signal;
  return { signal, clear: () => disarm.abort() };
}

import type { Clock } from '../runtime/clock.ts';

/** A clock that stands still until a test moves it. Sleepers wake in the order of their hour. */
export interface FakeClock extends Clock {
  /**
   * Moves time on by `ms`, waking whoever is due on the way and letting them run before time goes further. What they read
   * or write in files is waited for, too: it takes time of the machine, and none of the clock's.
   */
  advance(ms: number): Promise<void>;
  /** How many sleepers there are. */
  readonly sleeping: number;
}

interface Sleeper {
  at: number;
  wake(): void;
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Files are read and written on other threads: what the runtime still waits for from there. */
const filesAreBusy = () =>
  process.getActiveResourcesInfo().some((kind) => kind.startsWith('FSReq') || kind === 'CloseReq');

/** Lets everything run that needs no time to pass: promises, then a turn of the loop, and another while files are busy. */
async function settle(): Promise<void> {
  do await turn();
  while (filesAreBusy());
}

/** A clock that stands still until a test advances it; sleepers are woken in the order of their time. */
export function createFakeClock(startAt = Date.UTC(2026, 0, 1)): FakeClock {
  let now = startAt;
  const sleepers = new Set<Sleeper>();
  return {
    now: () => now,
    get sleeping() {
      return sleepers.size;
    },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const onAbort = () => {
          sleepers.delete(sleeper);
          reject(signal?.reason);
        };
        const sleeper: Sleeper = {
          at: now + Math.max(0, Math.ceil(ms)), // whole milliseconds, as real timers have them
          wake() {
            sleepers.delete(sleeper);
            signal?.removeEventListener('abort', onAbort);
            resolve();
          },
        };
        signal?.addEventListener('abort', onAbort, { once: true });
        sleepers.add(sleeper);
      }),
    async advance(ms) {
      const until = now + ms;
      await settle();
      for (;;) {
        const due = [...sleepers].filter((s) => s.at <= until).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        now = Math.max(now, due.at);
        due.wake();
        await settle();
      }
      now = until;
      await settle();
    },
  };
}

/**
 * Does one thing again and again: when woken, when it asked to be, and at the latest after an interval, so that a lost
 * wake costs time and nothing else. Never twice at once; a failure is reported and tried again.
 */
import type { Clock } from '@skein/contracts/runtime';

export interface Pump extends AsyncDisposable {
  /** Runs now, or once more right after the run that is under way. */
  wake(): void;
  /** Lets the run under way end, then rests for good. Twice is as good as once. */
  stop(): Promise<void>;
}

export interface PumpOptions {
  /** The longest rest between two runs in milliseconds. */
  everyMs: number | (() => number);
  onError: (cause: unknown) => void;
}

/** `run` may return how many milliseconds it wants to rest; less than the interval shortens the rest. */
export function startPump(
  clock: Clock,
  run: (signal: AbortSignal) => Promise<number | undefined>,
  { everyMs, onError }: PumpOptions,
): Pump {
  const stopping = new AbortController();
  let woken = false;
  let rouse = () => {};

  async function rest(ms: number): Promise<void> {
    if (woken || stopping.signal.aborted) return;
    const roused = new AbortController();
    rouse = () => roused.abort();
    await clock.sleep(ms, roused.signal).catch(() => {}); // roused early
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      woken = false;
      const longest = typeof everyMs === 'number' ? everyMs : everyMs();
      let wanted: number | undefined;
      try {
        wanted = await run(stopping.signal);
      } catch (cause) {
        if (!stopping.signal.aborted) onError(cause);
      }
      await rest(Math.max(0, Math.min(longest, wanted ?? longest)));
    }
  }

  const ended = Promise.resolve().then(loop); // not at once: the first run may want to wake this very pump
  const stop = async () => {
    stopping.abort();
    rouse();
    await ended;
  };
  return {
    wake() {
      woken = true;
      rouse();
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** Tells news as they come, but not more often than every so many milliseconds: what comes meanwhile is told as one. */
import type { Clock } from '@skein/contracts/runtime';

export interface PacedNews<T> {
  /** The later one wins, key by key. */
  tell(news: Partial<T>): void;
  /** Tells what is held, and nothing more after it. */
  close(): void;
}

export function paceNews<T extends object>(
  { clock, intervalMs }: { clock: Clock; intervalMs: number },
  listener: (news: Partial<T>) => void,
): PacedNews<T> {
  const closing = new AbortController();
  let held: Partial<T> | undefined;
  let resting = false;

  function flush() {
    const news = held;
    held = undefined;
    if (news) listener(news);
  }

  async function rest() {
    resting = true;
    while (held) {
      flush();
      try {
        await clock.sleep(intervalMs, closing.signal);
      } catch {
        return; // closed, which has told the rest
      }
    }
    resting = false;
  }

  return {
    tell(news) {
      if (closing.signal.aborted) return;
      held = { ...held, ...news };
      if (!resting) void rest();
    },
    close() {
      if (closing.signal.aborted) return;
      closing.abort();
      flush();
    },
  };
}

/** What was started one after the other ends in the opposite order: also when the start fails half way. */
import type { Logger } from '@skein/contracts/runtime';

export interface Unwinding {
  defer(name: string, end: () => Promise<void> | void): void;
  /** One end that fails does not keep the others from it. Twice is as good as once. */
  unwind(): Promise<void>;
}

export function createUnwinding(logger: Logger): Unwinding {
  const ends: { name: string; end: () => Promise<void> | void }[] = [];
  let unwound: Promise<void> | undefined;
  async function unwindAll(): Promise<void> {
    for (let last = ends.pop(); last; last = ends.pop()) {
      try {
        await last.end();
      } catch (cause) {
        logger.error('something did not end cleanly', { what: last.name, cause });
      }
    }
  }
  return {
    defer: (name, end) => void ends.push({ name, end }),
    unwind() {
      unwound ??= unwindAll();
      return unwound;
    },
  };
}

/**
 * One at a time for each name: whoever reads the shared state to decide what may go into it holds the turn until that is
 * written, so that two who fit into the room that is left one by one do not both take it.
 */
export interface Turns {
  /** Waits for the turn; call what it resolves with to pass it on. An abort rejects with the signal's reason. */
  take(name: string, signal?: AbortSignal): Promise<() => void>;
}

export function createTurns(): Turns {
  const last = new Map<string, Promise<void>>();
  return {
    async take(name, signal) {
      signal?.throwIfAborted();
      const before = last.get(name) ?? Promise.resolve();
      let passOn = () => {};
      const own = new Promise<void>((resolve) => {
        passOn = resolve;
      });
      const end = before.then(() => own);
      last.set(name, end);
      void end.then(() => {
        if (last.get(name) === end) last.delete(name);
      });
      try {
        await orAborted(before, signal);
      } catch (reason) {
        passOn();
        throw reason;
      }
      return passOn;
    },
  };
}

function orAborted(work: Promise<void>, signal: AbortSignal | undefined): Promise<void> {
  if (!signal) return work;
  return new Promise((resolve, reject) => {
    const onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    void work.then(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    });
  });
}

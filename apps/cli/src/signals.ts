/**
 * Ctrl-C and its kin. npm and terminals both pass a signal on, so the same one can arrive twice: what follows right
 * after another is its echo and means nothing. Nobody listening, a signal ends the process as it always does.
 */
const ECHO_MS = 500;

export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

export interface Signals {
  /** Calls `listener` for each signal that is no echo, until the returned function is called. `count` begins at 1. */
  listen(listener: (signal: StopSignal, count: number) => void): () => void;
  /** What a signal does while nobody listens. */
  endAtOnce(signal: StopSignal): void;
}

export function createSignals(process: Pick<NodeJS.Process, 'on' | 'exit'>, now: () => number): Signals {
  const listeners = new Set<{ hear: (signal: StopSignal, count: number) => void; count: number }>();
  const endAtOnce = (signal: StopSignal) => process.exit({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
  let lastAt: number | undefined;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.on(signal, () => {
      if (lastAt !== undefined && now() - lastAt < ECHO_MS) return;
      lastAt = now();
      if (listeners.size === 0) endAtOnce(signal);
      for (const listener of listeners) {
        listener.count += 1;
        listener.hear(signal, listener.count);
      }
    });
  return {
    endAtOnce,
    listen(hear) {
      const listener = { hear, count: 0 };
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

/** A reading that many ask for at once is taken once, and kept for a moment. */
import type { Clock } from '@skein/contracts/runtime';

/** At most one reading every `ms`; those who ask meanwhile share it. A reading that fails is not kept. */
export function keptFor<T>(clock: Clock, ms: number, read: () => Promise<T>): () => Promise<T> {
  let kept: { at: number; value: Promise<T> } | undefined;
  return () => {
    if (kept && clock.now() - kept.at < ms) return kept.value;
    const reading = { at: clock.now(), value: read() };
    kept = reading;
    reading.value.catch(() => {
      if (kept === reading) kept = undefined; // whoever asked is told; the next one asks anew
    });
    return reading.value;
  };
}

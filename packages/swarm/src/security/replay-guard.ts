/** Remembers which call tokens were used, for as long as they could be used again. */
import type { Clock } from '@skein/contracts/runtime';

export interface ReplayGuard {
  /** True the first time that this id is seen before `expiresAtMs`, false ever after. */
  firstUse(id: string, expiresAtMs: number): boolean;
  readonly size: number;
}

/** How many insertions go by between two looks at what has expired. */
const SWEEP_EVERY = 1_024;

export function createReplayGuard(clock: Clock): ReplayGuard {
  const seen = new Map<string, number>();
  let sinceSweep = 0;
  return {
    get size() {
      return seen.size;
    },
    firstUse(id, expiresAtMs) {
      const now = clock.now();
      if (++sinceSweep >= SWEEP_EVERY) {
        sinceSweep = 0;
        for (const [key, expiry] of seen) if (expiry <= now) seen.delete(key);
      }
      if ((seen.get(id) ?? 0) > now) return false;
      seen.set(id, expiresAtMs);
      return true;
    },
  };
}

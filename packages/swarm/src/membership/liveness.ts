/** Decides when silence becomes absence. A node is suspect first, so that one lost beat evicts nobody. */
import type { Liveness } from '@skein/contracts';
import type { LivenessTiming } from './timing.ts';

/** What a node is after `silentMs` without a beat. Offline lasts until a beat; joining has a patience of its own. */
export function livenessAfter(before: Liveness, silentMs: number, timing: LivenessTiming): Liveness {
  if (before === 'offline' || before === 'unverified') return before;
  if (before === 'joining') return silentMs >= timing.joiningAfterMs ? 'offline' : 'joining';
  if (silentMs >= timing.offlineAfterMs) return 'offline';
  return silentMs >= timing.suspectAfterMs ? 'suspect' : 'online';
}

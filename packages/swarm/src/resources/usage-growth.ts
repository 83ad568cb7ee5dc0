/** What a reading of cumulative counters adds to the last one. */
import type { Usage } from '@skein/contracts';

const counters = ['tokensIn', 'tokensOut', 'costMicroUsd', 'toolCalls', 'cpuMs'] as const;

/** A counter below its last reading began anew, and all of it is growth. The peak is no counter: the reading's own. */
export function growthOf(last: Usage | undefined, reading: Usage): Usage {
  const growth = { ...reading };
  if (last)
    for (const name of counters)
      growth[name] = reading[name] >= last[name] ? reading[name] - last[name] : reading[name];
  return growth;
}

export function isSameUsage(a: Usage, b: Usage): boolean {
  return a.peakMemoryBytes === b.peakMemoryBytes && counters.every((name) => a[name] === b[name]);
}

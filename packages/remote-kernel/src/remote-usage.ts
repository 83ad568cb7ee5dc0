/**
 * What agents on other nodes used, from cumulative readings of them. Only what a reading adds to the last one counts, so
 * the same reading twice adds nothing. A counter that fell has begun anew: it counts in full, and the reset is noted.
 */
import { noUsage, type Usage } from '@skein/contracts';

const counters = ['tokensIn', 'tokensOut', 'costMicroUsd', 'toolCalls', 'cpuMs'] as const;

export interface UsageGrowth {
  usage: Usage;
  /** Some counter fell. */
  reset: boolean;
}

/** The peak is no counter: it is the reading's own. */
export function growthSince(last: Usage, reading: Usage): UsageGrowth {
  const usage = { ...reading };
  let reset = false;
  for (const name of counters) {
    if (reading[name] < last[name]) reset = true;
    else usage[name] = reading[name] - last[name];
  }
  return { usage, reset };
}

/** Two pieces of work together; peaks of different moments or machines do not add up. */
export function addUsage(a: Usage, b: Usage): Usage {
  const sum = { ...noUsage, peakMemoryBytes: Math.max(a.peakMemoryBytes, b.peakMemoryBytes) };
  for (const name of counters) sum[name] = Math.min(a[name] + b[name], Number.MAX_SAFE_INTEGER);
  return sum;
}

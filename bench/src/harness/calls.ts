import type { LoadResult } from './load.ts';
import { percentile } from './statistics.ts';

export interface CallsSlice {
  inFlight: number;
  warmUpMs: number;
  countedMs: number;
}

/** Keeps so many calls of a client in flight. `call` checks its answer itself; its first failure ends the slice. */
export async function applyCalls(
  call: (number: string) => Promise<void>,
  { inFlight, warmUpMs, countedMs }: CallsSlice,
): Promise<LoadResult> {
  const latencies: number[] = [];
  const countFrom = performance.now() + warmUpMs;
  const end = countFrom + countedMs;
  let answers = 0;
  let lastAt = countFrom;
  const caller = async () => {
    for (let now = performance.now(); now < end; ) {
      answers += 1;
      await call(String(answers).padStart(8, '0'));
      const then = performance.now();
      if (then >= countFrom && then <= end) latencies.push(then - now);
      lastAt = now = then;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, caller));
  if (latencies.length === 0) throw new Error('No call was answered in time');
  const seconds = (Math.min(lastAt, end) - countFrom) / 1_000;
  return {
    perSecond: latencies.length / seconds,
    answers,
    p50Ms: percentile(latencies, 0.5),
    p99Ms: percentile(latencies, 0.99),
  };
}

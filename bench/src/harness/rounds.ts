import type { Settings } from './figure.ts';
import type { LoadResult } from './load.ts';
import { median } from './statistics.ts';

/** Somebody who is measured: one slice at a time, in turn with the others. */
export interface Contender {
  name: string;
  slice(countedMs: number): Promise<Slice>;
}

export interface Slice extends LoadResult {
  /** What the measured process used of its core for one answer, in microseconds. */
  coreUs: number;
}

export interface Measured extends Omit<Slice, 'answers'> {
  name: string;
  /** Each round's rate, so that a reader sees how steady the machine was. */
  rounds: number[];
}

/** Answers after which code is as fast as it gets, and how long that is waited for at the most. */
const warmAnswers = 20_000;
const longestWarmUpMs = 20_000;
const warmUpSliceMs = 2_500;

/**
 * A B C, B C A, …: what disturbs the machine for a while disturbs everybody, and what one leaves behind, such as a database's
 * housekeeping, is not always for the same one to bear. Ahead of the first round all get warm.
 */
export async function measureInTurn(
  contenders: readonly Contender[],
  { rounds, sliceMs }: Settings,
): Promise<Measured[]> {
  for (const contender of contenders) await warmUp(contender);
  const seen = contenders.map(({ name }) => ({ name, slices: [] as Slice[] }));
  for (let round = 0; round < rounds; round += 1) {
    for (let turn = 0; turn < contenders.length; turn += 1) {
      const at = (round + turn) % contenders.length;
      const slice = await contenders[at]?.slice(sliceMs);
      if (slice) seen[at]?.slices.push(slice);
    }
  }
  return seen.map(({ name, slices }) => ({
    name,
    perSecond: median(slices.map(({ perSecond }) => perSecond)),
    p50Ms: median(slices.map(({ p50Ms }) => p50Ms)),
    p99Ms: median(slices.map(({ p99Ms }) => p99Ms)),
    coreUs: median(slices.map(({ coreUs }) => coreUs)),
    rounds: slices.map(({ perSecond }) => Math.round(perSecond)),
  }));
}

async function warmUp({ slice }: Contender): Promise<void> {
  const began = performance.now();
  for (let answers = 0; answers < warmAnswers && performance.now() - began < longestWarmUpMs; ) {
    answers += (await slice(warmUpSliceMs)).answers;
  }
}

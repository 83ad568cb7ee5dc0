/** The port through which a node sees what it uses itself: what runs now, and what all of it has used since the start. */
import type { ProcessEntry, Usage } from '@skein/contracts';
import type { RunReading } from './usage-ledger.ts';

/** The port for figures. `@skein/remote-kernel` has them of real processes. */
export interface ResourceAccounting {
  /** Finished and running work together, since the node's process started. */
  totals(): Usage;
  processes(): ProcessEntry[];
  /** The runs that run now, with what each has used so far: cumulative. @default none: programs count at their end */
  runs?(): RunReading[];
}

/** A node that runs no programs uses nothing. */
export const noAccounting: ResourceAccounting = {
  totals: () => ({ tokensIn: 0, tokensOut: 0, costMicroUsd: 0, toolCalls: 0, cpuMs: 0, peakMemoryBytes: 0 }),
  processes: () => [],
};

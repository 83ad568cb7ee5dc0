/** One entry of a node's process tree. */
import { z } from 'zod';
import { Timestamp } from './ids.ts';

export const ProcessEntry = z.strictObject({
  /** The operating system's process id on the node that runs it. */
  pid: z.int().positive(),
  /** The directive or run that the process was started for. */
  runId: z.string(),
  label: z.string(),
  state: z.enum(['running', 'exited']),
  startedAt: Timestamp,
  cpuMs: z.int().nonnegative(),
  memoryBytes: z.int().nonnegative(),
  peakMemoryBytes: z.int().nonnegative(),
});
export type ProcessEntry = z.infer<typeof ProcessEntry>;

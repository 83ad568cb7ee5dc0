/** One entry of a node's process tree. */
import { z } from 'zod';
import { AgentId, NodeId, Timestamp } from './ids.ts';

/** A process of one node's own machine. */
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

/** PIDs from here on are agents on other nodes: no operating system hands them out. */
export const FIRST_REMOTE_PID = 900_000;

/** A running process in the tree of one node: one of its own machine's, or an agent that it has running elsewhere. */
export interface ProcessBranch {
  pid: number;
  kind: 'local' | 'remote';
  /** Where it runs. */
  nodeId: NodeId;
  runId: string;
  /** Where it is an agent. */
  agentId: AgentId | null;
  label: string;
  startedAt: Timestamp;
  cpuMs: number;
  /** Now; of a remote one the highest that was told. */
  memoryBytes: number;
  peakMemoryBytes: number;
  children: ProcessBranch[];
}
export const ProcessBranch: z.ZodType<ProcessBranch> = z.lazy(() =>
  z.strictObject({
    pid: z.int().positive(),
    kind: z.enum(['local', 'remote']),
    nodeId: NodeId,
    runId: z.string(),
    agentId: AgentId.nullable(),
    label: z.string(),
    startedAt: Timestamp,
    cpuMs: z.int().nonnegative(),
    memoryBytes: z.int().nonnegative(),
    peakMemoryBytes: z.int().nonnegative(),
    children: z.array(ProcessBranch),
  }),
);

/** What runs on a node and for it elsewhere: how many of either, and all of them as a tree. */
export const FullProcessTree = z.strictObject({
  nodeId: NodeId,
  at: Timestamp,
  local: z.int().nonnegative(),
  remote: z.int().nonnegative(),
  roots: z.array(ProcessBranch),
});
export type FullProcessTree = z.infer<typeof FullProcessTree>;

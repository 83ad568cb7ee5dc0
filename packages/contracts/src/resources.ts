/** What a node uses and has: the metrics of a heartbeat, the snapshots kept of them, the usage of finished work. */
import { z } from 'zod';
import { NodeId, Timestamp } from './ids.ts';

const count = z.int().nonnegative();

/** What one directive or one node's work has used. Cost in millionths of a US dollar. */
export const Usage = z.strictObject({
  tokensIn: count,
  tokensOut: count,
  costMicroUsd: count,
  toolCalls: count,
  cpuMs: count,
  /** The highest memory of the whole process tree seen at one moment. */
  peakMemoryBytes: count,
});
export type Usage = z.infer<typeof Usage>;

/** Nothing was used: for handlers that account for nothing. */
export const noUsage: Usage = {
  tokensIn: 0,
  tokensOut: 0,
  costMicroUsd: 0,
  toolCalls: 0,
  cpuMs: 0,
  peakMemoryBytes: 0,
};

/** The state of a node at one moment. Counters run since the node's process started. */
export const NodeMetrics = z.strictObject({
  /** Share of all cores in use on the machine, 0 to 100. */
  cpuPercent: z.number().min(0).max(100),
  memoryUsedBytes: count,
  memoryTotalBytes: count,
  /** The file system that holds the node's data folder. */
  diskUsedBytes: count,
  diskTotalBytes: count,
  /** Processes started for directives that run now, whole trees counted. */
  activeProcesses: count,
  runningDirectives: count,
  queuedDirectives: count,
  tokensIn: count,
  tokensOut: count,
  costMicroUsd: count,
  toolCalls: count,
  cpuMs: count,
  peakMemoryBytes: count,
  /** Milliseconds since the node's process started. */
  uptimeMs: count,
});
export type NodeMetrics = z.infer<typeof NodeMetrics>;

/** One heartbeat's metrics as they were stored, by the storing database's clock. */
export const ResourceSnapshot = z.strictObject({ nodeId: NodeId, takenAt: Timestamp, metrics: NodeMetrics });
export type ResourceSnapshot = z.infer<typeof ResourceSnapshot>;

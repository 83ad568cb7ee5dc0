/** Reads the metrics of a heartbeat: the machine's from the operating system, the node's own from its books. */
import { statfs } from 'node:fs/promises';
import type { NodeMetrics } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import { currentLoad, mem } from 'systeminformation';
import type { ResourceAccounting } from './accounting.ts';
import { counted } from './counted.ts';

/** What the machine says of itself. */
type MachineMetrics = Pick<
  NodeMetrics,
  'cpuPercent' | 'memoryUsedBytes' | 'memoryTotalBytes' | 'diskUsedBytes' | 'diskTotalBytes'
>;

export type MachineProbe = () => Promise<MachineMetrics>;

/** Reads the machine; the disk is the one that holds `folder`. CPU is the share since the last reading. */
export function createMachineProbe(folder: string): MachineProbe {
  return async () => {
    const [load, memory, disk] = await Promise.all([currentLoad(), mem(), statfs(folder)]);
    return {
      cpuPercent: Math.min(100, Math.max(0, Math.round(load.currentLoad * 10) / 10)),
      // What is available can be had at once: caches do not count as used.
      memoryUsedBytes: memory.total - memory.available,
      memoryTotalBytes: memory.total,
      diskUsedBytes: (disk.blocks - disk.bfree) * disk.bsize,
      diskTotalBytes: disk.blocks * disk.bsize,
    };
  };
}

export interface MetricsDeps {
  machine: MachineProbe;
  accounting: ResourceAccounting;
  directives: () => Promise<{ queued: number; running: number }>;
  clock: Clock;
  startedAtMs: number;
}

export async function readNodeMetrics({
  machine,
  accounting,
  directives,
  clock,
  startedAtMs,
}: MetricsDeps): Promise<NodeMetrics> {
  const [host, counts] = await Promise.all([machine(), directives()]);
  return {
    ...host,
    ...counted(accounting.totals()), // figures that no beat carries would put the node out of the swarm
    activeProcesses: accounting.processes().filter(({ state }) => state === 'running').length,
    runningDirectives: counts.running,
    queuedDirectives: counts.queued,
    uptimeMs: Math.max(0, Math.floor(clock.now() - startedAtMs)),
  };
}

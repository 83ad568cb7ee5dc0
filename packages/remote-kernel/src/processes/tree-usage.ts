/**
 * What a process tree uses, from looks at it that see only who is alive. Memory is a sum at one moment. CPU time is
 * harder: who ends between two looks takes its own figure along. The kernel then adds it to the parent that reaps it, so a
 * tree's time is what its living members used and reaped, and what is known to have been lost on the way.
 */
import type { ProcessMemory, ProcessStat } from './process-table.ts';

/**
 * Memory of a tree at one moment: everybody's present figure, and for one process its own peak instead, whichever makes
 * most of it. Adding up all the peaks would count moments together that never were.
 */
export function treePeakBytes(members: readonly ProcessMemory[]): number {
  const residentBytes = members.reduce((sum, member) => sum + member.residentBytes, 0);
  const aboveNowBytes = members.map((member) => member.peakResidentBytes - member.residentBytes);
  return residentBytes + Math.max(0, ...aboveNowBytes);
}

/** The CPU time of one run so far. */
export interface TreeCpu {
  readonly rootPid: number;
  /** pid → the last look at it. */
  readonly last: ReadonlyMap<number, ProcessStat>;
  /** Time of processes that ended and were reaped by nobody in the tree. */
  readonly lostMs: number;
  /** Time last seen of the root, and of whoever ended along with it: the node reaps the root, see `shareReaped`. */
  readonly rootMs: number;
}

export const newTreeCpu = (root: ProcessStat | undefined, rootPid: number): TreeCpu => ({
  rootPid,
  last: new Map(root ? [[rootPid, root]] : []),
  lostMs: 0,
  rootMs: 0,
});

const totalMs = (process: ProcessStat) => process.ownCpuMs + process.reapedCpuMs;

export function treeCpuMs(cpu: TreeCpu): number {
  let sum = cpu.lostMs + cpu.rootMs;
  for (const process of cpu.last.values()) sum += totalMs(process);
  return sum;
}

/** Takes a new look at the tree into account. */
export function treeCpuAfter(cpu: TreeCpu, members: readonly ProcessStat[]): TreeCpu {
  const now = new Map(members.map((member) => [member.pid, member]));
  const isAlive = (then: ProcessStat) => now.get(then.pid)?.startTicks === then.startTicks;

  /** Who should have reaped it: the nearest ancestor that lives, the node (which reaps the root), or nobody of ours. */
  const reaperOf = (gone: ProcessStat): number | 'node' | undefined => {
    let process = gone;
    for (let depth = 0; depth <= cpu.last.size; depth++) {
      if (process.pid === cpu.rootPid) return 'node';
      const parent = cpu.last.get(process.parentPid);
      if (!parent) return undefined;
      if (isAlive(parent)) return parent.pid;
      process = parent;
    }
    return undefined;
  };

  let { lostMs, rootMs } = cpu;
  const owedMs = new Map<number, number>();
  for (const then of cpu.last.values()) {
    if (isAlive(then)) continue;
    const reaper = reaperOf(then);
    if (reaper === 'node') rootMs += totalMs(then);
    else if (reaper === undefined) lostMs += totalMs(then);
    else owedMs.set(reaper, (owedMs.get(reaper) ?? 0) + totalMs(then));
  }
  // A parent that ignores SIGCHLD is not charged for its children: then what they used is lost, and kept here.
  for (const [pid, owed] of owedMs) {
    const chargedMs = (now.get(pid)?.reapedCpuMs ?? 0) - (cpu.last.get(pid)?.reapedCpuMs ?? 0);
    lostMs += Math.max(0, owed - chargedMs);
  }
  return { rootPid: cpu.rootPid, last: now, lostMs, rootMs };
}

export interface EndedRoot {
  /** CPU time of the root and what it had reaped, as last seen. */
  seenMs: number;
  /** How long ago that was. */
  unseenMs: number;
}

/**
 * Divides what the kernel charged this process for children that it reaped since the last look. Mostly one root ended:
 * all of it is that one's. Where several did, each gets what was seen of it, and of the rest a share by how long it
 * was unseen, never more than `cores` could have burnt meanwhile, since the node may have reaped children of other kinds.
 */
export function shareReaped(reapedMs: number, ended: readonly EndedRoot[], cores: number): number[] {
  const seenMs = ended.reduce((sum, root) => sum + root.seenMs, 0);
  const unseenMs = ended.reduce((sum, root) => sum + root.unseenMs, 0);
  const restMs = Math.max(0, reapedMs - seenMs);
  return ended.map((root) => {
    const share = unseenMs > 0 ? root.unseenMs / unseenMs : 1 / ended.length;
    // Ticks are 10 ms wide, so the bound leaves two of them.
    return root.seenMs + Math.min(restMs * share, root.unseenMs * cores + 20);
  });
}

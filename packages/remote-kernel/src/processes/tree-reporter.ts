import type { Clock } from '@skein/contracts/runtime';
import type { ProcessTree } from '../process-tree.ts';
import type { ProgramExit, ProgramUsage, StartOptions } from './program.ts';
import type { TreeFigures } from './tree-watch.ts';

/** Keeps the entries of one run in the node's process tree in step with what the looks find. */
export function treeReporter(
  { processTree, clock }: { processTree: ProcessTree; clock: Clock },
  { runId, label, rootPid, agent }: Pick<StartOptions, 'runId' | 'label' | 'agent'> & { rootPid: number },
): { report(figures: TreeFigures): void; end(exit: ProgramExit, usage: ProgramUsage): void } {
  let present = new Map<number, number>(); // pid → start, the root left out: it ends with the run
  processTree.register({ pid: rootPid, runId, label, startedAt: clock.now(), ...(agent && { agent }) });

  return {
    report({ cpuMs, peakMemoryBytes, members }) {
      const now = new Map<number, number>();
      const pids = new Set(members.map((member) => member.pid));
      let rootBytes = 0;
      for (const member of members) {
        if (member.pid === rootPid) {
          rootBytes = member.residentBytes;
          continue;
        }
        now.set(member.pid, member.startTicks);
        if (present.get(member.pid) !== member.startTicks) {
          const parent = pids.has(member.parentPid) ? { parentPid: member.parentPid } : {};
          processTree.register({ pid: member.pid, ...parent, runId, label: member.name, startedAt: clock.now() });
        }
        processTree.update(member.pid, {
          label: member.name,
          cpuMs: member.ownCpuMs + member.reapedCpuMs,
          memoryBytes: member.residentBytes,
          peakMemoryBytes: member.peakResidentBytes,
        });
      }
      for (const pid of present.keys()) if (!now.has(pid)) processTree.exit(pid);
      present = now;
      processTree.update(rootPid, { cpuMs, memoryBytes: rootBytes, peakMemoryBytes });
    },
    end(exit, { cpuMs, peakMemoryBytes }) {
      for (const pid of present.keys()) processTree.exit(pid);
      present = new Map();
      processTree.update(rootPid, { cpuMs, memoryBytes: 0, peakMemoryBytes });
      processTree.exit(rootPid, exit);
    },
  };
}

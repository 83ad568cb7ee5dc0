import type { ProcessMemory, ProcessStat, ProcessTable, Signal } from './process-table.ts';

export interface PretendProcess extends ProcessStat, ProcessMemory {
  marker?: string;
  sockets?: readonly string[];
  /** What a signal does to it; without this, KILL and TERM end it. */
  onSignal?: (signal: Signal) => 'ends' | 'stays' | 'refuses';
}

export interface MemoryProcessTable extends ProcessTable {
  readonly processes: Map<number, PretendProcess>;
  add(process: Partial<PretendProcess> & { pid: number }): PretendProcess;
  /** What `reapedCpuMs` answers. */
  reaped: number;
  readonly signals: { target: number; signal: Signal }[];
}

/** A process table that a test writes itself. */
export function createMemoryProcessTable(): MemoryProcessTable {
  const processes = new Map<number, PretendProcess>();
  const signals: { target: number; signal: Signal }[] = [];
  const table: MemoryProcessTable = {
    sight: 'machine',
    processes,
    signals,
    reaped: 0,
    add(given) {
      const process: PretendProcess = {
        parentPid: 1,
        groupId: given.pid,
        sessionId: given.pid,
        startTicks: 1,
        ended: false,
        name: 'program',
        ownCpuMs: 0,
        reapedCpuMs: 0,
        residentBytes: 0,
        peakResidentBytes: 0,
        ...given,
      };
      processes.set(process.pid, process);
      return process;
    },
    pids: () => [...processes.keys()],
    stat: (pid) => {
      const process = processes.get(pid);
      return process && { ...process };
    },
    memory: (pid) => processes.get(pid),
    marker: (pid) => processes.get(pid)?.marker,
    sockets: (pid) => processes.get(pid)?.sockets ?? [],
    reapedCpuMs: () => table.reaped,
    signal(target, signal) {
      const hit = [...processes.values()].filter((p) => (target < 0 ? p.groupId === -target : p.pid === target));
      if (hit.length === 0) return 'gone';
      if (signal === 0) return 'sent';
      signals.push({ target, signal });
      let outcome: 'sent' | 'refused' = 'refused';
      for (const process of hit) {
        const effect = process.onSignal?.(signal) ?? (signal === 'SIGCONT' ? 'stays' : 'ends');
        if (effect !== 'refuses') outcome = 'sent';
        if (effect === 'ends') processes.delete(process.pid);
      }
      return outcome;
    },
  };
  return table;
}

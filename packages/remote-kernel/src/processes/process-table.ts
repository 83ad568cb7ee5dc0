/** The machine's processes, as far as this package needs to see and to signal them. */

export interface ProcessStat {
  pid: number;
  parentPid: number;
  groupId: number;
  sessionId: number;
  /** When it started, in ticks since boot. With the pid it is an identity: pids alone are used again. */
  startTicks: number;
  /** It has ended and waits to be reaped. Its times still count, but there is nothing left to kill. */
  ended: boolean;
  name: string;
  /** User and system time of the process itself. */
  ownCpuMs: number;
  /** User and system time of the descendants it has reaped. */
  reapedCpuMs: number;
}

export interface ProcessMemory {
  residentBytes: number;
  /** The most that this process ever had resident since it became this program. */
  peakResidentBytes: number;
}

export type Signal = 'SIGTERM' | 'SIGCONT' | 'SIGKILL';
/** `refused`: it exists and we may not. */
export type SignalOutcome = 'sent' | 'gone' | 'refused';

export interface ProcessTable {
  /** `machine`: every process is seen. `groups`: none is listed, and a process group is all that can be reached. */
  readonly sight: 'machine' | 'groups';
  pids(): readonly number[];
  /** Undefined when the process is gone. */
  stat(pid: number): ProcessStat | undefined;
  memory(pid: number): ProcessMemory | undefined;
  /** The value of `SKEIN_RUN` in the environment it was started with, where that may be read. */
  marker(pid: number): string | undefined;
  /** The sockets behind its file descriptors 1 to 3, named as the system names them: whose pipes it holds. */
  sockets(pid: number): readonly string[];
  /** User and system time of all children that this very process has reaped so far. */
  reapedCpuMs(): number;
  /** A negative target is a process group. */
  signal(target: number, signal: Signal | 0): SignalOutcome;
}

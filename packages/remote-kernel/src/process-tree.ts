/** The node's own processes, as people see them: what runs now, and for a while what ran. Held in memory. */
import type { ProgramExit } from './processes/program.ts';

/** One process, running or ended. Memory is resident memory, in bytes. */
export interface ProcessTreeEntry {
  /** The process id on this machine. */
  pid: number;
  /** The parent, where it belongs to the same run. */
  parentPid?: number;
  runId: string;
  label: string;
  kind: 'directive' | 'agent';
  /** Which agent this is, and for which directive; of a run's first process, where it is one. */
  agent?: { agentId: string; directiveId: string };
  state: 'running' | 'exited';
  /** Milliseconds since the epoch, by the node's clock. For a child, when it was first seen. */
  startedAt: number;
  /** User and system time, with what it reaped; for the first process of a run, of the whole run. */
  cpuMs: number;
  /** Present memory of this process; 0 once it has ended. */
  memoryBytes: number;
  /** For the first process of a run, of the whole run at one moment. */
  peakMemoryBytes: number;
  /** How it ended. Known of a run's first process; the system tells its children's parents only. */
  exit?: ProgramExit;
}

/** What a look at a process says. */
export type ProcessFigures = Pick<ProcessTreeEntry, 'cpuMs' | 'memoryBytes' | 'peakMemoryBytes'>;

/** The processes of a node's own machine; whoever runs them tells it of them. */
export interface ProcessTree {
  /** A running process with this pid is taken to have ended: pids are used again only after that. */
  register(entry: Omit<ProcessTreeEntry, 'state' | 'kind' | 'exit' | keyof ProcessFigures>): void;
  /** Ignored for a pid that is not running. A label changes when a process becomes another program. */
  update(pid: number, figures: ProcessFigures & { label?: string }): void;
  /** Ignored for a pid that is not running. */
  exit(pid: number, exit?: ProgramExit): void;
  find(pid: number): ProcessTreeEntry | undefined;
  /** Running ones in the order of their start, then exited ones, the latest first. */
  list(filter?: { runId?: string; state?: ProcessTreeEntry['state'] }): readonly ProcessTreeEntry[];
  snapshot(): ProcessTreeSnapshot;
}

/** The running processes as a tree, at one moment. Plain data. */
export interface ProcessTreeSnapshot {
  runningCount: number;
  memoryBytes: number;
  roots: readonly ProcessTreeNode[];
}

/** A running process with those below it. */
export interface ProcessTreeNode extends ProcessTreeEntry {
  children: readonly ProcessTreeNode[];
}

/** How much is remembered. */
export interface ProcessTreeOptions {
  /** How many ended processes are remembered. @default 200 */
  keepExited?: number;
}

/** A tree without processes. */
export function createProcessTree(options: ProcessTreeOptions = {}): ProcessTree {
  const { keepExited = 200 } = options;
  const running = new Map<number, ProcessTreeEntry>();
  const exited: ProcessTreeEntry[] = [];

  const exit: ProcessTree['exit'] = (pid, exit) => {
    const entry = running.get(pid);
    if (!entry) return;
    running.delete(pid);
    exited.push({ ...entry, state: 'exited', memoryBytes: 0, ...(exit ? { exit } : {}) });
    if (exited.length > keepExited) exited.splice(0, exited.length - keepExited);
  };

  return {
    exit,
    register(entry) {
      exit(entry.pid);
      running.set(entry.pid, {
        ...entry,
        kind: entry.agent ? 'agent' : 'directive',
        state: 'running',
        cpuMs: 0,
        memoryBytes: 0,
        peakMemoryBytes: 0,
      });
    },
    update(pid, figures) {
      const entry = running.get(pid);
      if (entry) running.set(pid, { ...entry, ...figures });
    },
    find: (pid) => running.get(pid) ?? exited.findLast((entry) => entry.pid === pid),
    list: ({ runId, state } = {}) =>
      [...running.values(), ...exited.toReversed()].filter(
        (entry) => (runId === undefined || entry.runId === runId) && (state === undefined || entry.state === state),
      ),
    snapshot() {
      const entries = [...running.values()];
      const isRoot = (entry: ProcessTreeEntry) => entry.parentPid === undefined || !running.has(entry.parentPid);
      const grow = (entry: ProcessTreeEntry, above: ReadonlySet<number>): ProcessTreeNode => {
        const path = new Set(above).add(entry.pid);
        const children = entries.filter((child) => child.parentPid === entry.pid && !path.has(child.pid));
        return { ...entry, children: children.map((child) => grow(child, path)) };
      };
      return {
        runningCount: entries.length,
        memoryBytes: entries.reduce((sum, entry) => sum + entry.memoryBytes, 0),
        roots: entries.filter(isRoot).map((entry) => grow(entry, new Set())),
      };
    },
  };
}

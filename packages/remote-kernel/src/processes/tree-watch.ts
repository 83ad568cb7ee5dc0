/**
 * Looks at the machine's processes for all runs of a host at once, and keeps what was seen: who belongs to each run, what
 * it uses, what it used at most. Often while a run is young, since much of what runs is short, and seldom later.
 */
import type { Clock } from '@skein/contracts/runtime';
import { type KnownRun, knownAfter, membersByRun, type ObservedProcess } from './membership.ts';
import type { ProcessStat, ProcessTable } from './process-table.ts';
import {
  type EndedRoot,
  newTreeCpu,
  shareReaped,
  type TreeCpu,
  treeCpuAfter,
  treeCpuMs,
  treePeakBytes,
} from './tree-usage.ts';

export interface CadenceTiming {
  /** Shortest time between two looks in milliseconds. */
  fastestMs: number;
  /** Longest time between two looks in milliseconds. */
  slowestMs: number;
}

export const defaultCadence: CadenceTiming = { fastestMs: 10, slowestMs: 500 };

/** Looking may take this share of one core at most, */
const LOOKING_SHARE = 1 / 20;
/** but no look is put off by more than this factor: one look that a busy machine held up would hide a short program. */
const LONGEST_DELAY = 4;

/** How long to wait until the next look, given the age of the youngest run and what the last look cost. */
export function nextLookMs(youngestMs: number, lookCostMs: number, timing: CadenceTiming): number {
  const byAgeMs = Math.min(Math.max(youngestMs / 2, timing.fastestMs), timing.slowestMs);
  return Math.max(byAgeMs, Math.min(lookCostMs / LOOKING_SHARE, byAgeMs * LONGEST_DELAY));
}

interface MemberFigures extends ProcessStat {
  residentBytes: number;
  peakResidentBytes: number;
}

export interface TreeFigures {
  cpuMs: number;
  memoryBytes: number;
  peakMemoryBytes: number;
  /** Those that live, the root among them while it does. */
  members: readonly MemberFigures[];
}

export interface TreeWatch {
  /** Follows the tree that grows from this process. `onLook` hears of each look until `unwatch`. */
  watch(runId: string, rootPid: number, onLook: (figures: TreeFigures) => void): void;
  /** The root has ended and the node has reaped it. Looks; resolves when its last CPU time is in the figures. */
  rootEnded(runId: string): Promise<{ sure: boolean }>;
  /** Looks now. `sure` is false when somebody vanished meanwhile, who may have left a child behind unseen. */
  look(): { sure: boolean };
  /** Members that live, as of the last look. */
  livingMembers(runId: string): readonly ProcessStat[];
  figures(runId: string): TreeFigures;
  unwatch(runId: string): void;
}

interface Watched {
  rootPid: number;
  startedAt: number;
  known: KnownRun;
  cpu: TreeCpu;
  cpuMs: number;
  peakMemoryBytes: number;
  members: MemberFigures[];
  lookedAt: number;
  onLook: (figures: TreeFigures) => void;
}

const noFigures: TreeFigures = { cpuMs: 0, memoryBytes: 0, peakMemoryBytes: 0, members: [] };

export function createTreeWatch(
  {
    clock,
    table,
    claimedRunId,
  }: {
    clock: Clock;
    table: ProcessTable /** The run of this host that a mark names, if any. */;
    claimedRunId: (marker: string) => string | undefined;
  },
  { cadence = defaultCadence, cores }: { cadence?: CadenceTiming /** How many the machine has. */; cores: number },
): TreeWatch {
  const runs = new Map<string, Watched>();
  /** What a process was born with is read once: it can lose our mark and our pipes, but not come to them later. */
  const births = new Map<number, Pick<ObservedProcess, 'startTicks' | 'claimedRunId' | 'sockets'>>();
  let reapedMs = table.reapedCpuMs();
  let lookCostMs = 0;
  let endedRoots: { runId: string; root: EndedRoot; settle(outcome: { sure: boolean }): void }[] = [];
  let nextLookAt = Number.POSITIVE_INFINITY;
  let waiting: AbortController | undefined;

  function observe(): { processes: ObservedProcess[]; sure: boolean } {
    const processes: ObservedProcess[] = [];
    let sure = true;
    const pids = table.pids();
    for (const pid of pids) {
      const stat = table.stat(pid);
      if (!stat) {
        sure = false;
        continue;
      }
      let birth = births.get(pid);
      if (birth?.startTicks !== stat.startTicks) {
        const marker = table.marker(pid);
        const claimed = marker === undefined ? undefined : claimedRunId(marker);
        birth = { startTicks: stat.startTicks, claimedRunId: claimed, sockets: table.sockets(pid) };
        births.set(pid, birth);
      }
      processes.push({ ...stat, ...birth });
    }
    if (births.size > 2 * pids.length) {
      const present = new Set(pids);
      for (const pid of births.keys()) if (!present.has(pid)) births.delete(pid);
    }
    return { processes, sure };
  }

  function figuresOf(run: Watched): TreeFigures {
    return {
      cpuMs: run.cpuMs,
      memoryBytes: run.members.reduce((sum, member) => sum + member.residentBytes, 0),
      peakMemoryBytes: run.peakMemoryBytes,
      members: run.members,
    };
  }

  function see(run: Watched, members: readonly ProcessStat[]) {
    run.known = knownAfter(run.known, members);
    run.cpu = treeCpuAfter(run.cpu, members);
    run.cpuMs = Math.max(run.cpuMs, treeCpuMs(run.cpu));
    run.members = members
      .filter((member) => !member.ended)
      .map((member) => ({ ...member, ...(table.memory(member.pid) ?? { residentBytes: 0, peakResidentBytes: 0 }) }));
    run.peakMemoryBytes = Math.max(run.peakMemoryBytes, treePeakBytes(run.members));
    run.lookedAt = clock.now();
    run.onLook(figuresOf(run));
  }

  function look(): { sure: boolean } {
    const startedAt = clock.now();
    const { processes, sure } = observe();
    const members = membersByRun(processes, new Map([...runs].map(([runId, run]) => [runId, run.known])));
    for (const [runId, run] of runs) see(run, members.get(runId) ?? []);
    if (endedRoots.length === 0) reapedMs = table.reapedCpuMs();
    lookCostMs = Math.max(0, clock.now() - startedAt);
    return { sure };
  }

  const untilNextMs = () => {
    const youngestMs = Math.min(...[...runs.values()].map((run) => clock.now() - run.startedAt));
    return nextLookMs(Math.max(0, youngestMs), lookCostMs, cadence);
  };

  async function lookOnCadence() {
    while (runs.size > 0) {
      const pause = new AbortController();
      waiting = pause;
      try {
        await clock.sleep(Math.max(0, nextLookAt - clock.now()), pause.signal);
      } catch {
        continue; // woken for a younger run, or because none is left
      } finally {
        waiting = undefined;
      }
      if (runs.size === 0) break;
      look();
      nextLookAt = clock.now() + untilNextMs();
    }
    nextLookAt = Number.POSITIVE_INFINITY;
  }

  /** Several roots can be reaped in one turn of the loop, before anybody hears of the first: they are settled together. */
  function settleEndedRoots() {
    const nowReapedMs = table.reapedCpuMs();
    const outcome = look(); // moves the ended roots' figures as they were last seen to `rootMs`
    const settling = endedRoots;
    endedRoots = [];
    const shares = shareReaped(
      nowReapedMs - reapedMs,
      settling.map(({ root }) => root),
      cores,
    );
    reapedMs = nowReapedMs;
    settling.forEach(({ runId, settle }, index) => {
      const run = runs.get(runId);
      if (run) {
        run.cpu = { ...run.cpu, rootMs: Math.max(run.cpu.rootMs, shares[index] ?? 0) };
        run.cpuMs = Math.max(run.cpuMs, treeCpuMs(run.cpu));
      }
      settle(outcome);
    });
  }

  return {
    look,
    watch(runId, rootPid, onLook) {
      const root = table.stat(rootPid);
      const now = clock.now();
      const run: Watched = {
        rootPid,
        startedAt: now,
        known: {
          members: new Map(root ? [[rootPid, root.startTicks]] : []),
          sessions: new Set([rootPid]),
          sockets: new Set(table.sockets(rootPid)),
        },
        cpu: newTreeCpu(root, rootPid),
        cpuMs: 0,
        peakMemoryBytes: 0,
        members: [],
        lookedAt: now,
        onLook,
      };
      runs.set(runId, run);
      if (root) see(run, [root]);
      if (table.sight === 'groups') return; // there is nothing to look at
      const soon = now + cadence.fastestMs;
      if (soon >= nextLookAt) return;
      const idle = nextLookAt === Number.POSITIVE_INFINITY;
      nextLookAt = soon;
      if (idle) void lookOnCadence();
      else waiting?.abort();
    },
    rootEnded(runId) {
      const run = runs.get(runId);
      if (!run) return Promise.resolve({ sure: true });
      const then = run.cpu.last.get(run.rootPid);
      const root = {
        seenMs: then ? then.ownCpuMs + then.reapedCpuMs : 0,
        unseenMs: Math.max(0, clock.now() - run.lookedAt),
      };
      return new Promise((settle) => {
        endedRoots.push({ runId, root, settle });
        if (endedRoots.length === 1) setImmediate(settleEndedRoots);
      });
    },
    livingMembers: (runId) => runs.get(runId)?.members ?? [],
    figures(runId) {
      const run = runs.get(runId);
      return run ? figuresOf(run) : noFigures;
    },
    unwatch(runId) {
      runs.delete(runId);
      if (runs.size === 0) waiting?.abort();
    },
  };
}

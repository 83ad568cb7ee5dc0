/**
 * Ends a process tree: TERM to everybody, a grace period, then KILL again and again until a look finds nobody, since a
 * process can fork between being seen and being hit. Each look is followed by its signals in the same turn of the loop:
 * no pid can come to mean somebody else in between.
 */
import type { Clock } from '@skein/contracts/runtime';
import type { ProcessStat, ProcessTable, Signal, SignalOutcome } from './process-table.ts';

export type TreeEnding = { status: 'gone' } | { status: 'survived'; pids: readonly number[] };

export interface EndingTiming {
  /** Time between TERM and KILL in milliseconds; 0 kills at once. */
  graceMs: number;
  /** How long to go on killing before giving up in milliseconds. */
  giveUpMs: number;
}

/** Time between two looks while waiting in milliseconds: often at first, then seldom. */
const pauseMs = (attempt: number) => Math.min(5 * 2 ** attempt, 100);

/** On a busy machine processes end all the time, and no look may ever be sure. */
const UNSURE_LOOKS = 5;

export interface Tree {
  /** Everybody who lives now. `sure` is false when somebody may have been missed. */
  look(): { living: readonly ProcessStat[]; sure: boolean };
  /** The root's process group, which is all there is to signal where processes cannot be listed. */
  rootPid: number;
}

export async function endTree(
  { clock, table }: { clock: Clock; table: Pick<ProcessTable, 'sight' | 'signal'> },
  tree: Tree,
  { graceMs, giveUpMs }: EndingTiming,
): Promise<TreeEnding> {
  /** The pids still there. */
  function left(): { pids: readonly number[]; living: readonly ProcessStat[] } {
    if (table.sight === 'groups') {
      const gone = table.signal(-tree.rootPid, 0) === 'gone';
      return { pids: gone ? [] : [tree.rootPid], living: [] };
    }
    let seen = tree.look();
    for (let looks = 1; seen.living.length === 0 && !seen.sure && looks < UNSURE_LOOKS; looks++) seen = tree.look();
    return { pids: seen.living.map((process) => process.pid), living: seen.living };
  }

  /** Everybody's answer to the signal. A group is hit in one go, along with whoever was forked just now. */
  function signalAll(living: readonly ProcessStat[], signal: Signal): SignalOutcome[] {
    if (table.sight === 'groups') return [table.signal(-tree.rootPid, signal)];
    if (signal === 'SIGKILL') {
      // Only groups whose leader is one of us: no other group's id can be mistaken for them.
      for (const process of living) if (process.groupId === process.pid) table.signal(-process.groupId, signal);
    }
    return living.map((process) => table.signal(process.pid, signal));
  }

  const first = left();
  if (first.pids.length === 0) return { status: 'gone' };
  if (graceMs > 0) {
    const deadline = clock.now() + graceMs;
    signalAll(first.living, 'SIGTERM');
    signalAll(first.living, 'SIGCONT'); // who is stopped would hear of TERM only when continued
    for (let attempt = 0; clock.now() < deadline; attempt++) {
      await clock.sleep(Math.min(pauseMs(attempt), deadline - clock.now()));
      if (left().pids.length === 0) return { status: 'gone' };
    }
  }
  const deadline = clock.now() + giveUpMs;
  for (let attempt = 0; ; attempt++) {
    const { pids, living } = left();
    if (pids.length === 0) return { status: 'gone' };
    const outcomes = signalAll(living, 'SIGKILL');
    const hopeless = outcomes.every((outcome) => outcome === 'refused');
    if (hopeless || clock.now() >= deadline) return { status: 'survived', pids };
    await clock.sleep(pauseMs(attempt));
  }
}

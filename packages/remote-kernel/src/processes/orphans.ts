/** Finds and kills what an earlier life of this host left behind: marked processes whose owner is dead, and their kin. */
import type { Clock, Logger } from '@skein/contracts/runtime';
import { formatMarker, type Life, parseMarker } from './marker.ts';
import { type KnownRun, knownAfter, membersByRun, nothingKnown, type ObservedProcess } from './membership.ts';
import type { ProcessTable } from './process-table.ts';
import type { ReapedRun } from './program.ts';
import { endTree } from './tree-ending.ts';

export async function reapOrphans(
  { clock, logger, table }: { clock: Clock; logger: Logger; table: ProcessTable },
  { hostId, giveUpMs }: { hostId: string; giveUpMs: number },
): Promise<readonly ReapedRun[]> {
  if (table.sight === 'groups') return [];
  const isAlive = (life: Life) => {
    const owner = table.stat(life.pid);
    return owner !== undefined && !owner.ended && owner.startTicks === life.startTicks;
  };
  /** Keyed by the whole mark: a run id may come back in another life. */
  let known = new Map<string, KnownRun>();
  const found = new Map<string, Set<number>>();

  function look() {
    const processes: ObservedProcess[] = [];
    let sure = true;
    for (const pid of table.pids()) {
      const stat = table.stat(pid);
      if (!stat) {
        sure = false;
        continue;
      }
      const text = table.marker(pid);
      const marker = text === undefined ? undefined : parseMarker(text);
      const orphan = marker?.hostId === hostId && !isAlive(marker.life) ? formatMarker(marker) : undefined;
      if (orphan !== undefined && !known.has(orphan)) known.set(orphan, nothingKnown);
      processes.push({ ...stat, claimedRunId: orphan, sockets: [] });
    }
    // Twice: the first time by marks finds the sessions, the second time finds who is in them.
    for (let round = 0; round < 2; round++) {
      const members = membersByRun(processes, known);
      known = new Map([...known].map(([mark, run]) => [mark, knownAfter(run, members.get(mark) ?? [])]));
    }
    const members = membersByRun(processes, known);
    const living = [...members].flatMap(([mark, processes]) =>
      processes
        .filter((process) => !process.ended)
        .map((process) => {
          found.set(mark, (found.get(mark) ?? new Set()).add(process.pid));
          return process;
        }),
    );
    return { living, sure };
  }

  // The pid is not used: where processes can be listed, nothing is done by group alone.
  const end = await endTree({ clock, table }, { rootPid: 0, look }, { graceMs: 0, giveUpMs });
  const reaped = [...found].map(([mark, pids]) => ({ runId: parseMarker(mark)?.runId ?? mark, pids: [...pids] }));
  if (reaped.length > 0) logger.warn('orphans of an earlier life were killed', { reaped });
  if (end.status === 'survived') logger.error('orphans of an earlier life survived', { pids: end.pids });
  return reaped;
}

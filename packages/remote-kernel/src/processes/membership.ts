/**
 * Which process belongs to which run. A process may change its parent, its session, its pipes and its environment, but
 * hardly all four before anybody looks. So it belongs to a run when it did so at the last look, when its parent does,
 * when it is in a session that the run began, when it was born with one of the run's pipes, or when it carries the run's
 * mark, in this order: what cannot be forged comes first.
 */
import type { ProcessStat } from './process-table.ts';

export interface ObservedProcess extends ProcessStat {
  /** The run that its mark names, where it is one of this host. */
  claimedRunId: string | undefined;
  /** The sockets that it held at 1 to 3 when it was first seen. */
  sockets: readonly string[];
}

/** What is remembered of a run between two looks. */
export interface KnownRun {
  /** pid → start: who belonged to the run at the last look. */
  members: ReadonlyMap<number, number>;
  /** Sessions that members began and that were still inhabited at the last look; their ids cannot be used again before. */
  sessions: ReadonlySet<number>;
  /** The ends of output, errors and reports that the run's first process was given. */
  sockets: ReadonlySet<string>;
}

export const nothingKnown: KnownRun = { members: new Map(), sessions: new Set(), sockets: new Set() };

export function membersByRun(
  processes: readonly ObservedProcess[],
  runs: ReadonlyMap<string, KnownRun>,
): Map<string, ObservedProcess[]> {
  const byPid = new Map(processes.map((process) => [process.pid, process]));
  const sessionOwner = new Map<number, string>();
  const socketOwner = new Map<string, string>();
  const lastMember = new Map<number, { runId: string; startTicks: number }>();
  for (const [runId, run] of runs) {
    for (const session of run.sessions) sessionOwner.set(session, runId);
    for (const socket of run.sockets) socketOwner.set(socket, runId);
    for (const [pid, startTicks] of run.members) lastMember.set(pid, { runId, startTicks });
  }

  const verdicts = new Map<number, string | undefined>();
  const runOf = (process: ObservedProcess): string | undefined => {
    if (verdicts.has(process.pid)) return verdicts.get(process.pid);
    verdicts.set(process.pid, undefined); // ends a circle, which a pid used again during the look could make
    const before = lastMember.get(process.pid);
    const parent = byPid.get(process.parentPid);
    const claimed = process.claimedRunId;
    const verdict =
      (before?.startTicks === process.startTicks ? before.runId : undefined) ??
      (parent && runOf(parent)) ??
      sessionOwner.get(process.sessionId) ??
      process.sockets.map((socket) => socketOwner.get(socket)).find((owner) => owner !== undefined) ??
      (claimed !== undefined && runs.has(claimed) ? claimed : undefined);
    verdicts.set(process.pid, verdict);
    return verdict;
  };

  const members = new Map<string, ObservedProcess[]>([...runs.keys()].map((runId) => [runId, []]));
  for (const process of processes) {
    const runId = runOf(process);
    if (runId !== undefined) members.get(runId)?.push(process);
  }
  return members;
}

/** What to remember after a look. A session counts only when a member leads or led it. */
export function knownAfter(known: KnownRun, members: readonly ProcessStat[]): KnownRun {
  const now = new Map(members.map((member) => [member.pid, member.startTicks]));
  const sessions = members
    .map((member) => member.sessionId)
    .filter((session) => known.sessions.has(session) || known.members.has(session) || now.has(session));
  return { members: now, sessions: new Set(sessions), sockets: known.sockets };
}

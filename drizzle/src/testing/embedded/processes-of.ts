import { readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '@skein/contracts/runtime';

export interface ClusterProcess {
  readonly pid: number;
  readonly commandLine: string;
  /** The pid of the postmaster's own parent tells it from its backends only by name: `postgres: …` is a backend. */
  readonly isBackend: boolean;
}

/** What runs on a cluster: its server and its backends. Linux only, like the tests that ask. */
export function processesOf(dataFolder: string): ClusterProcess[] {
  const clusterFolder = join(realpathSync(dataFolder), 'pg');
  return listProcesses((pid, commandLine) =>
    readlinkSync(`/proc/${pid}/cwd`) === clusterFolder
      ? { pid, commandLine, isBackend: commandLine.startsWith('postgres: ') }
      : undefined,
  );
}

/** The watchers that would still signal one of these servers. */
export function watchersOf(serverPids: ReadonlySet<number>): number[] {
  return listProcesses((pid, commandLine) => {
    const watched = /read _ \|\| kill -INT "\$0"\0(\d+)/.exec(commandLine)?.[1];
    return watched !== undefined && serverPids.has(Number(watched)) ? pid : undefined;
  });
}

function listProcesses<T>(pick: (pid: number, commandLine: string) => T | undefined): T[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const picked = pick(Number(name), readFileSync(`/proc/${name}/cmdline`, 'utf8'));
      return picked === undefined ? [] : [picked];
    } catch {
      return []; // it ended while we looked
    }
  });
}

/** Waits for something that no event announces, such as the end of somebody else's child. */
export async function eventually(what: string, holds: () => boolean, withinMs = 10_000): Promise<void> {
  const until = systemClock.now() + withinMs;
  while (!holds()) {
    if (systemClock.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`);
    await systemClock.sleep(5);
  }
}

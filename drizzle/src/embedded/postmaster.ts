/** The server's process: what its pid file says, how it is started, when it is ready, how it is ended. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '@skein/contracts/runtime';
import type { Binaries } from './binaries.ts';
import { serverEnvironment, socketPort } from './flags.ts';
import type { Placement } from './placement.ts';
import { isPostmasterOf, signalProcess } from './process-table.ts';
import { asUser } from './program.ts';

export interface PidFile {
  readonly pid: number;
  /** `starting`, `stopping`, `ready` or `standby`. */
  readonly state: string;
}

export function parsePidFile(text: string): PidFile | undefined {
  const lines = text.split('\n');
  const pid = Number(lines[0]);
  return Number.isSafeInteger(pid) && pid > 0 ? { pid, state: (lines[7] ?? '').trim() } : undefined;
}

export function readPidFile(clusterFolder: string): PidFile | undefined {
  try {
    return parsePidFile(readFileSync(join(clusterFolder, 'postmaster.pid'), 'utf8'));
  } catch {
    return undefined; // no server, or one that is just writing it
  }
}

/** A server that we started, whether or not it will turn out to be ours. */
export interface StartedServer {
  readonly pid: number | undefined;
  isRunning(): boolean;
  /** Settles when the process has ended, or could not be started. Never rejects. */
  readonly ended: Promise<void>;
  /** Ends it and waits for that. */
  end(clock: Clock): Promise<void>;
  /** What it has written to its log. */
  logText(): string;
}

const logRotatesAtBytes = 8 * 2 ** 20;

interface SpawnOptions {
  settings: readonly string[];
  /** A pid in postmaster.pid that is certainly not a server of this cluster: PostgreSQL then looks past it. */
  strangerPid?: number | undefined;
}

export function spawnServer(placement: Placement, binaries: Binaries, options: SpawnOptions): StartedServer {
  const { clusterFolder, socketFolder, uid } = placement;
  const settings = options.settings.flatMap((setting) => ['-c', setting]);
  const logFile = logFileOf(placement);
  rotateLog(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const logStart = fstatSync(log).size;
  let child: ChildProcess;
  try {
    child = spawn(
      join(binaries.nativeFolder, 'bin/postgres'),
      ['-D', clusterFolder, '-k', socketFolder, '-p', String(socketPort), ...settings],
      {
        ...asUser(uid),
        // PG_GRANDPARENT_PID is how pg_ctl tells PostgreSQL that a pid is known and harmless. It still checks the old
        // shared memory, so nobody's live cluster is opened; deleting postmaster.pid would switch that check off.
        env: {
          ...serverEnvironment,
          ...binaries.env,
          ...(options.strangerPid ? { PG_GRANDPARENT_PID: String(options.strangerPid) } : {}),
        },
        stdio: ['ignore', log, log],
        detached: true, // a terminal's Ctrl-C must not reach it before the node has drained
        cwd: '/',
      },
    );
  } finally {
    closeSync(log);
  }
  let running = child.pid !== undefined;
  const ended = new Promise<void>((resolve) => {
    const over = () => {
      running = false;
      resolve();
    };
    child.once('exit', over);
    child.once('error', over);
  });
  child.unref();
  return {
    pid: child.pid,
    isRunning: () => running,
    ended,
    end: async (clock) => {
      if (running) await endChild(clock, child, ended);
    },
    logText: () => readFileSync(logFile).subarray(logStart).toString(),
  };
}

export const logFileOf = (placement: Placement) => join(placement.baseFolder, 'postgres.log');

/** One old log is kept: what the last crash said must not go with the start after it. */
function rotateLog(logFile: string): void {
  const size = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  if (size > logRotatesAtBytes) renameSync(logFile, `${logFile}.1`);
}

/** The socket's own lock file outlives a killed server and names a pid that may be somebody else's by now. */
export async function clearStaleSocketLock({ clusterFolder, socketFolder }: Placement): Promise<void> {
  const lockFile = join(socketFolder, `.s.PGSQL.${socketPort}.lock`);
  try {
    const pid = Number.parseInt(readFileSync(lockFile, 'utf8'), 10);
    if (!(await isPostmasterOf(pid, clusterFolder))) rmSync(lockFile, { force: true });
  } catch {
    // There is none, which is the usual case.
  }
}

/** Fast shutdown, then the harder ways: a node that ends must end its server too. */
const endings = [
  { signal: 'SIGINT', patienceMs: 20_000 },
  { signal: 'SIGQUIT', patienceMs: 5_000 },
  { signal: 'SIGKILL', patienceMs: 5_000 },
] as const;

/** Its end has no event, since it may be another's child; it takes about 10 ms. */
const lookAgainMs = 10;

/** Ends whichever server runs on this cluster under that pid, and waits until the process is gone. */
export async function endServer(clock: Clock, clusterFolder: string, pid: number): Promise<void> {
  for (const { signal, patienceMs } of endings) {
    if (!(await isPostmasterOf(pid, clusterFolder))) return;
    signalProcess(pid, signal);
    const until = clock.now() + patienceMs;
    while ((await isPostmasterOf(pid, clusterFolder)) && clock.now() < until) await clock.sleep(lookAgainMs);
  }
}

/** Ends a server of our own that may not even have reached its cluster yet. */
async function endChild(clock: Clock, child: ChildProcess, ended: Promise<void>): Promise<void> {
  for (const { signal, patienceMs } of endings) {
    if (!child.kill(signal)) return;
    const patience = new AbortController();
    await Promise.race([ended, clock.sleep(patienceMs, patience.signal).catch(() => {})]);
    patience.abort();
  }
}

/** Starts, adopts or refuses: does what `nextMove` says until this node owns a server, or never will. */
import type { Clock, Logger } from '@skein/contracts/runtime';
import { DatabaseError } from '../errors.ts';
import { askForLock, type LockAnswer, type OwnerLock } from '../owner-lock.ts';
import type { SocketTarget } from '../target.ts';
import type { Binaries } from './binaries.ts';
import { nextChange } from './folder-change.ts';
import { nextMove } from './next-move.ts';
import type { Placement } from './placement.ts';
import { clearStaleSocketLock, logFileOf, readPidFile, type StartedServer, spawnServer } from './postmaster.ts';
import { isAlive, isPostmasterOf, killOrphanedBackends } from './process-table.ts';
import { type Watcher, watchOver } from './watcher.ts';

export interface OwnedServer {
  readonly pid: number;
  readonly how: 'started' | 'adopted';
  readonly lock: OwnerLock;
  readonly watcher: Watcher;
}

export interface ServerSite {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly placement: Placement;
  readonly binaries: Binaries;
  readonly settings: readonly string[];
  readonly owner: string;
  readonly target: SocketTarget;
}

/** Look again this soon where no event says so. */
const lookAgainMs = 100;
const readyCheckMs = 250;
/** A server that ends at once is started again ever more slowly: a full disk does not empty in a millisecond. */
const firstRetryMs = 25;
const longestRetryMs = 2_000;

/** Rejects with FOLDER_IN_USE, or with the signal's reason. */
export async function bringUp(site: ServerSite, signal: AbortSignal): Promise<OwnedServer> {
  const { clock, logger, placement, target, owner } = site;
  const folder = placement.clusterFolder;
  let child: GuardedServer | undefined;
  let failures = 0;
  try {
    for (;;) {
      signal.throwIfAborted();
      const answer = await askForLock(target, { key: 'embedded', owner, fenceOthers: true });
      if (signal.aborted) await letGo(answer);
      signal.throwIfAborted();
      const move = nextMove({ answer, ownChildRuns: child?.server.isRunning() ?? false, pidFile: await sight(folder) });
      if (move.do === 'refuse') throw inUse(placement, move.owner);
      if (move.do === 'own' && answer.status === 'taken') {
        const owned = ownServer(site, answer.lock, child);
        if (owned) {
          child = undefined;
          return owned;
        }
        await answer.lock.release();
      }
      if (move.do !== 'spawn') {
        await nextChange(clock, folder, { atMostMs: lookAgainMs, ended: child?.server.ended, signal });
        continue;
      }
      await clearStaleSocketLock(placement);
      void child?.watcher?.dismiss();
      child = spawnGuarded(site, move.strangerPid);
      await untilReady(site, child.server, signal);
      if (child.server.isRunning()) continue;
      void child.watcher?.dismiss();
      if (child.server.logText().includes('pre-existing shared memory block'))
        logger.warn('ended backends that outlived their server', { pids: killOrphanedBackends(folder) });
      child = undefined;
      const retryMs = Math.min(longestRetryMs, firstRetryMs * 2 ** failures++);
      logger.debug('the embedded server ended while starting', { folder, failures, retryMs });
      await nextChange(clock, folder, { atMostMs: retryMs, signal });
    }
  } catch (cause) {
    // Refused: what we started is the owner's now. Given up: it is nobody's, and must not stay.
    if (!isInUse(cause)) await child?.server.end(clock);
    void child?.watcher?.dismiss();
    throw cause;
  }
}

interface GuardedServer {
  readonly server: StartedServer;
  readonly watcher: Watcher | undefined;
}

function spawnGuarded({ placement, binaries, settings }: ServerSite, strangerPid: number | undefined): GuardedServer {
  const server = spawnServer(placement, binaries, { settings, strangerPid });
  // In the same breath, so that a node killed here leaves no server behind.
  return { server, watcher: server.pid === undefined ? undefined : watchOver(server.pid, placement.uid) };
}

async function untilReady({ clock, placement }: ServerSite, server: StartedServer, signal: AbortSignal): Promise<void> {
  const folder = placement.clusterFolder;
  while (server.isRunning()) {
    const pidFile = readPidFile(folder);
    if (pidFile?.pid === server.pid && pidFile?.state === 'ready') return;
    await nextChange(clock, folder, { atMostMs: readyCheckMs, ended: server.ended, signal });
  }
}

/** Undefined when the server took its pid file down between the answer and now: it is ending. */
function ownServer(site: ServerSite, lock: OwnerLock, child: GuardedServer | undefined): OwnedServer | undefined {
  const pid = readPidFile(site.placement.clusterFolder)?.pid;
  if (pid === undefined) return undefined;
  if (child?.server.pid === pid && child.watcher) return { pid, how: 'started', lock, watcher: child.watcher };
  void child?.watcher?.dismiss();
  return { pid, how: 'adopted', lock, watcher: watchOver(pid, site.placement.uid) };
}

async function sight(folder: string) {
  const pid = readPidFile(folder)?.pid;
  if (pid === undefined || !isAlive(pid)) return { names: 'nothing' } as const;
  return (await isPostmasterOf(pid, folder)) ? ({ names: 'server' } as const) : ({ names: 'stranger', pid } as const);
}

async function letGo(answer: LockAnswer): Promise<void> {
  if (answer.status === 'taken') await answer.lock.release();
}

function inUse(placement: Placement, owner: string): DatabaseError {
  return new DatabaseError(
    'FOLDER_IN_USE',
    `The data folder ${placement.baseFolder} is in use by ${owner}. Stop that node first, or choose another data folder.`,
    { owner },
  );
}

export const isInUse = (cause: unknown) => cause instanceof DatabaseError && cause.code === 'FOLDER_IN_USE';

export function startTimeout(placement: Placement, deadlineMs: number): DatabaseError {
  return new DatabaseError(
    'START_TIMEOUT',
    `The embedded PostgreSQL was not ready within ${deadlineMs} ms. Its log says why: ${logFileOf(placement)}`,
  );
}

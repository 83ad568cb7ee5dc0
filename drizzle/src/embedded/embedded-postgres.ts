/**
 * A PostgreSQL of the node's own: a child process in its data folder, for this node alone, that comes back by itself
 * when it is killed and ends when its node does.
 *
 *   starting → owned → (its lock lost) recovering → owned …, or lost for good
 *   any → stopped
 */
import { realpathSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { type Clock, deadlineSignal, type Logger, silentLogger, systemClock } from '@skein/contracts/runtime';
import { DatabaseError } from '../errors.ts';
import type { SocketTarget } from '../target.ts';
import { locateBinaries, type Platform } from './binaries.ts';
import { bringUp, isInUse, type OwnedServer, type ServerSite, startTimeout } from './bring-up.ts';
import { nodeSettings, socketPort } from './flags.ts';
import { ensureCluster } from './initdb.ts';
import { place } from './placement.ts';
import { endServer } from './postmaster.ts';
import { isPostmasterOf } from './process-table.ts';
import { makeRunnable } from './runnable.ts';

/** A PostgreSQL that runs for this node alone. */
export interface EmbeddedPostgres extends AsyncDisposable {
  /** Usable with `connect()`; stays the same when the server comes back. */
  readonly connection: SocketTarget;
  /** The server's process, which changes when it had to be started again. */
  readonly pid: number;
  /** Whether this node started the server, or found it running without an owner. */
  readonly how: 'started' | 'adopted';
  /** Ends the server. End the pools on it first. May be called twice. */
  stop(): Promise<void>;
}

/** Where the server keeps its data, and who owns it. */
export interface EmbeddedPostgresOptions {
  /** On a local disk; made where it does not exist. One folder is one server of one node. */
  dataDir: string;
  /** Shown to whoever is refused: `node worker-1 pid 123`. At most 63 bytes of it. */
  owner: string;
  /** @default says nothing */
  logger?: Logger;
  /** @default the system's */
  clock?: Clock;
  /** How long a start may take, in milliseconds; creating the cluster (about a second) is not part of it. @default 30_000 */
  deadlineMs?: number;
  /** How long a killed server may take to come back before it is given up, in milliseconds. @default 300_000 */
  recoverWithinMs?: number;
  /** The server is another's, or did not come back: this node has no database any more and should end. Called once. */
  onLost?: (cause: DatabaseError) => void;
  /** As root: the user to run the server as, where no cluster says so already. @default 65534 */
  postgresUid?: number;
}

/** What tests set and nodes do not. */
interface InnerOptions extends EmbeddedPostgresOptions {
  settings?: readonly string[];
  platform?: Platform;
}

/**
 * Starts the server in its folder, or adopts one that runs there without an owner. Rejects with a DatabaseError,
 * whose code says why.
 */
export function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  return startServer(options);
}

export async function startServer(options: InnerOptions): Promise<EmbeddedPostgres> {
  const { clock = systemClock, deadlineMs = 30_000 } = options;
  const site = await prepareSite(options, clock);
  const deadline = deadlineSignal(clock, deadlineMs, () => startTimeout(site.placement, deadlineMs));
  try {
    return supervise(site, await bringUp(site, deadline.signal), options);
  } finally {
    deadline.clear();
  }
}

async function prepareSite(options: InnerOptions, clock: Clock): Promise<ServerSite> {
  const { dataDir, owner, logger = silentLogger, postgresUid, settings = nodeSettings, platform } = options;
  const placement = await place(resolve(dataDir), { postgresUid });
  const { baseFolder } = placement;
  if (baseFolder !== realpathSync(dataDir))
    logger.warn('the database lies outside the data folder', { dataDir, baseFolder });
  const located = locateBinaries(join(baseFolder, 'pglib'), platform);
  const binaries = await makeRunnable(located, baseFolder, placement.uid);
  await ensureCluster(clock, placement, binaries);
  const target = { host: placement.socketFolder, port: socketPort, user: 'skein', database: 'postgres' };
  return { clock, logger, placement, binaries, settings, owner, target };
}

/** A stop lets a recovery finish, so that what comes up is ended too; but not for longer than this. */
const stopPatienceMs = 3_000;

function supervise(site: ServerSite, first: OwnedServer, options: InnerOptions): EmbeddedPostgres {
  const { clock, logger, placement } = site;
  const { recoverWithinMs = 300_000, onLost } = options;
  const impatience = new AbortController();
  let stopping = false;
  let owned: OwnedServer | undefined = first;
  let recovering: Promise<OwnedServer | undefined> = Promise.resolve(first);
  let pid = first.pid;

  /** Ends when the server is stopped, or lost for good. */
  const supervision = (async () => {
    while (owned) {
      await owned.lock.lost;
      if (stopping) return;
      recovering = recover(owned);
      owned = undefined;
      owned = await recovering;
      pid = owned?.pid ?? pid;
    }
  })();

  /** Meanwhile callers' statements fail: every session from before is gone. */
  async function recover(before: OwnedServer): Promise<OwnedServer | undefined> {
    logger.warn('the embedded server was lost', { pid: before.pid });
    // A crashed backend takes the lock with it but not the server, which must not lose its watcher.
    const survived = await isPostmasterOf(before.pid, placement.clusterFolder);
    if (!survived) void before.watcher.dismiss();
    const timeout = () => startTimeout(placement, recoverWithinMs);
    const deadline = deadlineSignal(clock, recoverWithinMs, timeout, impatience.signal);
    try {
      const server = await bringUp(site, deadline.signal);
      logger.info('the embedded server is back', { pid: server.pid, how: server.how });
      return server;
    } catch (cause) {
      if (survived && !isInUse(cause)) await endServer(clock, placement.clusterFolder, before.pid);
      if (!stopping) giveUp(cause);
      return undefined;
    } finally {
      deadline.clear();
      void before.watcher.dismiss();
    }
  }

  function giveUp(cause: unknown): void {
    const reason =
      cause instanceof DatabaseError
        ? cause
        : new DatabaseError('UNREACHABLE', 'The embedded server could not be brought back.', { cause });
    logger.error('the embedded server was lost for good', { code: reason.code, reason: reason.message });
    try {
      onLost?.(reason);
    } catch (thrown) {
      logger.error('a listener failed', { thrown });
    }
  }

  async function end(): Promise<void> {
    stopping = true;
    const patience = new AbortController();
    clock.sleep(stopPatienceMs, patience.signal).then(
      () => impatience.abort(new DatabaseError('STOPPED', 'The embedded server was stopped.')),
      () => {}, // the recovery was quicker, or there was none
    );
    const last = owned ?? (await recovering);
    patience.abort();
    if (!last) return;
    await endServer(clock, placement.clusterFolder, last.pid);
    await last.watcher.dismiss();
    await last.lock.release();
    await supervision;
  }

  let ended: Promise<void> | undefined;
  const stop = () => {
    ended ??= end();
    return ended;
  };
  return {
    connection: site.target,
    get pid() {
      return pid;
    },
    how: first.how,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

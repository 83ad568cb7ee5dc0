/**
 * Who owns a database, or a place in it: whoever's session holds an advisory lock. PostgreSQL lets go of it when that
 * session ends, for whatever reason, so there is no stale lock and nothing to clean up. Being the server's parent, or
 * having written some file, means nothing.
 */
import { createHash } from 'node:crypto';
import { codeOf } from './errors.ts';
import { type DatabaseTarget, openClient } from './target.ts';

export interface OwnerLock {
  readonly session: LockSession;
  /** Resolves when the session has ended, which is when the lock is gone. Never rejects. */
  readonly lost: Promise<void>;
  release(): Promise<void>;
}

/** A session on the server; the pid alone may be given to another one later. */
export interface LockSession {
  readonly backendPid: number;
  readonly startedAt: string;
}

export type LockAnswer =
  | { readonly status: 'taken'; readonly lock: OwnerLock }
  | { readonly status: 'held'; readonly by: string; readonly session: LockSession }
  /** The server is coming up or going down, or the holder went while we asked: ask again. */
  | { readonly status: 'busy'; readonly cause?: unknown }
  | { readonly status: 'silent'; readonly cause: unknown };

interface LockRequest {
  /** What is locked. */
  key: string;
  /** Shown to whoever is refused. PostgreSQL keeps 63 bytes of it. */
  owner: string;
  /** Ends every other session of the server once the lock is ours: they belong to a former owner. */
  fenceOthers?: boolean;
  /** Asks the server to notice within half a minute that we are gone from the network. */
  keepAlive?: boolean;
}

const connectTimeoutMs = 5_000;

export async function askForLock(target: DatabaseTarget, request: LockRequest): Promise<LockAnswer> {
  const { owner, fenceOthers = false, keepAlive = false } = request;
  const key = lockKey(request.key);
  let open = true;
  let onClose = () => {};
  const lost = new Promise<void>((resolve) => {
    onClose = resolve;
  });
  const sql = openClient(target, {
    maxConnections: 1,
    applicationName: owner,
    connectTimeoutMs,
    renewConnections: false, // a second session would not hold the lock
    onClose: () => {
      open = false;
      onClose();
    },
  });
  const hangUp = () => sql.end({ timeout: 0 }).catch(() => {}); // the server forgets the session either way
  try {
    if (keepAlive) {
      await sql`select set_config('tcp_keepalives_idle', '10', false), set_config('tcp_keepalives_interval', '5', false),
        set_config('tcp_keepalives_count', '3', false)`;
    }
    const [mine] = await sql<(LockSession & { taken: boolean })[]>`
      select pg_try_advisory_lock(${key}::bigint) as taken, pid as "backendPid", backend_start::text as "startedAt"
      from pg_stat_activity where pid = pg_backend_pid()`;
    if (mine?.taken) {
      if (fenceOthers)
        await sql`select pg_terminate_backend(pid, 5000) from pg_stat_activity
          where backend_type = 'client backend' and pid <> pg_backend_pid()`;
      if (!open) return { status: 'busy' };
      const { backendPid, startedAt } = mine;
      return { status: 'taken', lock: { session: { backendPid, startedAt }, lost, release: hangUp } };
    }
    const [holder] = await sql<(LockSession & { name: string | null })[]>`
      select a.application_name as name, a.pid as "backendPid", a.backend_start::text as "startedAt"
      from pg_locks l join pg_stat_activity a using (pid)
      where l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and l.database = (select oid from pg_database where datname = current_database())
        and (l.classid::bigint << 32) | l.objid::bigint = ${key}::bigint`;
    await hangUp();
    if (!holder) return { status: 'busy' };
    const { name, backendPid, startedAt } = holder;
    return { status: 'held', by: name || 'another process', session: { backendPid, startedAt } };
  } catch (cause) {
    await hangUp();
    if (isBusy(cause)) return { status: 'busy', cause };
    if (isSilence(cause)) return { status: 'silent', cause };
    throw cause;
  }
}

/** A key of any text as the 64 bits that PostgreSQL locks by. */
export function lockKey(text: string): string {
  return createHash('sha256').update(`skein:${text}`).digest().readBigInt64BE().toString();
}

/** admin_shutdown, crash_shutdown, cannot_connect_now, too_many_connections: it will answer, but not now. */
const busyCodes: readonly string[] = ['57P01', '57P02', '57P03', '53300'];

const silenceCodes: readonly string[] = [
  ...[
    'ENOENT',
    'ECONNREFUSED',
    'ECONNRESET',
    'EPIPE',
    'ETIMEDOUT',
    'EHOSTUNREACH',
    'ENETUNREACH',
    'ENOTFOUND',
    'EAI_AGAIN',
  ],
  ...['CONNECT_TIMEOUT', 'CONNECTION_CLOSED', 'CONNECTION_ENDED', 'CONNECTION_DESTROYED'],
];

export const isBusy = (cause: unknown) => busyCodes.includes(codeOf(cause) ?? '');
export const isSilence = (cause: unknown) => silenceCodes.includes(codeOf(cause) ?? '');

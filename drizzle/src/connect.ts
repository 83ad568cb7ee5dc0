/** Opens a pool on a database, and looks at what it opened: a server that may lose what it acknowledged is refused. */
import { type Logger, silentLogger } from '@skein/contracts/runtime';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import { codeOf, DatabaseError } from './errors.ts';
import { isBusy, isSilence } from './owner-lock.ts';
import { type DatabaseTarget, describeTarget, openClient, type Sql } from './target.ts';

/** A pool of connections to one database. */
export interface Database extends AsyncDisposable {
  readonly target: DatabaseTarget;
  /** The pool, for hand-written statements. Connections come back by themselves; statements under way fail. */
  readonly sql: Sql;
  /** The same pool through drizzle, for tables and plain reads. */
  readonly orm: PostgresJsDatabase;
  /** Waits up to five seconds for statements under way, then closes. May be called twice. */
  end(): Promise<void>;
}

/** Who connects, and how patiently. */
export interface ConnectOptions {
  /** Shown in pg_stat_activity. */
  applicationName: string;
  /** @default 8 */
  maxConnections?: number;
  /** How long making one connection may take, in milliseconds. @default 10_000 */
  connectTimeoutMs?: number;
  /** How long the server gives a statement, and a transaction between two, in milliseconds. @default 10_000 */
  statementTimeoutMs?: number;
  /** Takes a server with fsync or synchronous_commit off: for one that a test throws away. @default false */
  allowUnsafe?: boolean;
  /** Told what the server remarks. @default says nothing */
  logger?: Logger;
}

const endPatienceSeconds = 5;
const oldestMajorVersion = 15;

/**
 * Opens a pool and looks at the server. Errors: DatabaseError UNREACHABLE, ACCESS_REFUSED, SERVER_TOO_OLD (below 15),
 * FSYNC_OFF.
 */
export async function connect(target: DatabaseTarget, options: ConnectOptions): Promise<Database> {
  const { applicationName, maxConnections = 8, connectTimeoutMs = 10_000, allowUnsafe = false } = options;
  const { statementTimeoutMs = 10_000, logger = silentLogger } = options;
  const sql = openChecked(target, {
    maxConnections,
    applicationName,
    connectTimeoutMs,
    statementTimeoutMs,
    onNotice: ({ severity, message }) => logger.debug('the database remarked', { severity, message }),
  });
  try {
    const problem = problemWith(await readServerFacts(sql), allowUnsafe);
    if (problem) throw problem;
  } catch (cause) {
    await sql.end({ timeout: 0 });
    throw asDatabaseError(target, cause);
  }
  const end = () => sql.end({ timeout: endPatienceSeconds });
  return { target, sql, orm: drizzle(sql), end, [Symbol.asyncDispose]: end };
}

function openChecked(...[target, options]: Parameters<typeof openClient>): Sql {
  try {
    return openClient(target, options);
  } catch (cause) {
    throw new DatabaseError(
      'UNREACHABLE',
      'DATABASE_URL is not an address. Write postgres://user:password@host:5432/database.',
      {
        cause,
      },
    );
  }
}

export interface ServerFacts {
  /** `180004` for 18.4. */
  readonly versionNumber: number;
  readonly fsync: string;
  readonly synchronousCommit: string;
}

async function readServerFacts(sql: Sql): Promise<ServerFacts> {
  const [facts] = await sql<ServerFacts[]>`
    select current_setting('server_version_num')::int as "versionNumber", current_setting('fsync') as fsync,
      current_setting('synchronous_commit') as "synchronousCommit"`;
  if (!facts) throw new DatabaseError('UNREACHABLE', 'The server answered a question about itself with nothing.');
  return facts;
}

/** Why this server must not be used, if it must not. */
export function problemWith(facts: ServerFacts, allowUnsafe: boolean): DatabaseError | undefined {
  const major = Math.floor(facts.versionNumber / 10_000);
  if (major < oldestMajorVersion)
    return new DatabaseError(
      'SERVER_TOO_OLD',
      `The server is PostgreSQL ${major}. Skein needs ${oldestMajorVersion} or later.`,
    );
  if (allowUnsafe) return undefined;
  // `local` and the stronger ones wait for this server's own disk, which is what an acknowledgement promises.
  const off = [
    ...(facts.fsync === 'off' ? ['fsync'] : []),
    ...(facts.synchronousCommit === 'off' ? ['synchronous_commit'] : []),
  ];
  if (off.length === 0) return undefined;
  return new DatabaseError(
    'FSYNC_OFF',
    `The server runs with ${off.join(' and ')} off, so a crash would lose directives that were acknowledged. ` +
      `Turn ${off.length > 1 ? 'them' : 'it'} on in postgresql.conf (or for this role and database), and start again.`,
  );
}

/** Says what a driver's error means for whoever set the address. The password is never part of it. */
export function asDatabaseError(target: DatabaseTarget, cause: unknown): DatabaseError {
  if (cause instanceof DatabaseError) return cause;
  const code = codeOf(cause) ?? '';
  const where = describeTarget(target);
  const said = cause instanceof Error && cause.message ? cause.message : code;
  if (isSilence(cause) || isBusy(cause) || code === 'EACCES')
    return new DatabaseError(
      'UNREACHABLE',
      `No PostgreSQL answers at ${where} (${code}). Is it running, and is DATABASE_URL right?`,
      { cause },
    );
  if (code === '53300')
    return new DatabaseError('UNREACHABLE', `${where} has no connection left (${said}). Raise max_connections.`, {
      cause,
    });
  // 28xxx: wrong user or password. 3D000: no such database. 42501: not allowed.
  if (code.startsWith('28') || code === '3D000' || code === '42501')
    return new DatabaseError('ACCESS_REFUSED', `${where} refuses: ${said}. Check DATABASE_URL.`, { cause });
  return new DatabaseError(
    'UNREACHABLE',
    `${where} could not be used: ${said || 'what answers there is not PostgreSQL'}. Check DATABASE_URL.`,
    { cause },
  );
}

/** Brings a database's schema up to date. Forward only; any number of nodes may do it at once, and one of them does. */
import { fileURLToPath } from 'node:url';
import { drizzle } from 'drizzle-orm/postgres-js';
import { migrate as applyMigrations } from 'drizzle-orm/postgres-js/migrator';
import type { Database } from './connect.ts';
import { codeOf, DatabaseError } from './errors.ts';
import { lockKey } from './owner-lock.ts';
import { describeTarget, openClient } from './target.ts';

/** Which migrations, and how long to wait for a turn. */
export interface MigrateOptions {
  /** @default the package's own */
  migrationsFolder?: string;
  /** How long to wait for another node that is migrating, in milliseconds. @default 120_000 */
  waitMs?: number;
}

/** The same from src/ and from dist/. */
const ownMigrations = fileURLToPath(new URL('../migrations', import.meta.url));

/** Applies what is missing, under a lock. Errors: DatabaseError MIGRATION_FAILED. */
export async function migrate(database: Pick<Database, 'target'>, options: MigrateOptions = {}): Promise<void> {
  const { migrationsFolder = ownMigrations, waitMs = 120_000 } = options;
  // drizzle takes no lock. One connection holds it and migrates, so that losing the one is losing the other.
  const sql = openClient(database.target, {
    maxConnections: 1,
    applicationName: 'skein migrate',
    connectTimeoutMs: 10_000,
    renewConnections: false,
  });
  try {
    await sql`select set_config('lock_timeout', ${String(waitMs)}, false)`;
    await sql`select pg_advisory_lock(${lockKey('migrate')}::bigint)`;
    await sql`select set_config('lock_timeout', '0', false)`;
    await applyMigrations(drizzle(sql), { migrationsFolder });
  } catch (cause) {
    throw migrationFailed(database, waitMs, cause);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

function migrationFailed({ target }: Pick<Database, 'target'>, waitMs: number, cause: unknown): DatabaseError {
  const where = describeTarget(target);
  if (codeOf(cause) === '55P03')
    return new DatabaseError('MIGRATION_FAILED', `Another node has been migrating ${where} for ${waitMs} ms.`, {
      cause,
    });
  // drizzle puts the statement in its own message and the server's in the cause.
  const said = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
  return new DatabaseError('MIGRATION_FAILED', `The schema of ${where} could not be brought up to date: ${said}`, {
    cause,
  });
}

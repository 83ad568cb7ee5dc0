import { lockKey } from '../../owner-lock.ts';
import type { Sql } from '../statement.ts';

/**
 * Lets one transaction at a time change the registry, until it has committed. Revisions are handed out behind it: in the
 * order of commits, so that a reader's cursor never passes one that is still to come. A bare sequence would commit out of
 * order. First in its transaction, so that the statements after it see what the one before has committed.
 */
export async function lockRegistry(sql: Sql): Promise<{ now: number }> {
  const [row] = await sql<{ now: number }[]>`
    select (extract(epoch from skein_now()) * 1000)::double precision as now
    from pg_advisory_xact_lock(${lockKey('registry')}::bigint)`;
  if (!row) throw new Error('a lock without a row'); // select from a function gives one
  return { now: Math.floor(row.now) };
}

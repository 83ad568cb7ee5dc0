import type { NodeId } from '@skein/contracts';
import { lockKey } from '../../owner-lock.ts';
import type { Sql } from '../statement.ts';

/**
 * Lets one transaction at a time account for a node's work, until it has committed: two readings of one run at once
 * would both count what is new in both. First in its transaction, so that the statements after it see what the one before
 * has committed; returns the moment by the database's clock.
 */
export async function lockLedger(sql: Sql, nodeId: NodeId): Promise<number> {
  const [row] = await sql<{ now: number }[]>`
    select floor(extract(epoch from skein_now()) * 1000)::double precision as now
    from pg_advisory_xact_lock(${lockKey(`usage of ${nodeId}`)}::bigint)`;
  if (!row) throw new Error('a lock without a row'); // select from a function gives one
  return row.now;
}

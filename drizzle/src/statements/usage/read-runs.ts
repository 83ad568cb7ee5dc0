import type { NodeId } from '@skein/contracts';
import type { RawRow, Sql } from '../statement.ts';

/** The last readings of these runs. Read behind the ledger's lock: nobody writes them meanwhile. */
export function readLastRuns(sql: Sql, nodeId: NodeId, runIds: readonly string[]) {
  return sql<RawRow[]>`
    select * from usage_runs where node_id = ${nodeId} and run_id = any(${[...runIds]}::text[])`;
}

import type { DatabaseId, NodeId } from '@skein/contracts';
import { MAX_COPIED_SERIES } from '@skein/swarm';
import type { Sql } from '../statement.ts';

/** Of a node's copied series the latest stay: the one that was told now, then those with the latest hours. */
export function dropOlderCopies(sql: Sql, nodeId: NodeId, latest: DatabaseId) {
  return sql`
    delete from usage_hours
    where node_id = ${nodeId} and database_id = any(array(
      select database_id from usage_hours
      where node_id = ${nodeId} and not exists (select from database_identity where id = database_id)
      group by database_id
      order by database_id = ${latest} desc, max(hour) desc, database_id
      offset ${MAX_COPIED_SERIES}::int
    ))`;
}

import type { NodeId } from '@skein/contracts';
import { KEEP_TOMBSTONES_MS } from '@skein/swarm';
import { PURGE_PAGE } from '../purge-page.ts';
import type { Sql } from '../statement.ts';

/** Old tombstones. What is written anew meanwhile is another version of its row, and stays. */
export function purgeTombstones(sql: Sql, nodeId: NodeId) {
  return sql<{ count: number }[]>`
    with old as (
      select ctid from shared_state
      where node_id = ${nodeId} and deleted
        and updated_at <= skein_now() - ${KEEP_TOMBSTONES_MS}::double precision * interval '1 ms'
      limit ${PURGE_PAGE}
    ), gone as (
      delete from shared_state where ctid = any (array(select ctid from old)) and deleted
      returning key
    )
    select count(*)::int as count from gone`;
}

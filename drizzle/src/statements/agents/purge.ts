import type { NodeId } from '@skein/contracts';
import { KEEP_ENDED_AGENTS_MS } from '@skein/swarm';
import { PURGE_PAGE } from '../purge-page.ts';
import type { Sql } from '../statement.ts';

/** What ended long ago by this database's own clock, but for what a spawner was not told and what is still to be announced. */
export function purgeAgents(sql: Sql, nodeId: NodeId) {
  return sql<{ count: number }[]>`
    with old as (
      select ctid from swarm_agents
      where ended_at is not null and changed_at <= skein_now() - ${KEEP_ENDED_AGENTS_MS}::double precision * interval '1 ms'
        and (node_id = ${nodeId} or spawned_by = ${nodeId})
        and (node_id = spawned_by or reported_version >= version)
        and not (spawned_by = ${nodeId} and mode = 'detach' and not announced)
      limit ${PURGE_PAGE}
    ), gone as (
      delete from swarm_agents where ctid = any (array(select ctid from old))
      returning id
    )
    select count(*)::int as count from gone`;
}

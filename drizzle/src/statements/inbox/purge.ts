import type { NodeId } from '@skein/contracts';
import { KEEP_ACKNOWLEDGED_MS, KEEP_UNACKNOWLEDGED_MS } from '@skein/swarm';
import { PURGE_PAGE } from '../purge-page.ts';
import type { Sql } from '../statement.ts';

/** What ended long ago, with its trail. A deadline is never before the arrival, whose index finds the old ones. */
export function purgeInbox(sql: Sql, targetNodeId: NodeId) {
  return sql<{ count: number }[]>`
    with old as (
      select ctid from swarm_directive_inbox
      where target_node_id = ${targetNodeId} and ended_at is not null
        and received_at <= skein_now() - ${KEEP_ACKNOWLEDGED_MS}::double precision * interval '1 ms'
        and deadline_at <= skein_now() - interval '1 ms' * case
          when acknowledged then ${KEEP_ACKNOWLEDGED_MS}::double precision
          else ${KEEP_UNACKNOWLEDGED_MS}::double precision
        end
      limit ${PURGE_PAGE}
    ), gone as (
      delete from swarm_directive_inbox where ctid = any (array(select ctid from old))
      returning source_node_id, id
    ), forgotten as (
      delete from swarm_directive_events e
      using gone
      where e.side = 'inbox' and e.source_node_id = gone.source_node_id and e.directive_id = gone.id
    )
    select count(*)::int as count from gone`;
}

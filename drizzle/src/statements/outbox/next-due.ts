import type { NodeId } from '@skein/contracts';
import type { Sql } from '../statement.ts';

/**
 * When the next row wants something. Each part walks an index from its near end: a row that is due now answers without a
 * look at the rest.
 */
export function nextDue(sql: Sql, sourceNodeId: NodeId) {
  return sql<{ inMs: number | null }[]>`
    select case
      when exists (
        select from swarm_directives
        where source_node_id = ${sourceNodeId} and state = 'queued' and cancel_requested is null
          and due_at <= skein_now()
      ) then 0
      else greatest(0, ceil(extract(epoch from least(
        (select min(due_at) from swarm_directives
          where source_node_id = ${sourceNodeId} and state = 'queued' and cancel_requested is null),
        (select min(due_at) from swarm_directives
          where source_node_id = ${sourceNodeId} and ended_at is null
            and (state = 'accepted' or cancel_requested is not null)),
        (select min(deadline_at) from swarm_directives
          where source_node_id = ${sourceNodeId} and state in ('queued', 'sending', 'accepted')
            and cancel_requested is null)
      ) - skein_now()) * 1000))
    end::double precision as "inMs"`;
}

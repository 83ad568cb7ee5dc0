import type { NodeId } from '@skein/contracts';
import type { Sql } from '../statement.ts';

/**
 * When the next row wants something. Each part walks an index from its near end: a row that is due now answers without a
 * look at the rest.
 */
export function nextDue(sql: Sql, sourceNodeId: NodeId) {
  return sql<{ inMs: number | null }[]>`
    with now_due as (
      select from swarm_directives
      where source_node_id = ${sourceNodeId} and state = 'queued' and cancel_requested is null
        and due_at <= skein_now()
      limit 1
    ), next as (
      select least(
        (select min(due_at) from swarm_directives
          where source_node_id = ${sourceNodeId} and state = 'queued' and cancel_requested is null),
        (select min(due_at) from swarm_directives
          where source_node_id = ${sourceNodeId} and ended_at is null
            and (state = 'accepted' or cancel_requested is not null)),
        (select min(due_at) from swarm_directives
          where source_node_id = ${sourceNodeId} and ended_at is not null and not acknowledged and state = 'unknown'),
        (select min(deadline_at) from swarm_directives
          where source_node_id = ${sourceNodeId} and state in ('queued', 'sending', 'accepted')
            and cancel_requested is null)
      ) as at
      where not exists (select from now_due)
    )
    select case
      when exists (select from now_due) then 0
      else (select greatest(0, ceil(extract(epoch from at - skein_now()) * 1000)) from next where at is not null)
    end::double precision as "inMs"`;
}

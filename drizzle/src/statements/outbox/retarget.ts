import type { DirectiveId, NodeId, Placement } from '@skein/contracts';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/**
 * queued → queued, for another receiver: only where the first one cannot have it. A claim that was first is waited for,
 * and what it made of the row is asked again.
 */
export function retarget(
  sql: Sql,
  sourceNodeId: NodeId,
  id: DirectiveId,
  { targetNodeId, placement }: { targetNodeId: NodeId; placement: Placement },
) {
  return sql<RawRow[]>`
    with moved as (
      update swarm_directives
      set target_node_id = ${targetNodeId}, placement = ${jsonText(placement)}::json, due_at = skein_now()
      where source_node_id = ${sourceNodeId} and id = ${id} and state = 'queued' and not attempt_open
      returning *
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'outbox', source_node_id, id, skein_now(), state, state, 'moved' from moved
    )
    select * from moved`;
}

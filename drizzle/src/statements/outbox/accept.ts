import type { DatabaseId, DirectiveId, NodeId } from '@skein/contracts';
import type { Sql } from '../statement.ts';

/** queued or sending → accepted. The row is locked first, so that the event tells the state that it really left. */
export function accept(
  sql: Sql,
  sourceNodeId: NodeId,
  id: DirectiveId,
  { taskId, databaseId, pollDelayMs }: { taskId: string; databaseId: DatabaseId | null; pollDelayMs: number },
) {
  return sql`
    with before as (
      select source_node_id, id, state from swarm_directives
      where source_node_id = ${sourceNodeId} and id = ${id} and state in ('queued', 'sending')
      for update
    ), accepted as (
      update swarm_directives d
      set state = 'accepted', task_id = ${taskId}, peer_database_id = ${databaseId},
        due_at = skein_now() + interval '1 ms' * case
          when d.cancel_requested is not null then 0
          else ${pollDelayMs}::double precision
        end
      from before
      where d.source_node_id = before.source_node_id and d.id = before.id
      returning d.source_node_id, d.id, before.state as from_state
    )
    insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state)
    select 'outbox', source_node_id, id, skein_now(), from_state, 'accepted' from accepted`;
}

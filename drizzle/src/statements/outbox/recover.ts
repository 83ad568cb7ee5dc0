import type { NodeId } from '@skein/contracts';
import type { Sql } from '../statement.ts';

/** What an earlier life had in its hands: sends whose outcome nobody heard, and directives that the receiver has. */
export function recover(sql: Sql, sourceNodeId: NodeId) {
  return sql<{ count: number }[]>`
    with before as (
      select source_node_id, id, state from swarm_directives
      where source_node_id = ${sourceNodeId} and state in ('sending', 'accepted') for update
    ), back as (
      update swarm_directives d
      set state = case d.state when 'sending' then 'queued' else d.state end,
        attempt_open = d.attempt_open or d.state = 'sending',
        due_at = skein_now()
      from before
      where d.source_node_id = before.source_node_id and d.id = before.id
      returning d.source_node_id, d.id, before.state as from_state
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'outbox', source_node_id, id, skein_now(), 'sending', 'queued', 'sender_restarted'
      from back where from_state = 'sending'
    )
    select count(*)::int as count from back`;
}

import type { DirectiveId, NodeId } from '@skein/contracts';
import type { Sql } from '../statement.ts';

/** Sends that nobody carries out any more, though their process lives: the outcome of each is open. */
export function requeueLost(sql: Sql, sourceNodeId: NodeId, inHand: readonly DirectiveId[]) {
  return sql<{ count: number }[]>`
    with back as (
      update swarm_directives
      set state = 'queued', attempt_open = true, due_at = skein_now()
      where source_node_id = ${sourceNodeId} and state = 'sending' and not id = any(${[...inHand]}::text[])
      returning source_node_id, id
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'outbox', source_node_id, id, skein_now(), 'sending', 'queued', 'attempt_lost' from back
    )
    select count(*)::int as count from back`;
}

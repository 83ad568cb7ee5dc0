import type { DirectiveResult, NodeId } from '@skein/contracts';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/** Waiting past its deadline → timed_out, never started. What a worker holds is left to it until its lease lapses. */
export function expire(sql: Sql, targetNodeId: NodeId, result: DirectiveResult) {
  return sql<RawRow[]>`
    with before as (
      select source_node_id, id, state from swarm_directive_inbox
      where target_node_id = ${targetNodeId} and deadline_at <= skein_now()
        and state in ('received', 'awaiting_approval', 'leased')
        and (state <> 'leased' or lease_expires_at <= skein_now())
      for update skip locked  -- whoever holds it is writing it: the next sweep looks again
    ), expired as (
      update swarm_directive_inbox d
      set state = ${result.status}, result = ${jsonText(result)}::json, ended_at = skein_now(), epoch = d.epoch + 1,
        leased_by = null, lease_expires_at = null
      from before
      where d.source_node_id = before.source_node_id and d.id = before.id
      returning d.*, before.state as from_state
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'inbox', source_node_id, id, ended_at, from_state, state, ${result.error?.reason ?? null}::text
      from expired
    )
    select * from expired order by received_at, seq`;
}

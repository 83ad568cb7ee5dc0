import type { DirectiveResult, NodeId } from '@skein/contracts';
import type { InboxKey } from '@skein/swarm';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/**
 * The sender wants it ended. Nothing there: a tombstone, so that a late send is dead. Not in anybody's hands: it ends. Held:
 * nothing is written, because its worker must kill first. No row at all comes back where the directive arrived while this
 * waited for it: then it is there to be ended.
 */
export function cancel(
  sql: Sql,
  { sourceNodeId, id }: InboxKey,
  { targetNodeId, rowId }: { targetNodeId: NodeId; rowId: string },
  result: DirectiveResult,
) {
  return sql<RawRow[]>`
    with tombstone as (
      insert into swarm_directive_inbox (
        source_node_id, id, row_id, target_node_id, priority, effect, state, epoch, starts, received_at, deadline_at,
        ended_at, result, acknowledged
      )
      values (
        ${sourceNodeId}, ${id}, ${rowId}, ${targetNodeId}, 'normal', 'amo', ${result.status}, 0, 0, skein_now(),
        skein_now(), skein_now(), ${jsonText(result)}::json, false
      )
      on conflict (source_node_id, id) do nothing
      returning *
    ), before as (
      select * from swarm_directive_inbox where source_node_id = ${sourceNodeId} and id = ${id} for update
    ), ended as (
      update swarm_directive_inbox d
      set state = ${result.status}, result = ${jsonText(result)}::json, ended_at = skein_now(), epoch = d.epoch + 1
      from before
      where d.source_node_id = before.source_node_id and d.id = before.id
        and before.state in ('received', 'awaiting_approval')
      returning d.*, before.state as from_state
    ), dead as (
      select tombstone.*, null as from_state from tombstone
      union all
      select * from ended
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'inbox', source_node_id, id, ended_at, from_state, state, ${result.error?.reason ?? null}::text from dead
    )
    select true as ended, dead.* from dead
    union all
    select false, before.*, null from before where not exists (select from dead)`;
}

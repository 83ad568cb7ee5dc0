import type { DirectiveId, DirectiveResult, NodeId } from '@skein/contracts';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/** What nobody may have yet ends here and now; for anything else the wish is noted. Locked first, as in `settle`. */
export function requestCancel(sql: Sql, sourceNodeId: NodeId, id: DirectiveId, cancelled: DirectiveResult) {
  return sql<RawRow[]>`
    with before as (
      select *, state = 'queued' and not attempt_open as unsent
      from swarm_directives where source_node_id = ${sourceNodeId} and id = ${id} for update
    ), asked as (
      update swarm_directives d
      set cancel_requested = coalesce(d.cancel_requested, 'caller'),
        due_at = skein_now(),
        state = case when before.unsent then ${cancelled.status} else d.state end,
        result = case when before.unsent then ${jsonText(cancelled)}::json else d.result end,
        ended_at = case when before.unsent then skein_now() else d.ended_at end,
        acknowledged = before.unsent
      from before
      where d.source_node_id = before.source_node_id and d.id = before.id and before.ended_at is null
      returning d.*, before.unsent
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'outbox', source_node_id, id, ended_at, 'queued', state, ${cancelled.error?.reason ?? null}::text
      from asked where unsent
    )
    select case when asked.unsent then 'settled' else 'requested' end as outcome, asked.* from asked
    union all
    select 'already_final', before.* from before where not exists (select from asked)`;
}

import type { DirectiveId, DirectiveResult, NodeId } from '@skein/contracts';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/**
 * any → final. The row is locked first: of two settlements at once one wins, and the other reads what the first wrote.
 * Finals never change, but for `unknown`, which evidence may replace. What was never sent needs no acknowledgement.
 */
export function settle(sql: Sql, sourceNodeId: NodeId, id: DirectiveId, result: DirectiveResult, nothingOwed: boolean) {
  return sql<RawRow[]>`
    with before as (
      select * from swarm_directives where source_node_id = ${sourceNodeId} and id = ${id} for update
    ), settled as (
      update swarm_directives d
      set state = ${result.status}, result = ${jsonText(result)}::json, ended_at = skein_now(),
        acknowledged = d.attempts = 0 or ${nothingOwed}::boolean
      from before
      where d.source_node_id = before.source_node_id and d.id = before.id
        and (before.ended_at is null or (before.state = 'unknown' and ${result.status}::text <> 'unknown'))
      returning d.*, before.state as from_state
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'outbox', source_node_id, id, ended_at, from_state, state, ${result.error?.reason ?? null}::text
      from settled
    )
    select 'settled' as outcome, settled.* from settled
    union all
    select 'already_final', before.*, null from before where not exists (select from settled)`;
}

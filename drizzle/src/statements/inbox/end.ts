import type { DirectiveResult } from '@skein/contracts';
import type { InboxKey } from '@skein/swarm';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/**
 * leased or running → an end by force. Epoch + 1 fences whoever still believes that it holds the row. What never ran
 * cannot have been interrupted. Locked first, so that the event tells the state that it really left.
 */
export function end(sql: Sql, { sourceNodeId, id }: InboxKey, epoch: number, result: DirectiveResult) {
  return sql<RawRow[]>`
    with before as (
      select source_node_id, id, state from swarm_directive_inbox
      where source_node_id = ${sourceNodeId} and id = ${id} and epoch = ${epoch}
        and (state = 'running' or (state = 'leased' and ${result.status}::text <> 'interrupted'))
      for update
    ), ended as (
      update swarm_directive_inbox d
      set state = ${result.status}, result = ${jsonText(result)}::json, ended_at = skein_now(), epoch = d.epoch + 1,
        leased_by = null, lease_expires_at = null
      from before
      where d.source_node_id = before.source_node_id and d.id = before.id
      returning d.*, before.state as from_state
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'inbox', source_node_id, id, ended_at, from_state, state, ${result.error?.reason ?? null}::text from ended
    )
    select * from ended`;
}

import type { DirectiveResult } from '@skein/contracts';
import type { Arrival } from '@skein/swarm';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/**
 * absent → received, or born with its end. The primary key decides who came first. No row at all comes back where another
 * arrival of the same directive committed while this one waited for it: then it is there to be found.
 */
export function admit(sql: Sql, arrival: Arrival, end: DirectiveResult | null) {
  const { rowId, sourceNodeId, id, targetNodeId, order, payloadHash, priority, effect } = arrival;
  const remainingMs = Math.max(0, arrival.remainingMs);
  return sql<RawRow[]>`
    with admitted as (
      insert into swarm_directive_inbox (
        source_node_id, id, row_id, target_node_id, kind, payload, payload_hash, priority, effect, parent_directive_id,
        state, epoch, starts, received_at, deadline_at, ended_at, result, acknowledged
      )
      values (
        ${sourceNodeId}, ${id}, ${rowId}, ${targetNodeId}, ${order.kind}, ${jsonText(order.payload)}::json,
        ${payloadHash}, ${priority}, ${effect}, ${arrival.parentDirectiveId}, ${end?.status ?? 'received'}, 0, 0,
        skein_now(), skein_now() + ${remainingMs}::double precision * interval '1 ms',
        case when ${end !== null}::boolean then skein_now() end, ${jsonText(end)}::json, false
      )
      on conflict (source_node_id, id) do nothing
      returning *
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'inbox', source_node_id, id, received_at, null, state, ${end?.error?.reason ?? null}::text from admitted
    )
    select true as fresh, admitted.* from admitted
    union all
    select false, i.* from swarm_directive_inbox i
    where i.source_node_id = ${sourceNodeId} and i.id = ${id} and not exists (select from admitted)`;
}

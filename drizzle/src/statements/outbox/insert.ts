import type { NewDirective } from '@skein/swarm';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/** – → queued. The primary key refuses a second one; its event commits with it. */
export function insertDirective(sql: Sql, directive: NewDirective) {
  const { id, sourceNodeId, targetNodeId, order, payloadHash, priority, effect, ttlMs } = directive;
  const { parentDirectiveId, broadcastId, placement } = directive;
  return sql<RawRow[]>`
    with queued as (
      insert into swarm_directives (
        source_node_id, id, target_node_id, kind, payload, payload_hash, priority, effect, ttl_ms,
        parent_directive_id, broadcast_id, placement, state, attempts, attempt_open, acknowledged, created_at, deadline_at, due_at
      )
      values (
        ${sourceNodeId}, ${id}, ${targetNodeId}, ${order.kind}, ${jsonText(order.payload)}::json, ${payloadHash},
        ${priority}, ${effect}, ${ttlMs}, ${parentDirectiveId}, ${broadcastId}, ${jsonText(placement)}::json,
        'queued', 0, false, false, skein_now(), skein_now() + ${ttlMs}::int * interval '1 ms', skein_now()
      )
      on conflict (source_node_id, id) do nothing
      returning *
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state)
      select 'outbox', source_node_id, id, created_at, null, state from queued
    )
    select * from queued`;
}

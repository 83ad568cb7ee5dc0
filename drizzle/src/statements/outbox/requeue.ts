import type { OutboxRow } from '@skein/swarm';
import type { Sql } from '../statement.ts';

/**
 * sending → queued. `attempts` is the fence: the answer to an earlier attempt must not call back a later one. Where an
 * end was asked for and nothing is out any more, the row is due at once for the sweep that gives it that end.
 */
export function requeue(
  sql: Sql,
  { sourceNodeId, id, attempts }: Pick<OutboxRow, 'sourceNodeId' | 'id' | 'attempts'>,
  { open, delayMs, reason }: { open: boolean; delayMs: number; reason: string },
) {
  return sql`
    with back as (
      update swarm_directives
      set state = 'queued', attempt_open = attempt_open or ${open}::boolean,
        due_at = skein_now() + interval '1 ms' * case
          when cancel_requested is not null and not (attempt_open or ${open}::boolean) then 0
          else ${delayMs}::double precision
        end
      where source_node_id = ${sourceNodeId} and id = ${id} and state = 'sending' and attempts = ${attempts}
      returning source_node_id, id
    )
    insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
    select 'outbox', source_node_id, id, skein_now(), 'sending', 'queued', ${reason}::text from back`;
}

import type { DirectiveResult } from '@skein/contracts';
import { type InboxKey, startLimit } from '@skein/swarm';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/** running → received where another start is allowed and in time, else interrupted. Epoch + 1 fences the lost worker. */
export function recoverLost(sql: Sql, { sourceNodeId, id }: InboxKey, epoch: number, interrupted: DirectiveResult) {
  return sql<RawRow[]>`
    with lost as (
      select source_node_id, id, deadline_at > skein_now() and starts < case effect
        when 'amo' then ${startLimit.amo}::int
        when 'alo' then ${startLimit.alo}::int
        else ${startLimit.tx}::int
      end as again
      from swarm_directive_inbox
      where source_node_id = ${sourceNodeId} and id = ${id} and epoch = ${epoch} and state = 'running'
      for update
    ), recovered as (
      update swarm_directive_inbox d
      set state = case when again then 'received' else ${interrupted.status} end,
        result = case when not again then ${jsonText(interrupted)}::json end,
        ended_at = case when not again then skein_now() end,
        epoch = d.epoch + 1, leased_by = null, lease_expires_at = null
      from lost
      where d.source_node_id = lost.source_node_id and d.id = lost.id
      returning d.*
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'inbox', source_node_id, id, skein_now(), 'running', state, ${interrupted.error?.reason ?? null}::text
      from recovered
    )
    select * from recovered`;
}

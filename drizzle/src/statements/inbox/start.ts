import type { InboxKey } from '@skein/swarm';
import type { RawRow, Sql } from '../statement.ts';

/** leased → running, starts + 1: committed before anything starts, refused past the deadline or the lease. */
export function start(sql: Sql, { sourceNodeId, id }: InboxKey, epoch: number) {
  return sql<RawRow[]>`
    with started as (
      update swarm_directive_inbox
      set state = 'running', starts = starts + 1, started_at = skein_now()
      where source_node_id = ${sourceNodeId} and id = ${id} and epoch = ${epoch} and state = 'leased'
        and lease_expires_at > skein_now() and deadline_at > skein_now()
      returning *
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state)
      select 'inbox', source_node_id, id, started_at, 'leased', state from started
    )
    select *, extract(epoch from deadline_at - started_at) * 1000 as remaining_ms from started`;
}

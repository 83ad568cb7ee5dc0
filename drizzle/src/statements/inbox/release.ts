import type { NodeId } from '@skein/contracts';
import type { InboxKey } from '@skein/swarm';
import type { Fragment, RawRow, Sql } from '../statement.ts';

/** leased → received, epoch + 1: nothing had started, so it may simply be claimed again. */
function putBack(sql: Sql, which: Fragment, reason: string) {
  return sql<RawRow[]>`
    with released as (
      update swarm_directive_inbox
      set state = 'received', epoch = epoch + 1, leased_by = null, lease_expires_at = null
      where state = 'leased' and ${which}
      returning *
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'inbox', source_node_id, id, skein_now(), 'leased', state, ${reason}::text from released
    )
    select * from released order by received_at, seq`;
}

/** One row, whatever its lease says. */
export function release(sql: Sql, { sourceNodeId, id }: InboxKey, epoch: number) {
  return putBack(sql, sql`source_node_id = ${sourceNodeId} and id = ${id} and epoch = ${epoch}`, 'released');
}

/** Every row whose worker let its lease lapse. */
export function releaseLapsed(sql: Sql, targetNodeId: NodeId) {
  return putBack(sql, sql`target_node_id = ${targetNodeId} and lease_expires_at <= skein_now()`, 'lease_lapsed');
}

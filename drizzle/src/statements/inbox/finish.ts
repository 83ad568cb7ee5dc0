import type { DirectiveResult } from '@skein/contracts';
import type { InboxKey } from '@skein/swarm';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/** running → completed or failed, where the epoch is the caller's and its lease holds: the fence against a former life. */
export function finish(sql: Sql, { sourceNodeId, id }: InboxKey, epoch: number, result: DirectiveResult) {
  return sql<RawRow[]>`
    with finished as (
      update swarm_directive_inbox
      set state = ${result.status}, result = ${jsonText(result)}::json, ended_at = skein_now(),
        leased_by = null, lease_expires_at = null
      where source_node_id = ${sourceNodeId} and id = ${id} and epoch = ${epoch} and state = 'running'
        and lease_expires_at > skein_now()
      returning *
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state, reason)
      select 'inbox', source_node_id, id, ended_at, 'running', state, ${result.error?.reason ?? null}::text
      from finished
    )
    select * from finished`;
}

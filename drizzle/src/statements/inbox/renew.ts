import type { InboxKey } from '@skein/swarm';
import type { RawRow, Sql } from '../statement.ts';

/** Prolongs what is still held; what comes back is. A lapsed lease is lost, even where nobody has taken it yet. */
export function renew(sql: Sql, held: readonly (InboxKey & { epoch: number })[], leaseMs: number) {
  return sql<RawRow[]>`
    update swarm_directive_inbox d
    set lease_expires_at = skein_now() + ${leaseMs}::double precision * interval '1 ms'
    from unnest(
      ${held.map((key) => key.sourceNodeId)}::text[], ${held.map((key) => key.id)}::text[],
      ${held.map((key) => key.epoch)}::int[]
    ) as held (source_node_id, id, epoch)
    where d.source_node_id = held.source_node_id and d.id = held.id and d.epoch = held.epoch
      and d.state in ('leased', 'running') and d.lease_expires_at > skein_now()
    returning d.source_node_id, d.id`;
}

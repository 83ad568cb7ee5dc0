import type { NodeId, NodeMetrics } from '@skein/contracts';
import { SNAPSHOTS_KEPT } from '@skein/swarm';
import { jsonText, type RawRow, type Sql } from '../statement.ts';

/**
 * The beat of a node that is online already, which is nearly every beat: its row, in place, and its slot in the ring. No
 * lock but its row's, no revision, one commit. Nothing comes back where the registry itself may have to change.
 */
export function takeBeat(
  sql: Sql,
  id: NodeId,
  { incarnation, metrics }: { incarnation: number; metrics: NodeMetrics },
) {
  return sql<RawRow[]>`
    with beaten as (
      update nodes
      set last_beat_at = skein_now(), metrics = ${jsonText(metrics)}::json, beat_count = beat_count + 1
      where id = ${id} and liveness = 'online' and observed and not removed and eligibility <> 'sealed'
        and incarnation <= ${incarnation}
      returning id, beat_count, last_beat_at, metrics
    ), kept as (
      insert into swarm_resource_snapshots as ring (node_id, slot, beat, taken_at, metrics)
      select id, beat_count % ${SNAPSHOTS_KEPT}::int, beat_count, last_beat_at, metrics from beaten
      on conflict (node_id, slot) do update
      set beat = excluded.beat, taken_at = excluded.taken_at, metrics = excluded.metrics
    )
    select id from beaten`;
}

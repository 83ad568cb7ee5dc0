import type { NodeId } from '@skein/contracts';
import { agedRankOf, CLAIM_SLACK, prioritiesByRank, type RawRow, type Sql } from '../statement.ts';

/**
 * queued → sending, attempts + 1, committed before a byte leaves. Within one priority the oldest has the highest rank, so
 * the best few of each priority hold the best few of all: the claim's cost does not grow with the queue.
 */
export function claimForSending(
  sql: Sql,
  sourceNodeId: NodeId,
  { limit, exceptTargets }: { limit: number; exceptTargets: readonly NodeId[] },
) {
  const rank = agedRankOf(sql, 'created_at');
  return sql<RawRow[]>`
    with due as (
      select d.source_node_id, d.id
      from unnest(${[...prioritiesByRank]}::text[]) as level (priority)
      cross join lateral (
        select c.source_node_id, c.id
        from swarm_directives c
        where c.source_node_id = ${sourceNodeId} and c.state = 'queued' and c.priority = level.priority
          and c.due_at <= skein_now() and c.deadline_at > skein_now() and c.cancel_requested is null
          and not c.target_node_id = any(${[...exceptTargets]}::text[])
        order by c.created_at, c.seq
        limit ${limit + CLAIM_SLACK}
      ) candidate
      join swarm_directives d on d.source_node_id = candidate.source_node_id and d.id = candidate.id
      where d.state = 'queued' and d.cancel_requested is null  -- asked again of the row that the lock was won on
      order by ${rank} desc, d.created_at, d.seq
      limit ${limit}
      for update of d skip locked  -- a busy row is another sender's, not ours to wait for
    ), claimed as (
      update swarm_directives d
      set state = 'sending', attempts = d.attempts + 1
      from due
      where d.source_node_id = due.source_node_id and d.id = due.id
      returning d.*
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state)
      select 'outbox', source_node_id, id, skein_now(), 'queued', state from claimed
    )
    select d.*, extract(epoch from d.deadline_at - skein_now()) * 1000 as remaining_ms
    from claimed d
    order by ${rank} desc, d.created_at, d.seq`;
}

import type { NodeId } from '@skein/contracts';
import { agedRankOf, CLAIM_SLACK, prioritiesByRank, type RawRow, type Sql } from '../statement.ts';

/**
 * received → leased, epoch + 1, refused past the deadline. Within one priority the oldest has the highest rank, so the best
 * few of each priority hold the best few of all: the claim's cost does not grow with the queue.
 *
 * A node that is drained claims nothing, and that is strict: the claim holds a share of the node's own row until it has
 * committed. A decision takes that row for itself (`lockEntries`), so it waits for the claims that came first and commits
 * after them. A claim that comes later waits for the decision, and `for share` then reads the row as the decision left it,
 * whatever the claim's own snapshot says; `for key share` may take a version for the last that has been replaced.
 *
 * It cannot deadlock: once a claim holds the row it waits for nothing, since it passes by busy rows of the inbox, and a
 * beat waits for nothing that a claim holds but that one row. Where there is nothing to claim no lock is taken, so that
 * an idle node's claims write nothing.
 */
export function claim(
  sql: Sql,
  targetNodeId: NodeId,
  { limit, leasedBy, leaseMs }: { limit: number; leasedBy: string; leaseMs: number },
) {
  const rank = agedRankOf(sql, 'received_at');
  return sql<RawRow[]>`
    with candidate as (
      select c.source_node_id, c.id
      from unnest(${[...prioritiesByRank]}::text[]) as level (priority)
      cross join lateral (
        select c.source_node_id, c.id
        from swarm_directive_inbox c
        where c.target_node_id = ${targetNodeId} and c.state = 'received' and c.priority = level.priority
          and c.deadline_at > skein_now()
        order by c.received_at, c.seq
        limit ${limit + CLAIM_SLACK}
      ) c
    ), self as (
      select eligibility from nodes where id = ${targetNodeId} and exists (select from candidate) for share
    ), next as (
      select d.source_node_id, d.id
      from candidate
      join swarm_directive_inbox d on d.source_node_id = candidate.source_node_id and d.id = candidate.id
      where d.state = 'received'  -- asked again of the row that the lock was won on
        and not exists (select from self where eligibility <> 'eligible')
      order by ${rank} desc, d.received_at, d.seq
      limit ${limit}
      for update of d skip locked  -- a busy row is another worker's, not ours to wait for
    ), claimed as (
      update swarm_directive_inbox d
      set state = 'leased', epoch = d.epoch + 1, leased_by = ${leasedBy},
        lease_expires_at = skein_now() + ${leaseMs}::double precision * interval '1 ms'
      from next
      where d.source_node_id = next.source_node_id and d.id = next.id
      returning d.*
    ), told as (
      insert into swarm_directive_events (side, source_node_id, directive_id, at, from_state, to_state)
      select 'inbox', source_node_id, id, skein_now(), 'received', state from claimed
    )
    select d.* from claimed d order by ${rank} desc, d.received_at, d.seq`;
}

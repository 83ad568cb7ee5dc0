import type { NodeId } from '@skein/contracts';
import type { InboxQuery } from '@skein/swarm';
import type { RawRow, Sql } from '../statement.ts';

/**
 * A page of one sender's rows in the order of its index, one more than asked for, and beside each how many match in all: both
 * of one moment. Where the page is empty the count comes alone. In whole milliseconds, because that is how a place in the list
 * is told; the words are those of the index.
 */
export function listOf(
  sql: Sql,
  sourceNodeId: NodeId,
  targetNodeId: NodeId,
  { id, states, since, after, limit }: InboxQuery,
) {
  const statusAt = sql`date_trunc('milliseconds', timezone('UTC', coalesce(ended_at, started_at, received_at)))`;
  const moment = (ms: number) => sql`timezone('UTC', to_timestamp(${ms}::double precision / 1000))`;
  const matching = sql`
    target_node_id = ${targetNodeId} and source_node_id = ${sourceNodeId}
    ${id === undefined ? sql`` : sql`and id = ${id}`}
    ${since === undefined ? sql`` : sql`and ${statusAt} >= ${moment(since)}`}
    ${
      states === undefined
        ? sql``
        : sql`and (state, (starts > 0)::int) in (
            select * from unnest(
              ${states.map(({ state }) => state)}::text[], ${states.map(({ started }) => Number(started))}::int[]
            )
          )`
    }`;
  const isBeyond = after ? sql`and (${statusAt}, row_id) < (${moment(after.statusAt)}, ${after.rowId})` : sql``;
  return sql<(RawRow & { total: number })[]>`
    select page.*, counted.total
    from (select count(*)::int as total from swarm_directive_inbox where ${matching}) counted
    left join (
      select *, ${statusAt} as status_at from swarm_directive_inbox where ${matching} ${isBeyond}
      order by ${statusAt} desc, row_id desc limit ${limit + 1}
    ) page on true
    order by page.status_at desc, page.row_id desc`;
}

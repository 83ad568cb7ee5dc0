import type { NodeId } from '@skein/contracts';
import type { Sql } from '../statement.ts';

/** One above the last life, and above whatever a peer has seen. Two starts at once get two lives. */
export function openIncarnation(sql: Sql, id: NodeId, atLeast: number) {
  return sql<{ incarnation: number }[]>`
    insert into node_incarnations as known (node_id, incarnation)
    values (${id}, ${atLeast}::int + 1)
    on conflict (node_id) do update set incarnation = greatest(known.incarnation, ${atLeast}::int) + 1
    returning incarnation`;
}

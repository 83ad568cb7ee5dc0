import type { NodeId } from '@skein/contracts';
import type { RawRow, Sql } from '../statement.ts';

/** What is held under these keys, tombstones too. */
export function readEntries(sql: Sql, nodeId: NodeId, namespace: string, keys: readonly string[]) {
  return sql<RawRow[]>`
    select * from shared_state
    where node_id = ${nodeId} and namespace = ${namespace} and key = any(${[...keys]}::text[])`;
}

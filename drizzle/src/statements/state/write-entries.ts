import type { NodeId, StateEntry } from '@skein/contracts';
import { entryBytes } from '@skein/swarm';
import type { RawRow, Sql } from '../statement.ts';

/** Writes entries as they were decided behind the namespace's lock: each under a revision of its own, above `revision`. */
export function writeEntries(
  sql: Sql,
  nodeId: NodeId,
  namespace: string,
  { entries, revision }: { entries: readonly StateEntry[]; revision: number },
) {
  // Null is the tombstone; a value that is null travels as the text `null`.
  const values = entries.map((entry) => ('deleted' in entry ? null : JSON.stringify(entry.value)));
  const bytes = entries.map((entry) => ('deleted' in entry ? 0 : entryBytes(entry.key, entry.value)));
  return sql<RawRow[]>`
    with raised as (
      update state_namespaces set revision = ${revision + entries.length}::bigint
      where node_id = ${nodeId} and namespace = ${namespace}
    )
    insert into shared_state (
      node_id, namespace, key, value, deleted, counter, writer, revision, bytes, updated_at
    )
    select ${nodeId}, ${namespace}, e.key, e.value::json, e.value is null, e.counter, e.writer, ${revision}::bigint + e.nth,
      e.bytes, skein_now()
    from unnest(
      ${entries.map(({ key }) => key)}::text[], ${values}::text[],
      ${entries.map(({ version }) => version.counter)}::bigint[],
      ${entries.map(({ version }) => version.nodeId)}::text[], ${bytes}::bigint[]
    ) with ordinality as e (key, value, counter, writer, bytes, nth)
    on conflict (node_id, namespace, key) do update set
      value = excluded.value, deleted = excluded.deleted, counter = excluded.counter, writer = excluded.writer,
      revision = excluded.revision, bytes = excluded.bytes, updated_at = excluded.updated_at
    returning *`;
}

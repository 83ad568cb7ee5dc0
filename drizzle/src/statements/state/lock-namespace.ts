import type { NodeId } from '@skein/contracts';
import type { Sql } from '../statement.ts';

/**
 * Lets one transaction at a time change a node's copy of a namespace, until it has committed; returns its revision.
 * Revisions are so handed out in the order of commits, and a reader's cursor never passes one that is still to come.
 * First in its transaction, so that the statements after it see what the one before has committed.
 */
export async function lockNamespace(sql: Sql, nodeId: NodeId, namespace: string): Promise<number> {
  for (;;) {
    const [row] = await sql<{ revision: number }[]>`
      select revision::double precision as revision from state_namespaces
      where node_id = ${nodeId} and namespace = ${namespace}
      for update`;
    if (row) return row.revision;
    await sql`
      insert into state_namespaces (node_id, namespace, revision) values (${nodeId}, ${namespace}, 0)
      on conflict (node_id, namespace) do nothing  -- whoever was faster made it for both`;
  }
}

import type { Sql } from '../statement.ts';

/** Hands out `count` revisions behind the registry's lock; returns the last. */
export async function nextRevisions(sql: Sql, count: number): Promise<number> {
  const [head] = await sql<{ revision: number }[]>`
    update database_identity set registry_revision = registry_revision + ${count}::int
    returning registry_revision::double precision as revision`;
  if (!head) throw new Error('the database has lost its identity');
  return head.revision;
}

import type { TaskQuery } from '@skein/a2a-transport';
import { type SQL, sql } from 'drizzle-orm';

/**
 * A page in the order of its index, one more than asked for, and beside each row how many match in all: both of one
 * moment. Where the page is empty the count comes alone. Words as `toColumn` writes them.
 */
export function listTasks(agent: string, owner: string, query: TaskQuery): SQL {
  const { contextId, state, since, after, limit } = query;
  const matching = sql.join(
    [
      sql`agent = ${agent} and owner = ${owner}`,
      ...(contextId === undefined ? [] : [sql`context_id = ${contextId}`]),
      ...(state === undefined ? [] : [sql`state = ${state}`]),
      ...(since === undefined ? [] : [sql`status_at >= ${since}`]),
    ],
    sql` and `,
  );
  const isBeyond = after ? sql`and (status_at, id) < (${after.timestamp}, ${after.id})` : sql``;
  return sql`
    select counted.total, page.task
    from (select count(*)::int as total from a2a_tasks where ${matching}) counted
    left join (
      select status_at, id, task from a2a_tasks where ${matching} ${isBeyond}
      order by status_at desc, id desc limit ${limit + 1}
    ) page on true
    order by page.status_at desc, page.id desc`;
}

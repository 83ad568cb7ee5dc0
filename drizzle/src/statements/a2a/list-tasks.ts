import type { TaskQuery } from '@skein/a2a-transport';
import type { Sql } from '../statement.ts';

/**
 * A page in the order of its index, one more than asked for, and beside each row how many match in all: both of one
 * moment. Where the page is empty the count comes alone. Words as `toColumn` writes them.
 */
export function listTasks(sql: Sql, agent: string, owner: string, query: TaskQuery) {
  const { contextId, state, since, after, limit } = query;
  const matching = sql`
    agent = ${agent} and owner = ${owner}
    ${contextId === undefined ? sql`` : sql`and context_id = ${contextId}`}
    ${state === undefined ? sql`` : sql`and state = ${state}`}
    ${since === undefined ? sql`` : sql`and status_at >= ${since}`}`;
  return sql<{ total: number; task: string | null }[]>`
    select counted.total, page.task
    from (select count(*)::int as total from a2a_tasks where ${matching}) counted
    left join (
      select status_at, id, task from a2a_tasks
      where ${matching} ${after ? sql`and (status_at, id) < (${after.timestamp}, ${after.id})` : sql``}
      order by status_at desc, id desc limit ${limit + 1}
    ) page on true
    order by page.status_at desc, page.id desc`;
}

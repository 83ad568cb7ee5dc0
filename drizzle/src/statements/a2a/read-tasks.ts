import type { Sql } from '../statement.ts';

/** The owner's one, as it stands. */
export function findTask(sql: Sql, agent: string, owner: string, id: string) {
  return sql<{ task: string; seq: string }[]>`
    select task, seq from a2a_tasks where agent = ${agent} and id = ${id} and owner = ${owner}`;
}

/** As they stand, whoever's they are. */
export function findTasks(sql: Sql, agent: string, ids: readonly string[]) {
  return sql<{ id: string; owner: string; task: string; seq: string }[]>`
    select id, owner, task, seq from a2a_tasks where agent = ${agent} and id = any(${[...ids]}::text[])`;
}

/** Those whose last step said that an execution goes on. */
export function runningTasks(sql: Sql, agent: string, limit: number) {
  return sql<{ owner: string; task: string; seq: string }[]>`
    select owner, task, seq from a2a_tasks where agent = ${agent} and running order by id limit ${limit}`;
}

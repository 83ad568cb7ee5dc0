import type { Sql } from '../statement.ts';

/**
 * The tasks of this id, whoever's they are: ids are made by chance, so that there is one. Whose it is, is left to be compared by
 * who asked: while a table is new its planner takes agents and owners for as rare as ids, and may read all that they have.
 * Planned anew each time, because a plan made for a small table would read all of it when it is large.
 */
export function findTasks(sql: Sql, id: string) {
  const statement = 'select agent, owner, task, seq from a2a_tasks where id = $1';
  return sql.unsafe<{ agent: string; owner: string; task: string; seq: string }[]>(statement, [id]);
}

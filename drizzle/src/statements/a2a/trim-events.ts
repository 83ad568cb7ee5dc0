import { type SQL, sql } from 'drizzle-orm';

/** Forgets the task's events up to a number, whole rows alone. */
export function trimEvents(agent: string, id: string, upTo: number): SQL {
  return sql`
    with shortened as (
      update a2a_tasks set first_events = null
      where agent = ${agent} and id = ${id} and first_events is not null and first_seq <= ${upTo}
    )
    delete from a2a_task_events where agent = ${agent} and task_id = ${id} and to_seq <= ${upTo}`;
}

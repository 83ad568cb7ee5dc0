import type { Sql } from '../statement.ts';

interface EventsOfTask {
  agent: string;
  owner: string;
  id: string;
  after: number;
  limit: number;
}

/** Events of one step, and those of the step that made the task with the task as it stands now: they may point into it. */
export interface EventsRow {
  fromSeq: string;
  events: string;
  task: string | null;
}

/** Whose the task is, is asked of what was found by its id alone. */
const statement = `
  with known as materialized (
    select agent, owner, first_seq, first_events, task from a2a_tasks where id = $2
  ), task as (
    select first_seq, first_events, task from known where agent = $1 and owner = $3
  ), part as (
    select 1::bigint as from_seq, first_events as events, task from task
    where first_events is not null and first_seq > $4::bigint
    union all
    (
      select from_seq, events, null from a2a_task_events
      where agent = $1 and task_id = $2 and to_seq > $4::bigint and exists (select from task)
      order by to_seq limit $5::bigint
    )
  ), placed as (
    select from_seq, events, task, greatest(min(from_seq) over (), $4::bigint + 1) as begins from part
  )
  select from_seq as "fromSeq", events, task from placed where from_seq < begins + $5::bigint order by from_seq`;

/**
 * Rows of events that hold the first `limit` after number `after`, or after the gap where those are no longer kept. Planned
 * anew each time, like `findTasks`.
 */
export function readEvents(sql: Sql, { agent, owner, id, after, limit }: EventsOfTask) {
  return sql.unsafe<EventsRow[]>(statement, [agent, id, owner, after, limit]);
}

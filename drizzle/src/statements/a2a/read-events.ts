import { type SQL, sql } from 'drizzle-orm';

interface EventsOfTask {
  agent: string;
  owner: string;
  id: string;
  after: number;
  limit: number;
}

/** Rows of events that hold the first `limit` after number `after`, or after the gap where those are no longer kept. */
export function readEvents({ agent, owner, id, after, limit }: EventsOfTask): SQL {
  return sql`
    with task as (
      select id, first_seq, first_events from a2a_tasks where agent = ${agent} and id = ${id} and owner = ${owner}
    ), part as (
      select 1::bigint as from_seq, first_events as events from task where first_events is not null and first_seq > ${after}
      union all
      (
        select e.from_seq, e.events from task join a2a_task_events e on e.task_id = task.id
        where e.agent = ${agent} and e.to_seq > ${after}
        order by e.to_seq limit ${limit}
      )
    ), placed as (
      select from_seq, events, greatest(min(from_seq) over (), ${after}::bigint + 1) as begins from part
    )
    select from_seq, events from placed where from_seq < begins + ${limit} order by from_seq`;
}

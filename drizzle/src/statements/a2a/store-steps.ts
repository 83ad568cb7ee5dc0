import type { Sql } from '../statement.ts';
import { type StepRow, stepParameters, stepTable } from './step-row.ts';

/**
 * Stores each step whose task stands at `after` and belongs to its owner, with its events; a first step makes the task, and its
 * events stay in the task's row, so that a task that ends at once is one row. Answers with the ids of those stored.
 *
 * It is an insert for later steps too, because a conflict always finds the row by the primary key: an update would be planned
 * while the table is small, and would go on reading all of it as it grows. What a later step offers to insert is marked by
 * its `after` as a negative `first_seq`. Where there is no task that it could move, the division refuses the statement, and
 * nothing is stored.
 */
export function storeSteps(sql: Sql, agent: string, rows: readonly StepRow[]) {
  // First steps have no rows of events: where there are no others, the server is not asked to look for some.
  const text = rows.every(({ after }) => after === 0) ? firstSteps : anySteps;
  return sql.unsafe<{ id: string }[]>(text, [agent, ...stepParameters(rows)], { prepare: true });
}

function intoTasks(steps: string): string {
  return `
    insert into a2a_tasks as known (
      agent, id, owner, context_id, state, status_at, seq, running, ended_at, task, first_events, first_seq
    )
    select $1, id, owner, context_id, state, status_at, seq, running, case when ended then skein_now() end, task,
      case when after = 0 then events end, case when after = 0 then seq else -after end
    from (${steps}) step
    on conflict (agent, id) do update set
      context_id = excluded.context_id, state = excluded.state, status_at = excluded.status_at, seq = excluded.seq,
      running = excluded.running, task = excluded.task,
      ended_at = case when excluded.ended_at is not null then coalesce(known.ended_at, excluded.ended_at) end,
      first_events = case when excluded.first_seq < 0 then known.first_events else excluded.first_events end,
      first_seq = case when excluded.first_seq < 0 then known.first_seq else excluded.first_seq end
    where known.seq = greatest(-excluded.first_seq, 0) and known.owner = excluded.owner`;
}

/** Texts that never change, so that the server plans each once for a connection. */
const firstSteps = `${intoTasks(stepTable)} returning id`;
const anySteps = `
  with step as (${stepTable}), stored as (
    ${intoTasks('select * from step')}
    returning id, 1 / (case when first_seq < 0 then 0 else 1 end) as is_there
  ), logged as (
    insert into a2a_task_events (agent, task_id, to_seq, from_seq, events)
    select $1, id, seq, after + 1, events from step join stored using (id) where after > 0 and seq > after
  )
  select id from stored where is_there = 1`;

/** What the server says of that division: division_by_zero. */
export const NO_SUCH_TASK = '22012';

import type { Sql } from '../statement.ts';
import { type StepRow, stepRows } from './step-row.ts';

/**
 * Later steps, each where its task stands at `after` and belongs to its owner; a writer that had to wait looks again at what
 * the other has left. Answers with the ids that were stored.
 */
export function moveTasks(sql: Sql, agent: string, rows: readonly StepRow[]) {
  return sql<{ id: string }[]>`
    with step as (${stepRows(sql, rows)}), moved as (
      update a2a_tasks known set
        context_id = step.context_id, state = step.state, status_at = step.status_at, seq = step.seq,
        running = step.running, ended_at = case when step.ended then coalesce(known.ended_at, skein_now()) end,
        task = step.task
      from step
      where known.agent = ${agent} and known.id = step.id and known.seq = step.after and known.owner = step.owner
      returning known.id
    ), logged as (
      insert into a2a_task_events (agent, task_id, to_seq, from_seq, events)
      select ${agent}, id, seq, after + 1, events from step join moved using (id) where seq > after
    )
    select id from moved`;
}

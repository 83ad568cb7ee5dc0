import type { Sql } from '../statement.ts';
import { type StepRow, stepRows } from './step-row.ts';

/**
 * First steps: the row is the log's beginning too, so that a task that ends within its first step is one row. The primary
 * key refuses an id that is taken, but for a task that nothing has happened to yet. Answers with the ids that were stored.
 */
export function makeTasks(sql: Sql, agent: string, rows: readonly StepRow[]) {
  return sql<{ id: string }[]>`
    insert into a2a_tasks as known (
      agent, id, owner, context_id, state, status_at, seq, running, ended_at, task, first_events, first_seq
    )
    select ${agent}, id, owner, context_id, state, status_at, seq, running, case when ended then skein_now() end, task, events,
      seq
    from (${stepRows(sql, rows)}) step
    on conflict (agent, id) do update set
      context_id = excluded.context_id, state = excluded.state, status_at = excluded.status_at, seq = excluded.seq,
      running = excluded.running, ended_at = excluded.ended_at, task = excluded.task,
      first_events = excluded.first_events, first_seq = excluded.first_seq
    where known.seq = 0 and known.owner = excluded.owner
    returning id`;
}

import { PURGE_PAGE } from '../purge-page.ts';
import type { Sql } from '../statement.ts';

/** Rows of events that go at once, roughly: a task has at most as many as events, and one task always goes. */
const EVENT_ROWS = 50_000;

/** Tasks that ended long ago by this database's clock, the oldest first, with their events and push configurations. */
export function purgeTasks(sql: Sql, agent: string, keepMs: number) {
  return sql<{ count: number }[]>`
    with old as (
      select id, ended_at, seq - first_seq as events from a2a_tasks
      where agent = ${agent} and ended_at <= skein_now() - ${keepMs}::double precision * interval '1 ms'
      order by ended_at limit ${PURGE_PAGE}
    ), measured as (
      select id, sum(events) over (order by ended_at, id) - events as before from old
    ), gone as (
      delete from a2a_tasks t using measured m
      where t.agent = ${agent} and t.id = m.id and m.before < ${EVENT_ROWS}
      returning t.id
    ), untold as (
      delete from push_configs p using gone where p.agent = ${agent} and p.task_id = gone.id
    ), forgotten as (
      delete from a2a_task_events e using gone where e.agent = ${agent} and e.task_id = gone.id
    )
    select count(*)::int as count from gone`;
}

/** Configurations that came with a message whose task was never made. */
export function purgePushConfigs(sql: Sql, agent: string, keepMs: number) {
  return sql<{ count: number }[]>`
    with old as (
      select ctid from push_configs p
      where agent = ${agent} and put_at <= skein_now() - ${keepMs}::double precision * interval '1 ms'
        and not exists (select from a2a_tasks t where t.agent = p.agent and t.id = p.task_id)
      limit ${PURGE_PAGE}
    ), gone as (
      delete from push_configs where ctid = any (array(select ctid from old))
      returning id
    )
    select count(*)::int as count from gone`;
}

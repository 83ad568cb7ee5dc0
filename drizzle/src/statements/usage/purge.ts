import { KEEP_HOURS_MS, KEEP_RUNS_MS } from '@skein/swarm';
import { PURGE_PAGE } from '../purge-page.ts';
import type { Sql } from '../statement.ts';

/** Old hours, and runs that nobody reads any more. What is read anew meanwhile is another version of its row, and stays. */
export function purgeUsage(sql: Sql) {
  return sql<{ count: number }[]>`
    with old_hours as (
      select ctid from usage_hours
      where hour <= skein_now() - ${KEEP_HOURS_MS}::double precision * interval '1 ms'
      limit ${PURGE_PAGE}
    ), old_runs as (
      select ctid from usage_runs
      where read_at <= skein_now() - ${KEEP_RUNS_MS}::double precision * interval '1 ms'
      limit ${PURGE_PAGE}
    ), hours_gone as (
      delete from usage_hours where ctid = any (array(select ctid from old_hours))
      returning hour
    ), runs_gone as (
      delete from usage_runs where ctid = any (array(select ctid from old_runs))
      returning run_id
    )
    select ((select count(*) from hours_gone) + (select count(*) from runs_gone))::int as count`;
}

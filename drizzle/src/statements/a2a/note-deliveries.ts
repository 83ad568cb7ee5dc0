import type { Sql } from '../statement.ts';

export interface DeliveryRow {
  readonly taskId: string;
  readonly id: string;
  readonly version: string;
  readonly seq: number;
  readonly last: boolean;
}

/** How far receivers have come, each where its configuration still is the one that was read. Never backwards. */
export function noteDeliveries(sql: Sql, agent: string, rows: readonly DeliveryRow[]) {
  return sql`
    update push_configs p set
      delivered = greatest(p.delivered, told.seq), failures = 0, last_failure = null,
      state = case when told.last = 1 then 'done' else p.state end
    from unnest(
      ${rows.map(({ taskId }) => taskId)}::text[], ${rows.map(({ id }) => id)}::text[],
      ${rows.map(({ version }) => version)}::bigint[], ${rows.map(({ seq }) => seq)}::bigint[],
      ${rows.map(({ last }) => (last ? 1 : 0))}::int[]
    ) as told (task_id, id, version, seq, last)
    where p.agent = ${agent} and p.task_id = told.task_id and p.id = told.id and p.version = told.version
      and p.state = 'active'`;
}

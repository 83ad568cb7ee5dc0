import { type SQL, sql } from 'drizzle-orm';

export interface DeliveryRow {
  readonly taskId: string;
  readonly id: string;
  readonly version: string;
  readonly seq: number;
  readonly last: boolean;
}

/** How far receivers have come, each where its configuration still is the one that was read. Never backwards. */
export function noteDeliveries(agent: string, rows: readonly DeliveryRow[]): SQL {
  const told = rows.map(
    ({ taskId, id, version, seq, last }) =>
      sql`(${taskId}::text, ${id}::text, ${version}::bigint, ${seq}::bigint, ${last}::boolean)`,
  );
  return sql`
    update push_configs p set
      delivered = greatest(p.delivered, told.seq), failures = 0, last_failure = null,
      state = case when told.last then 'done' else p.state end
    from (values ${sql.join(told, sql`, `)}) as told (task_id, id, version, seq, last)
    where p.agent = ${agent} and p.task_id = told.task_id and p.id = told.id and p.version = told.version
      and p.state = 'active'`;
}

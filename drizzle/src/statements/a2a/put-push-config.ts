import type { RawRow, Sql } from '../statement.ts';

export interface PushConfigRow {
  readonly taskId: string;
  readonly owner: string;
  readonly id: string;
  readonly config: string;
  readonly protocolVersion: string;
  readonly after: number;
}

/** Makes it, or begins it anew: the next number is drawn in both cases, so that who still holds the old version is fenced. */
export function putPushConfig(sql: Sql, agent: string, row: PushConfigRow) {
  return sql<RawRow[]>`
    insert into push_configs (
      agent, task_id, owner, id, config, protocol_version, delivered, failures, last_failure, state, put_at
    )
    values (
      ${agent}, ${row.taskId}, ${row.owner}, ${row.id}, ${row.config}, ${row.protocolVersion}, ${row.after}, 0, null, 'active',
      skein_now()
    )
    on conflict (agent, task_id, owner, id) do update set
      version = default, config = excluded.config, protocol_version = excluded.protocol_version,
      delivered = excluded.delivered, failures = 0, last_failure = null, state = 'active', put_at = excluded.put_at
    returning *`;
}

import type { NodeId, Usage } from '@skein/contracts';
import type { Fragment, Sql } from '../statement.ts';

/** The largest figure that travels; what is beyond is told as this. */
const MOST = Number.MAX_SAFE_INTEGER;

/**
 * Adds growth to the present hour of this database's own series. Hours are those of UTC, whatever the server's zone.
 * Figures end where they could not be told any more: both summands are at most that large, so no sum overflows.
 */
export function addToHour(sql: Sql, nodeId: NodeId, growth: Usage) {
  return sql`
    insert into usage_hours as h (
      node_id, database_id, hour, tokens_in, tokens_out, cost_micro_usd, tool_calls, cpu_ms, peak_memory_bytes
    )
    select ${nodeId}, id, date_trunc('hour', skein_now(), 'UTC'), ${growth.tokensIn}::bigint, ${growth.tokensOut}::bigint,
      ${growth.costMicroUsd}::bigint, ${growth.toolCalls}::bigint, ${growth.cpuMs}::bigint,
      ${growth.peakMemoryBytes}::bigint
    from database_identity
    on conflict (node_id, database_id, hour) do update set
      tokens_in = ${sum(sql, 'tokens_in')}, tokens_out = ${sum(sql, 'tokens_out')},
      cost_micro_usd = ${sum(sql, 'cost_micro_usd')}, tool_calls = ${sum(sql, 'tool_calls')},
      cpu_ms = ${sum(sql, 'cpu_ms')}, peak_memory_bytes = greatest(h.peak_memory_bytes, excluded.peak_memory_bytes)`;
}

function sum(sql: Sql, column: string): Fragment {
  return sql`least(least(h.${sql(column)}, ${MOST}::bigint) + excluded.${sql(column)}, ${MOST}::bigint)`;
}

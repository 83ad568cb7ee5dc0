import type { NodeId, Usage } from '@skein/contracts';
import type { Sql } from '../statement.ts';

/** Adds growth to the present hour of this database's own series. Hours are those of UTC, whatever the server's zone. */
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
      tokens_in = h.tokens_in + excluded.tokens_in, tokens_out = h.tokens_out + excluded.tokens_out,
      cost_micro_usd = h.cost_micro_usd + excluded.cost_micro_usd, tool_calls = h.tool_calls + excluded.tool_calls,
      cpu_ms = h.cpu_ms + excluded.cpu_ms, peak_memory_bytes = greatest(h.peak_memory_bytes, excluded.peak_memory_bytes)`;
}

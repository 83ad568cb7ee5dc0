import type { DatabaseId, NodeId, Usage } from '@skein/contracts';
import type { Sql } from '../statement.ts';

/**
 * Takes over hours of another database, each once and in their order, so that two copies at once wait for each other the
 * same way round. The higher figures stay; what brings none writes nothing, as most copies do not.
 */
export function copyHours(sql: Sql, nodeId: NodeId, databaseId: DatabaseId, hours: ReadonlyMap<number, Usage>) {
  const usages = [...hours.values()];
  return sql`
    insert into usage_hours as h (
      node_id, database_id, hour, tokens_in, tokens_out, cost_micro_usd, tool_calls, cpu_ms, peak_memory_bytes
    )
    select ${nodeId}, ${databaseId}, to_timestamp(c.at / 1000), c.tokens_in, c.tokens_out, c.cost_micro_usd, c.tool_calls,
      c.cpu_ms, c.peak_memory_bytes
    from unnest(
      ${[...hours.keys()]}::double precision[], ${usages.map(({ tokensIn }) => tokensIn)}::bigint[],
      ${usages.map(({ tokensOut }) => tokensOut)}::bigint[], ${usages.map(({ costMicroUsd }) => costMicroUsd)}::bigint[],
      ${usages.map(({ toolCalls }) => toolCalls)}::bigint[], ${usages.map(({ cpuMs }) => cpuMs)}::bigint[],
      ${usages.map(({ peakMemoryBytes }) => peakMemoryBytes)}::bigint[]
    ) as c (at, tokens_in, tokens_out, cost_micro_usd, tool_calls, cpu_ms, peak_memory_bytes)
    where not exists (select from database_identity where id = ${databaseId})  -- its own, come back: known better here
    on conflict (node_id, database_id, hour) do update set
      tokens_in = greatest(h.tokens_in, excluded.tokens_in), tokens_out = greatest(h.tokens_out, excluded.tokens_out),
      cost_micro_usd = greatest(h.cost_micro_usd, excluded.cost_micro_usd),
      tool_calls = greatest(h.tool_calls, excluded.tool_calls), cpu_ms = greatest(h.cpu_ms, excluded.cpu_ms),
      peak_memory_bytes = greatest(h.peak_memory_bytes, excluded.peak_memory_bytes)
    where excluded.tokens_in > h.tokens_in or excluded.tokens_out > h.tokens_out
      or excluded.cost_micro_usd > h.cost_micro_usd or excluded.tool_calls > h.tool_calls
      or excluded.cpu_ms > h.cpu_ms or excluded.peak_memory_bytes > h.peak_memory_bytes`;
}

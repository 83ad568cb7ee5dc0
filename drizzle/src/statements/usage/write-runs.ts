import type { NodeId } from '@skein/contracts';
import type { RunReading } from '@skein/swarm';
import type { Sql } from '../statement.ts';

/** Notes what runs were last read with, behind the ledger's lock. */
export function writeRuns(sql: Sql, nodeId: NodeId, runs: readonly RunReading[]) {
  return sql`
    insert into usage_runs (
      node_id, run_id, tokens_in, tokens_out, cost_micro_usd, tool_calls, cpu_ms, peak_memory_bytes, read_at
    )
    select ${nodeId}, r.*, skein_now()
    from unnest(
      ${runs.map(({ runId }) => runId)}::text[], ${runs.map(({ usage }) => usage.tokensIn)}::bigint[],
      ${runs.map(({ usage }) => usage.tokensOut)}::bigint[], ${runs.map(({ usage }) => usage.costMicroUsd)}::bigint[],
      ${runs.map(({ usage }) => usage.toolCalls)}::bigint[], ${runs.map(({ usage }) => usage.cpuMs)}::bigint[],
      ${runs.map(({ usage }) => usage.peakMemoryBytes)}::bigint[]
    ) as r
    on conflict (node_id, run_id) do update set
      tokens_in = excluded.tokens_in, tokens_out = excluded.tokens_out, cost_micro_usd = excluded.cost_micro_usd,
      tool_calls = excluded.tool_calls, cpu_ms = excluded.cpu_ms, peak_memory_bytes = excluded.peak_memory_bytes,
      read_at = excluded.read_at`;
}

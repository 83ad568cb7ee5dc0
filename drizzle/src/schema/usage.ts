import type { DatabaseId, NodeId } from '@skein/contracts';
import { bigint, index, pgTable, primaryKey } from 'drizzle-orm/pg-core';
import { idText, instant } from './column-types.ts';

const figures = {
  tokensIn: bigint('tokens_in', { mode: 'number' }).notNull(),
  tokensOut: bigint('tokens_out', { mode: 'number' }).notNull(),
  costMicroUsd: bigint('cost_micro_usd', { mode: 'number' }).notNull(),
  toolCalls: bigint('tool_calls', { mode: 'number' }).notNull(),
  cpuMs: bigint('cpu_ms', { mode: 'number' }).notNull(),
  peakMemoryBytes: bigint('peak_memory_bytes', { mode: 'number' }).notNull(),
};

/** The last reading of each run of a node whose home this database is. */
export const usageRuns = pgTable(
  'usage_runs',
  {
    nodeId: idText('node_id').$type<NodeId>().notNull(),
    runId: idText('run_id').notNull(),
    ...figures,
    readAt: instant('read_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.nodeId, table.runId] }), index('usage_runs_age').on(table.readAt)],
);

/** What was accounted for in each hour. Series of other databases are copies. */
export const usageHours = pgTable(
  'usage_hours',
  {
    nodeId: idText('node_id').$type<NodeId>().notNull(),
    databaseId: idText('database_id').$type<DatabaseId>().notNull(),
    hour: instant().notNull(),
    ...figures,
  },
  (table) => [
    primaryKey({ columns: [table.nodeId, table.databaseId, table.hour] }),
    index('usage_hours_hour').on(table.hour),
  ],
);

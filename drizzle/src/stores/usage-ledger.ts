/** The ledger of usage on PostgreSQL: one account of a node's work at a time, and hours by the database's clock. */
import { type DatabaseId, type NodeId, noUsage, sumUsage, type Usage, type UsageHour } from '@skein/contracts';
import { byHour, HOUR_MS, type KnownRun, type RunReading, readRuns, type UsageLedger } from '@skein/swarm';
import { and, asc, desc, eq, gte, type SQL, sql as text } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';
import type { Database } from '../connect.ts';
import { databaseIdentity, usageHours as hours, usageRuns } from '../schema/index.ts';
import { databaseNow } from '../statements/database-now.ts';
import type { Sql } from '../statements/statement.ts';
import { addToHour } from '../statements/usage/add-to-hour.ts';
import { copyHours } from '../statements/usage/copy-hours.ts';
import { dropOlderCopies } from '../statements/usage/drop-older-copies.ts';
import { lockLedger } from '../statements/usage/lock-ledger.ts';
import { purgeUsage } from '../statements/usage/purge.ts';
import { readLastRuns } from '../statements/usage/read-runs.ts';
import { writeRuns } from '../statements/usage/write-runs.ts';
import { createDecoder } from './decode.ts';

const decodeRun = createDecoder(usageRuns);

/** What a series may hold on the wire. */
const SERIES_LIMIT = 2_400;

/** A sum of bigints is a numeric, which the driver gives as text. */
const sumOf = (column: PgColumn) => text<number>`sum(${column})::double precision`;
const summed = {
  tokensIn: sumOf(hours.tokensIn),
  tokensOut: sumOf(hours.tokensOut),
  costMicroUsd: sumOf(hours.costMicroUsd),
  toolCalls: sumOf(hours.toolCalls),
  cpuMs: sumOf(hours.cpuMs),
  peakMemoryBytes: text<number>`max(${hours.peakMemoryBytes})::double precision`,
} satisfies Record<keyof Usage, SQL>;

export function createPostgresUsageLedger({ sql, orm }: Pick<Database, 'sql' | 'orm'>): UsageLedger {
  async function ownId(): Promise<DatabaseId> {
    const [row] = await orm.select({ id: databaseIdentity.id }).from(databaseIdentity);
    if (!row) throw new Error('the database has lost its identity'); // its only row was made by the migration
    return row.id;
  }

  const isSince = (sinceMs: number) => gte(hours.hour, Math.floor(sinceMs / HOUR_MS) * HOUR_MS);

  return {
    async record(nodeId, readings) {
      if (readings.length === 0) return;
      await sql.begin(async (tx) => {
        const now = await lockLedger(tx, nodeId);
        const { growth, runs } = readRuns(await knownRuns(tx, nodeId, readings), readings, now);
        if (runs.length > 0) await writeRuns(tx, nodeId, runs);
        if (growth) await addToHour(tx, nodeId, growth);
      });
    },

    async series(nodeId, sinceMs) {
      const databaseId = await ownId();
      const rows = await orm
        .select()
        .from(hours)
        .where(and(eq(hours.nodeId, nodeId), eq(hours.databaseId, databaseId), isSince(sinceMs)))
        .orderBy(desc(hours.hour))
        .limit(SERIES_LIMIT);
      return { databaseId, hours: rows.reverse().map(toHour) };
    },

    async copy(nodeId, { databaseId, hours: told }) {
      if (told.length === 0) return;
      await sql.begin(async (tx) => {
        await lockLedger(tx, nodeId); // two that drop each other's copies would wait for each other
        await copyHours(tx, nodeId, databaseId, byHour(told));
        await dropOlderCopies(tx, nodeId, databaseId);
      });
    },

    async hours(sinceMs) {
      const rows = await orm
        .select({ nodeId: hours.nodeId, hour: hours.hour, ...summed })
        .from(hours)
        .where(isSince(sinceMs))
        .groupBy(hours.nodeId, hours.hour)
        .orderBy(asc(hours.nodeId), asc(hours.hour));
      const byNode = new Map<NodeId, UsageHour[]>();
      for (const row of rows) byNode.set(row.nodeId, [...(byNode.get(row.nodeId) ?? []), toHour(row)]);
      return [...byNode].map(([nodeId, ofNode]) => ({ nodeId, hours: ofNode }));
    },

    async now() {
      return databaseNow(sql);
    },

    async purge() {
      const [gone] = await purgeUsage(sql);
      return gone?.count ?? 0;
    },
  };
}

/** The last readings of the runs that were read now. */
async function knownRuns(tx: Sql, nodeId: NodeId, readings: readonly RunReading[]): Promise<Map<string, KnownRun>> {
  const runIds = [...new Set(readings.map(({ runId }) => runId))];
  const rows = await readLastRuns(tx, nodeId, runIds);
  return new Map(rows.map(decodeRun).map(({ runId, readAt, ...usage }) => [runId, { readAt, usage: toUsage(usage) }]));
}

/** Sums over series may be larger than any figure that travels. */
function toUsage({ tokensIn, tokensOut, costMicroUsd, toolCalls, cpuMs, peakMemoryBytes }: Usage): Usage {
  return sumUsage(noUsage, { tokensIn, tokensOut, costMicroUsd, toolCalls, cpuMs, peakMemoryBytes });
}

function toHour(row: Usage & { hour: number }): UsageHour {
  return { hour: new Date(row.hour).toISOString(), usage: toUsage(row) };
}

/** What a node's work used, by the hour: written once by its home database, and copied unchanged. */
import { z } from 'zod';
import { DatabaseId, Timestamp } from './ids.ts';
import { Usage } from './resources.ts';

/** The work that was accounted for within one hour of the home database's clock. Only ever rises. */
export const UsageHour = z.strictObject({
  /** The hour's beginning. */
  hour: Timestamp,
  usage: Usage,
});
export type UsageHour = z.infer<typeof UsageHour>;

/** The hours of one node as one database keeps them: a node that lost its database begins a new series. */
export const UsageSeries = z.strictObject({ databaseId: DatabaseId, hours: z.array(UsageHour).max(2_400) });
export type UsageSeries = z.infer<typeof UsageSeries>;

/** Two usages together; of the peaks the higher one. Sums end at the largest figure that travels: 2^53 − 1. */
export function sumUsage(a: Usage, b: Usage): Usage {
  return {
    tokensIn: sumFigures(a.tokensIn, b.tokensIn),
    tokensOut: sumFigures(a.tokensOut, b.tokensOut),
    costMicroUsd: sumFigures(a.costMicroUsd, b.costMicroUsd),
    toolCalls: sumFigures(a.toolCalls, b.toolCalls),
    cpuMs: sumFigures(a.cpuMs, b.cpuMs),
    peakMemoryBytes: Math.max(a.peakMemoryBytes, b.peakMemoryBytes),
  };
}

const sumFigures = (a: number, b: number) => Math.min(a + b, Number.MAX_SAFE_INTEGER);

/** The later of two readings of the same counters, field by field: they only ever rise. */
export function laterUsage(a: Usage, b: Usage): Usage {
  return {
    tokensIn: Math.max(a.tokensIn, b.tokensIn),
    tokensOut: Math.max(a.tokensOut, b.tokensOut),
    costMicroUsd: Math.max(a.costMicroUsd, b.costMicroUsd),
    toolCalls: Math.max(a.toolCalls, b.toolCalls),
    cpuMs: Math.max(a.cpuMs, b.cpuMs),
    peakMemoryBytes: Math.max(a.peakMemoryBytes, b.peakMemoryBytes),
  };
}

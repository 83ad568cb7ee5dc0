/** What statements share: what they run on, json parameters, and the order of a claim. */
import type { Priority } from '@skein/contracts';
import { PRIORITY_AGING_MS, priorityRank } from '@skein/swarm';
import type postgres from 'postgres';

/** The pool or a transaction: both take the same statements. */
export type Sql = postgres.ISql;
export type Fragment = postgres.PendingQuery<postgres.Row[]>;
export type { RawRow } from '../stores/decode.ts';

/** For a json parameter: the driver is given text, so that the string "42" stays a string. */
export function jsonText(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}

const byRank = Object.entries(priorityRank).sort(([, a], [, b]) => b - a) as [Priority, number][]; // its own keys

/** The priorities, highest first: a claim looks at the oldest of each, because age orders within one priority. */
export const prioritiesByRank: readonly Priority[] = byRank.map(([priority]) => priority);

/** `agedRank` in SQL, over a row named `d` that has waited since `since`. */
export function agedRankOf(sql: Sql, since: 'created_at' | 'received_at'): Fragment {
  return sql`least(
    ${priorityRank.critical}::int,
    case d.priority
      when 'low' then ${priorityRank.low}::int
      when 'normal' then ${priorityRank.normal}::int
      when 'high' then ${priorityRank.high}::int
      else ${priorityRank.critical}::int
    end + floor(extract(epoch from skein_now() - d.${sql(since)}) * 1000 / ${PRIORITY_AGING_MS}::int)::int
  )`;
}

/**
 * How many more than asked for a claim looks at in each priority, so that rows which others are locking at this moment
 * do not leave it empty-handed.
 */
export const CLAIM_SLACK = 8;

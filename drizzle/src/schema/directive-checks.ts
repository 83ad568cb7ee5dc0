import { type SQL, sql } from 'drizzle-orm';
import type { PgColumn } from 'drizzle-orm/pg-core';

/** `column in ('a', 'b')` as text of the statement itself: an index's predicate and a check take no parameters. */
export function isOneOf(column: PgColumn, values: readonly string[]): SQL {
  return sql`${column} in (${sql.raw(values.map((value) => `'${value}'`).join(', '))})`;
}

/** A final state comes with its moment and its result; any other with neither. */
export function endIsWhole(state: PgColumn, endedAt: PgColumn, result: PgColumn, openStates: readonly string[]): SQL {
  const isOpen = isOneOf(state, openStates);
  return sql`case when ${isOpen} then ${endedAt} is null and ${result} is null else ${endedAt} is not null and ${result} is not null end`;
}

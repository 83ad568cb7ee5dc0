/** Rows of hand-written statements, read as drizzle reads its own: each column by its type, each name as the schema's. */
import type { InferSelectModel } from 'drizzle-orm';
import { getTableColumns } from 'drizzle-orm';
import type { PgTable } from 'drizzle-orm/pg-core';

export type RawRow = Readonly<Record<string, unknown>>;

export function createDecoder<T extends PgTable>(table: T): (raw: RawRow) => InferSelectModel<T> {
  const columns = Object.entries(getTableColumns(table));
  return (raw) => {
    const row: Record<string, unknown> = {};
    for (const [key, column] of columns) {
      const value = raw[column.name];
      row[key] = value === null || value === undefined ? null : column.mapFromDriverValue(value);
    }
    // The schema's own columns name and type every property that was just written.
    return row as InferSelectModel<T>;
  };
}

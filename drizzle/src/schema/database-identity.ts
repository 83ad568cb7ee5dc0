import type { DatabaseId } from '@skein/contracts';
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, pgTable, text } from 'drizzle-orm/pg-core';

/** Who this database is, and how far its registry has come: one row, made by the migration. */
export const databaseIdentity = pgTable(
  'database_identity',
  {
    onlyRow: boolean('only_row').primaryKey().default(true),
    id: text().$type<DatabaseId>().notNull(),
    registryRevision: bigint('registry_revision', { mode: 'number' }).notNull().default(0),
  },
  (table) => [check('database_identity_only_row', sql`${table.onlyRow}`)],
);

/** Column types of our own, where drizzle's or the driver's lose something on the way. */
import { sql } from 'drizzle-orm';
import { customType } from 'drizzle-orm/pg-core';

/** Identifiers: compared byte by byte, whatever the database's locale, so that every database sorts them alike. */
export const idText = customType<{ data: string }>({ dataType: () => 'text collate "C"' });

/**
 * JSON as it was written: the type `json`, because `jsonb` refuses the NUL that a program's output may hold. drizzle's own
 * column parses what the driver has parsed already, and reads the string "42" as a number.
 */
export const json = customType<{ data: unknown; driverData: unknown }>({
  dataType: () => 'json',
  toDriver: (value) => JSON.stringify(value),
  fromDriver: (value) => value,
});

/** A moment: timestamptz in the database, milliseconds since the epoch in the program. The driver takes no Date. */
export const instant = customType<{ data: number; driverData: string }>({
  dataType: () => 'timestamp with time zone',
  toDriver: (ms) => sql`to_timestamp(${ms}::double precision / 1000)`,
  fromDriver: (text) => Date.parse(text),
});

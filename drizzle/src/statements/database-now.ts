import type { Sql } from './statement.ts';

/** The clock that every statement goes by, in milliseconds since the epoch. */
export async function databaseNow(sql: Sql): Promise<number> {
  const [row] = await sql<{ now: number }[]>`
    select floor(extract(epoch from skein_now()) * 1000)::double precision as now`;
  if (!row) throw new Error('a clock without a row'); // a select without a table gives one
  return row.now;
}

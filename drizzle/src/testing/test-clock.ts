/**
 * The database's clock, in a test's hands. Migrations define `skein_now()` as `now()`, and every statement of ours asks
 * it; here it is replaced by one that adds an offset, so that an hour can pass at once.
 */
import type { Sql } from '../target.ts';

export async function installTestClock(sql: Sql): Promise<void> {
  await sql.unsafe(`
    create schema if not exists skein_test;
    create table if not exists skein_test.clock (only_row boolean primary key default true check (only_row), offset_ms bigint not null);
    insert into skein_test.clock (offset_ms) values (0) on conflict do nothing;
    create or replace function skein_now() returns timestamptz language sql stable
      as $$ select now() + offset_ms * interval '1 ms' from skein_test.clock $$;
  `);
}

/** Seen by every transaction that begins afterwards. */
export async function advanceTestClock(sql: Sql, ms: number): Promise<void> {
  await sql`update skein_test.clock set offset_ms = offset_ms + ${Math.round(ms)}::bigint`;
}

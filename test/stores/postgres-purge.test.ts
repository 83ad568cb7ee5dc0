/** A node that was away for a month has much to forget: it goes in pages, each well within the time of a statement. */
import { createPostgresStores } from '@skein/drizzle';
import { createTestDatabase, type TestDatabase } from '@skein/drizzle/testing';
import { expect, inject, test } from 'vitest';
import { DAY_MS, newArrival, newDirective, receiver, resultOf, sender } from './suites/samples.ts';

const PAGE = 2_000;

/** Makes of the only row of a table one more than a page, with a trail for each. */
async function multiply({ sql }: TestDatabase, table: string, side: string): Promise<void> {
  await sql.unsafe(`
    insert into ${table} overriding system value
    select (jsonb_populate_record(row, jsonb_build_object('id', gen_random_uuid(), 'row_id', gen_random_uuid(), 'seq', -n))).*
    from ${table} row, generate_series(1, ${PAGE}) n`);
  await sql.unsafe(`
    insert into swarm_directive_events overriding system value
    select (jsonb_populate_record(event, jsonb_build_object('directive_id', row.id, 'id', -row_number() over ()))).*
    from ${table} row, (select e from swarm_directive_events e where side = '${side}' limit 1) one (event)
    where row.id <> (event).directive_id`);
}

test('an outbox forgets a page at a time', async () => {
  await using database = await createTestDatabase(inject('testCluster'));
  const { outbox } = createPostgresStores(database);
  const directive = newDirective();
  await outbox.insert(directive);
  await outbox.settle(sender, directive.id, resultOf('failed'));
  await multiply(database, 'swarm_directives', 'outbox');
  await database.advance(31 * DAY_MS);
  expect(await outbox.purge(sender)).toBe(PAGE);
  expect(await outbox.purge(sender)).toBe(1);
  expect(await database.sql`select 1 from swarm_directive_events limit 1`).toHaveLength(0);
});

test('an inbox forgets a page at a time', async () => {
  await using database = await createTestDatabase(inject('testCluster'));
  const { inbox } = createPostgresStores(database);
  await inbox.admit(newArrival({ remainingMs: 0 }));
  await multiply(database, 'swarm_directive_inbox', 'inbox');
  await database.advance(31 * DAY_MS);
  expect(await inbox.purge(receiver)).toBe(PAGE);
  expect(await inbox.purge(receiver)).toBe(1);
  expect(await database.sql`select 1 from swarm_directive_events limit 1`).toHaveLength(0);
});

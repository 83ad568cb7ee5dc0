/** A node that was away for a month has much to forget: it goes in pages, each well within the time of a statement. */
import { randomUUID } from 'node:crypto';
import { AgentId, MailId, noUsage } from '@skein/contracts';
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
  const { outbox } = createPostgresStores(database, { nodeId: receiver });
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
  const { inbox } = createPostgresStores(database, { nodeId: receiver });
  await inbox.admit(newArrival({ remainingMs: 0 }));
  await multiply(database, 'swarm_directive_inbox', 'inbox');
  await database.advance(31 * DAY_MS);
  expect(await inbox.purge(receiver)).toBe(PAGE);
  expect(await inbox.purge(receiver)).toBe(1);
  expect(await database.sql`select 1 from swarm_directive_events limit 1`).toHaveLength(0);
});

/** Makes of the only row of a table one more than a page, each with other values in these columns. */
async function multiplyRows({ sql }: TestDatabase, table: string, ...columns: string[]): Promise<void> {
  const values = columns.map((column) => `'${column}', gen_random_uuid()`).join(', ');
  await sql.unsafe(`
    insert into ${table} overriding system value
    select (jsonb_populate_record(row, jsonb_build_object(${values}))).*
    from ${table} row, generate_series(1, ${PAGE}) n`);
}

const usage = { ...noUsage, cpuMs: 1 };

test('a book of agents forgets a page at a time', async () => {
  await using database = await createTestDatabase(inject('testCluster'));
  const { agents } = createPostgresStores(database, { nodeId: receiver });
  const id = AgentId.parse(randomUUID());
  const { id: directiveId, parentDirectiveId } = newDirective();
  const spawn = { nodeId: receiver, spawnedBy: receiver, directiveId, parentDirectiveId };
  await agents.open({ id, ...spawn, agentType: 'test', name: 'test', mode: 'wait' });
  await agents.end(id, {
    state: 'failed',
    usage,
    result: { response: '', exitCode: 1, signal: null, truncated: false },
  });
  await multiplyRows(database, 'swarm_agents', 'id');
  await database.advance(31 * DAY_MS);
  expect([await agents.purge(receiver), await agents.purge(receiver)]).toEqual([PAGE, 1]);
});

test('a mailbox forgets a page at a time', async () => {
  await using database = await createTestDatabase(inject('testCluster'));
  const { mail } = createPostgresStores(database, { nodeId: receiver });
  const message = { messageId: '1', role: 'ROLE_USER' as const, parts: [{ text: 'hello' }] };
  const provenance = { origin: 'local', sourceNodeId: sender, directiveId: null } as const;
  const box = { nodeId: receiver, recipient: { session: 'agents' }, contextId: null };
  await mail.deliver({ id: MailId.parse(randomUUID()), ...box, message, provenance, key: 'first' });
  await multiplyRows(database, 'mailbox', 'id', 'key');
  await database.advance(31 * DAY_MS);
  expect([await mail.purge(receiver), await mail.purge(receiver)]).toEqual([PAGE, 1]);
});

test('shared state forgets tombstones a page at a time', async () => {
  await using database = await createTestDatabase(inject('testCluster'));
  const { state } = createPostgresStores(database, { nodeId: receiver });
  await state.write(receiver, 'memory', 'gone', undefined);
  await multiplyRows(database, 'shared_state', 'key');
  await database.advance(8 * DAY_MS);
  expect([await state.purge(receiver), await state.purge(receiver)]).toEqual([PAGE, 1]);
});

test('a ledger forgets a page of hours and a page of runs at a time', async () => {
  await using database = await createTestDatabase(inject('testCluster'));
  const ledger = createPostgresStores(database, { nodeId: receiver }).usage;
  await ledger.record(receiver, [{ runId: 'run', usage }]);
  await multiplyRows(database, 'usage_runs', 'run_id');
  await multiplyRows(database, 'usage_hours', 'database_id');
  await database.advance(91 * DAY_MS);
  expect([await ledger.purge(), await ledger.purge()]).toEqual([2 * PAGE, 2]);
});

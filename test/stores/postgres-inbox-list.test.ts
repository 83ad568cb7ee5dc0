import { createPostgresStores } from '@skein/drizzle';
import { createTestDatabase } from '@skein/drizzle/testing';
import { expect, inject, test } from 'vitest';
import { listOf } from '../../drizzle/src/statements/inbox/list-of.ts';
import { newArrival, receiver, sender } from './suites/samples.ts';

test('a page of a long list of directives is read by its index, not by looking through everything', async () => {
  await using database = await createTestDatabase(inject('testCluster'));
  const { inbox } = createPostgresStores(database, { nodeId: receiver });
  await inbox.admit(newArrival({ remainingMs: 0 }));
  await database.sql.unsafe(`
    insert into swarm_directive_inbox overriding system value
    select (jsonb_populate_record(row, jsonb_build_object(
      'id', gen_random_uuid(), 'row_id', gen_random_uuid(), 'seq', -n, 'ended_at', row.ended_at - n * interval '1 s'
    ))).* from swarm_directive_inbox row, generate_series(1, 1000) n`);
  await database.sql`analyze swarm_directive_inbox`;
  await database.sql.begin(async (tx) => {
    const after = { statusAt: Date.now(), rowId: '' };
    expect(await listOf(tx, sender, receiver, { after, limit: 10 })).toHaveLength(11);
    const [scans] = await tx<{ byStatus: number }[]>`
      select pg_stat_get_xact_numscans('swarm_directive_inbox_status'::regclass)::int as "byStatus"`;
    expect(scans?.byStatus).toBeGreaterThan(0);
  });
});

import { randomUUID } from 'node:crypto';
import { DirectiveId, NodeId } from '@skein/contracts';
import { expect, inject, test } from 'vitest';
import { listOf } from '../statements/inbox/list-of.ts';
import { createTestDatabase } from '../testing/test-database.ts';
import { createPostgresInboxStore } from './inbox-store.ts';

const sender = NodeId.parse('a'.repeat(26));
const receiver = NodeId.parse('b'.repeat(26));

test('a page of a long list of directives is read by its index, not by looking through everything', async () => {
  await using database = await createTestDatabase(inject('testCluster'));
  await createPostgresInboxStore(database).admit({
    ...{ id: DirectiveId.parse(randomUUID()), rowId: randomUUID(), sourceNodeId: sender, targetNodeId: receiver },
    ...{ order: { kind: 'query_resources', payload: {} }, payloadHash: 'a'.repeat(64), parentDirectiveId: null },
    ...{ priority: 'normal', effect: 'amo', remainingMs: 0, refusal: null },
  });
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

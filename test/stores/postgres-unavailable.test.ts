import { createPostgresStores } from '@skein/drizzle';
import { createTestDatabase } from '@skein/drizzle/testing';
import { expect, inject, test } from 'vitest';
import { metrics, newDirective, newNode, nodeId, resultOf, sender } from './suites/samples.ts';

test('stores whose database is gone say so, whichever way they ask, and other failures stay what they are', async () => {
  const database = await createTestDatabase(inject('testCluster'));
  const { nodes, outbox } = createPostgresStores(database, { nodeId: sender });
  const directive = newDirective();
  await expect(outbox.settle(sender, directive.id, resultOf('failed'))).rejects.toMatchObject({
    code: 'DIRECTIVE_NOT_FOUND',
  });
  await database.drop();
  const unavailable = { name: 'SwarmError', code: 'STORE_UNAVAILABLE' };
  await expect(outbox.insert(directive)).rejects.toMatchObject(unavailable); // a statement
  await expect(outbox.find(sender, directive.id)).rejects.toMatchObject(unavailable); // a plain read
  await expect(nodes.admit(newNode(1))).rejects.toMatchObject(unavailable); // a transaction
  await expect(nodes.beat(nodeId(1), { incarnation: 1, metrics })).rejects.toMatchObject(unavailable);
});

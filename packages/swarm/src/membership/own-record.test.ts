import { createFakeClock, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createNodeIdentity } from '../security/node-identity.ts';
import { readRecord } from '../security/signed-record.ts';
import { createInMemoryNodeStore } from './in-memory-node-store.ts';
import { createOwnRecord, type SelfDescription } from './own-record.ts';

const description: SelfDescription = {
  ...{ name: 'north', addresses: ['http://127.0.0.1:4220'], kinds: ['query_resources'], capacity: 4 },
  ...{ capabilities: [], labels: {} },
};

test('what a node says anew of itself is the next version of the same life, and stays said in the next one', async () => {
  const nodes = createInMemoryNodeStore({ clock: createFakeClock(), random: createSeededRandom(1) });
  const identity = createNodeIdentity();
  const own = await createOwnRecord({ identity, nodes }, description);
  const first = own.current();
  expect(own.describe({ kinds: ['query_resources'] })).toBe(first);
  const second = own.describe({ kinds: ['execute_task', 'query_resources'] });
  expect(second.record).toMatchObject({ incarnation: first.record.incarnation, recordVersion: 2 });
  expect(readRecord(second.signedRecord).record).toEqual(second.record);
  expect(own.current()).toBe(second);
  await nodes.admit(first);
  expect(await nodes.admit(second)).toMatchObject({ status: 'updated' });
  const { record } = await own.renew();
  expect(record).toMatchObject({ kinds: ['execute_task', 'query_resources'], recordVersion: 1 });
  expect(record.incarnation).toBeGreaterThan(first.record.incarnation);
});

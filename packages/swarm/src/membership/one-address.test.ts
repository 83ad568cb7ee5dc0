/** Who a node is follows from its key alone: not from where it listens, and not from how often it says so. */
import { expect, test } from 'vitest';
import { createTestSwarm } from '../testing/index.ts';
import { startJoined } from '../testing/test-members.ts';

test('two nodes behind one host and port are two nodes', async () => {
  await using swarm = await createTestSwarm();
  const addresses = ['https://gateway.example:443'];
  const [seed, one, two] = await startJoined(swarm, {}, { addresses }, { addresses });
  if (!one || !two) throw new Error('three were started');
  const behind = (await seed.node.listNodes()).filter((node) => node.addresses[0] === addresses[0]);
  expect(behind.map(({ id }) => id).sort()).toEqual([one.identity.nodeId, two.identity.nodeId].sort());
  expect(behind.map(({ name }) => name).sort()).toEqual(['node-1', 'node-2']);
});

test('a node that moves to another address stays the same node, and is known under its new one alone', async () => {
  await using swarm = await createTestSwarm();
  const [seed, member] = await startJoined(swarm, {}, {});
  if (!member) throw new Error('two were started');
  member.kill();
  await (await member.restart({ addresses: ['http://localhost:9999'] })).start();
  const nodesOfMember = async () => (await seed.node.listNodes()).filter(({ id }) => id === member.identity.nodeId);
  await swarm.until(async () => (await nodesOfMember())[0]?.addresses[0] === 'http://localhost:9999');
  expect(await nodesOfMember()).toHaveLength(1);
  expect(await seed.node.listNodes()).toHaveLength(2);
});

test('a node that registers itself many times at once is registered once', async () => {
  await using swarm = await createTestSwarm();
  const { node, identity } = await swarm.add('node');
  await Promise.all(Array.from({ length: 20 }, () => node.registerSelf()));
  expect((await node.listNodes()).map(({ id }) => id)).toEqual([identity.nodeId]);
});

/** How far a seed is trusted: the one that was joined and no other, and never with more than it may say. */
import { NodeRecord } from '@skein/contracts';
import { silentLogger } from '@skein/contracts/runtime';
import { expect, test } from 'vitest';
import { createOwnRecord } from '../membership/own-record.ts';
import { readRelayed } from '../membership/relay.ts';
import { createTestSwarm, type TestMember, type TestSwarm } from '../testing/index.ts';
import { createNodeIdentity } from './node-identity.ts';
import { signRecord } from './signed-record.ts';

async function joining(swarm: TestSwarm, name: string, seed: TestMember) {
  const { token } = await seed.node.createJoinToken();
  const member = await swarm.add(name, { seeds: [seed.origin], joinToken: token });
  await member.node.start();
  await swarm.until(async () => (await member.node.getNode(seed.identity.nodeId))?.status === 'online');
  return member;
}

/** Lets another member listen at the seed's address, as anyone could after the seed's death. */
async function takeAddress(swarm: TestSwarm, seed: TestMember, other: TestMember) {
  seed.kill();
  const squatter = await swarm.add('squatter', { identity: other.identity, stores: other.stores });
  swarm.http.heal(seed.origin);
  swarm.routes.set(seed.origin, (request) => squatter.node.app.fetch(request));
  return squatter;
}

test('a link that was joined talks to that seed’s key alone, also when another member answers at its address', async () => {
  await using swarm = await createTestSwarm();
  const seed = await swarm.add('seed');
  await seed.node.start();
  const other = await joining(swarm, 'other', seed);
  const member = await joining(swarm, 'member', seed);
  await swarm.until(async () => (await member.node.getNode(other.identity.nodeId))?.status === 'online');
  await swarm.until(async () => (await other.node.getNode(member.identity.nodeId))?.status === 'online');
  await takeAddress(swarm, seed, other);
  const joins: string[] = [];
  member.node.events.on('seed.joined', ({ nodeId }) => {
    joins.push(nodeId);
  });
  await swarm.pass(200_000);
  expect(joins).toEqual([]);
});

test('after a restart without a token a seed’s address leads to a seed that was joined, not to any member', async () => {
  await using swarm = await createTestSwarm();
  const seed = await swarm.add('seed');
  await seed.node.start();
  const other = await joining(swarm, 'other', seed);
  const member = await joining(swarm, 'member', seed);
  await swarm.until(async () => (await member.node.getNode(other.identity.nodeId))?.status === 'online');
  await swarm.until(async () => (await other.node.getNode(member.identity.nodeId))?.status === 'online');
  await takeAddress(swarm, seed, other);
  member.kill();
  await (await member.restart({ seeds: [] })).start();
  let refusal: unknown;
  const asked = member.node.join(seed.origin).catch((cause: unknown) => {
    refusal = cause;
  });
  await swarm.until(() => refusal !== undefined);
  await asked;
  expect(refusal).toMatchObject({ code: 'JOIN_REFUSED', metadata: { reason: 'token_required' } });
});

test('a seed that was heard of first and joined later is trusted after a restart', async () => {
  await using swarm = await createTestSwarm();
  const seed = await swarm.add('seed');
  await seed.node.start();
  const second = await joining(swarm, 'second', seed);
  const member = await joining(swarm, 'member', seed);
  await swarm.until(async () => (await member.node.getNode(second.identity.nodeId))?.status === 'online');
  const { token } = await second.node.createJoinToken();
  const joined = async (given?: string) => {
    let tier: string | undefined;
    void member.node.join(second.origin, given ? { token: given } : {}).then((view) => {
      tier = view.tier;
    });
    await swarm.until(() => tier !== undefined);
    return tier;
  };
  expect(await joined(token)).toBe('root');
  member.kill();
  await (await member.restart({ seeds: [] })).start();
  expect(await joined()).toBe('root');
});

const recordOf = (incarnation: number): NodeRecord => ({
  ...{ key: teller.publicKey, name: 'told', addresses: ['http://127.0.0.1:1'], kinds: [], capabilities: [] },
  ...{ labels: {}, capacity: 1, incarnation, recordVersion: 1 },
});
const teller = createNodeIdentity();

test('nobody is made a seed by hearsay', () => {
  const facts = { group: null, liveness: 'online', eligibility: 'eligible', eligibilityVersion: 0 } as const;
  const told = { record: signRecord(teller, recordOf(1)), tier: 'root', ...facts, removed: false } as const;
  expect(readRelayed([told], silentLogger)).toMatchObject([{ id: teller.nodeId, tier: 'sudo' }]);
});

test('lives are counted up to two thousand millions, and never by leaps', async () => {
  expect(NodeRecord.safeParse(recordOf(2_000_000_000)).success).toBe(true);
  expect(NodeRecord.safeParse(recordOf(2_000_000_001)).success).toBe(false);
  const nodes = { openIncarnation: async (_id: unknown, atLeast = 0) => atLeast + 1 };
  const { key: _key, incarnation: _lives, recordVersion: _version, ...description } = recordOf(1);
  const own = await createOwnRecord({ identity: teller, nodes }, description);
  await expect(own.renew(1_000_002)).rejects.toMatchObject({ code: 'PEER_NOT_TRUSTED' });
  expect(own.current().record.incarnation).toBe(1);
  expect((await own.renew(1_000)).record.incarnation).toBe(1_001);
});

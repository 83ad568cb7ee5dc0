import type { HttpPort, HttpRequest } from '@skein/a2a-transport';
import { expect, test } from 'vitest';
import { createTestSwarm, type TestMember, type TestSwarm } from '../testing/index.ts';
import { awaited, startJoined } from '../testing/test-members.ts';

/** The pretend network, with a note of everything that crosses it. */
function noting(swarm: TestSwarm) {
  const seen: Pick<HttpRequest, 'method' | 'url'>[] = [];
  const http: HttpPort = {
    request(request) {
      seen.push({ method: request.method, url: request.url });
      return swarm.http.request(request);
    },
  };
  return { http, seen, cards: () => seen.filter(({ url }) => url.endsWith('/.well-known/agent-card.json')) };
}

const found = async (swarm: TestSwarm, { node }: TestMember, endpoints?: string[]) =>
  (await awaited(swarm, node.discoverPeers(endpoints))).map(({ name, trusted }) => ({ name, trusted }));

test('without endpoints the configured seeds are asked, and what is not joined yet is not trusted', async () => {
  await using swarm = await createTestSwarm();
  const [seed] = await startJoined(swarm, {});
  const newcomer = await swarm.add('newcomer', { seeds: [seed.origin] });
  expect(await found(swarm, newcomer)).toEqual([{ name: 'node-0', trusted: false }]);
  await newcomer.node.start();
  const { token } = await seed.node.createJoinToken();
  await awaited(swarm, newcomer.node.join(seed.origin, { token }));
  expect(await found(swarm, newcomer)).toEqual([{ name: 'node-0', trusted: true }]);
});

test.each(['', '/', '/a2a', '/a2a/'])(
  'a seed that is written with "%s" at its end is found and joined',
  async (end) => {
    await using swarm = await createTestSwarm();
    const [seed] = await startJoined(swarm, {});
    const { token } = await seed.node.createJoinToken();
    const member = await swarm.add('member', { seeds: [`${seed.origin}${end}`], joinToken: token });
    expect(await found(swarm, member)).toEqual([{ name: 'node-0', trusted: false }]);
    await member.node.start();
    await swarm.until(async () => (await seed.node.getNode(member.identity.nodeId))?.status === 'online');
  },
);

test('a node is never its own peer, whether it is asked for or stands among its own seeds', async () => {
  await using swarm = await createTestSwarm();
  const own = 'http://127.0.0.1:4221'; // the second origin that the swarm hands out
  const [seed, member] = await startJoined(swarm, {}, { seeds: ['http://127.0.0.1:4220', `${own}/a2a`] });
  if (!member) throw new Error('two were started');
  expect(member.origin).toBe(own);
  expect(await found(swarm, member)).toEqual([{ name: 'node-0', trusted: true }]);
  expect(await found(swarm, member, [own, seed.origin])).toEqual([{ name: 'node-0', trusted: true }]);
  const failures: unknown[] = [];
  member.node.events.on('seed.failed', (event) => failures.push(event));
  await swarm.pass(120_000);
  expect(failures).toEqual([]);
});

test('a node that stands alone among its own seeds still knows a stranger when it sees one', async () => {
  await using swarm = await createTestSwarm();
  const alone = await swarm.add('alone', { seeds: ['http://127.0.0.1:4220'] });
  await alone.node.start();
  const stranger = await swarm.add('stranger');
  await stranger.stores.nodes.admit({
    ...{ id: alone.identity.nodeId, tier: 'root', group: null },
    ...(await recordOf(alone)),
  });
  await stranger.node.start();
  const sent = stranger.node.dispatch({ kind: 'query_resources', target: alone.identity.nodeId, payload: {} });
  expect(await awaited(swarm, sent)).toMatchObject({ status: 'rejected', error: { reason: 'unknown_caller' } });
});

async function recordOf({ stores, identity }: TestMember) {
  const entry = await stores.nodes.find(identity.nodeId);
  if (!entry) throw new Error('a started node is in its own registry');
  return { record: entry.record, signedRecord: entry.signedRecord };
}

test('each look reads the card anew: a node that is gone is not found, one that came back otherwise is shown so', async () => {
  await using swarm = await createTestSwarm();
  const [seed] = await startJoined(swarm, {});
  const { http, cards } = noting(swarm);
  const observer = await swarm.add('observer', { http });
  expect(await found(swarm, observer, [seed.origin])).toHaveLength(1);
  seed.kill();
  expect(await found(swarm, observer, [seed.origin])).toEqual([]);
  await seed.restart({ name: 'renamed' });
  expect(await found(swarm, observer, [seed.origin])).toEqual([{ name: 'renamed', trusted: false }]);
  expect(cards()).toHaveLength(3);
});

test('an endpoint that never answers is left out in bounded time', async () => {
  await using swarm = await createTestSwarm();
  const observer = await swarm.add('observer');
  swarm.routes.set('http://127.0.0.1:9', () => new Promise(() => {}));
  const before = swarm.clock.now();
  expect(await found(swarm, observer, ['http://127.0.0.1:9'])).toEqual([]);
  expect(swarm.clock.now() - before).toBeLessThanOrEqual(11_000);
});

test('looking at the registry asks nobody anything', async () => {
  await using swarm = await createTestSwarm();
  const { http, seen } = noting(swarm);
  const [seed, member] = await startJoined(swarm, { http }, {});
  if (!member) throw new Error('two were started');
  seen.length = 0;
  for (let look = 0; look < 100; look += 1) {
    expect(await seed.node.getNode(member.identity.nodeId)).toMatchObject({ name: 'node-1', isSelf: false });
    expect(await seed.node.getNode(seed.identity.nodeId)).toMatchObject({ name: 'node-0', isSelf: true });
    expect((await seed.node.listNodes()).filter(({ isSelf }) => isSelf)).toHaveLength(1);
  }
  expect(seen).toEqual([]);
});

/** What a node answers while its database is away: that it cannot for now, and never more than it knows. */
import { DIRECTIVE_MEDIA_TYPE, SWARM_EXTENSION_URI } from '@skein/contracts';
import { systemRandom } from '@skein/contracts/runtime';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { SwarmError } from '../errors.ts';
import { createInMemoryStores } from '../in-memory-stores.ts';
import { createTestSwarm, type TestMember, type TestSwarm } from '../testing/index.ts';
import { issueCallToken } from './call-token.ts';

const Failure = z.object({ error: z.object({ data: z.array(z.looseObject({ reason: z.string() })).optional() }) });
const away = () => Promise.reject(new SwarmError('STORE_UNAVAILABLE', 'the database is away'));

/** A receiver some of whose stores can be taken away, and a friend that may call it. */
async function setUp(swarm: TestSwarm) {
  const outage = { nodes: false, inbox: false };
  const breakable = <T extends object>(target: T, isAway: () => boolean): T =>
    new Proxy(target, { get: (_, key) => (isAway() ? away : Reflect.get(target, key)) });
  const { nodes, inbox, ...rest } = createInMemoryStores({ clock: swarm.clock, random: systemRandom });
  const stores = { ...rest, nodes: breakable(nodes, () => outage.nodes), inbox: breakable(inbox, () => outage.inbox) };
  const node = await swarm.add('node', { stores });
  await node.node.start();
  const { token } = await node.node.createJoinToken();
  const friend = await swarm.add('friend', { seeds: [node.origin], joinToken: token });
  await friend.node.start();
  await swarm.until(async () => (await node.node.getNode(friend.identity.nodeId))?.status === 'online');
  return { node, friend, outage };
}

async function call(
  swarm: TestSwarm,
  { node, friend }: { node: TestMember; friend: TestMember },
  method: string,
  params: object,
) {
  const body = new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
  const about = { audience: node.identity.nodeId, body, jti: systemRandom.uuid() };
  const headers = {
    ...{ 'content-type': 'application/json', 'a2a-version': '1.0', 'a2a-extensions': SWARM_EXTENSION_URI },
    authorization: `Bearer ${issueCallToken({ identity: friend.identity, clock: swarm.clock }, about)}`,
  };
  let reply: Response | undefined;
  void Promise.resolve(node.node.app.fetch(new Request(`${node.origin}/a2a`, { method: 'POST', headers, body }))).then(
    (answer) => {
      reply = answer;
    },
  );
  await swarm.until(() => reply !== undefined);
  if (!reply) throw new Error('the node answered');
  const { error } = Failure.parse(await reply.json());
  return { status: reply.status, retryAfter: reply.headers.get('retry-after'), reason: error.data?.[0]?.reason };
}

const directive = () => ({
  message: {
    ...{ messageId: systemRandom.uuid(), role: 'ROLE_USER', extensions: [SWARM_EXTENSION_URI] },
    parts: [{ data: {}, mediaType: DIRECTIVE_MEDIA_TYPE }],
    metadata: {
      [SWARM_EXTENSION_URI]: {
        ...{ kind: 'query_resources', priority: 'normal', remainingMs: 60_000, attempt: 1, effect: 'alo' },
      },
    },
  },
});
const forNow = { status: 503, retryAfter: '1', reason: 'STORE_UNAVAILABLE' };

test('who cannot find out who calls says so, for a directive too: it was not taken in', async () => {
  await using swarm = await createTestSwarm();
  const kit = await setUp(swarm);
  kit.outage.nodes = true;
  expect(await call(swarm, kit, 'SwarmListNodes', {})).toEqual(forNow);
  expect(await call(swarm, kit, 'SendMessage', directive())).toEqual(forNow);
  kit.outage.nodes = false;
});

test('a method that cannot be answered for now says so; a directive that may have been stored stays open', async () => {
  await using swarm = await createTestSwarm();
  const kit = await setUp(swarm);
  kit.outage.inbox = true;
  expect(await call(swarm, kit, 'SwarmGetDirectives', { ids: [systemRandom.uuid()] })).toEqual(forNow);
  const sent = await call(swarm, kit, 'SendMessage', directive());
  expect(sent.reason).not.toBe('STORE_UNAVAILABLE');
  expect(sent.status).not.toBe(503);
  kit.outage.inbox = false;
});

/** Who is not let in: calls over A2A without, with wrong and with used credentials answer 401 and leave no row. */
import { DIRECTIVE_MEDIA_TYPE, SWARM_EXTENSION_URI } from '@skein/contracts';
import { systemRandom } from '@skein/contracts/runtime';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTestSwarm, type TestMember, type TestSwarm } from '../testing/index.ts';
import { issueCallToken } from './call-token.ts';
import { createNodeIdentity, type NodeIdentity } from './node-identity.ts';

const Reply = z.object({
  result: z.looseObject({ id: z.string().optional(), task: z.looseObject({ id: z.string() }).optional() }).optional(),
  error: z
    .object({
      code: z.number(),
      message: z.string(),
      data: z.array(z.looseObject({ reason: z.string(), metadata: z.record(z.string(), z.string()).optional() })),
    })
    .optional(),
});

/** A directive as another node would send it. */
function directiveBody(messageId: string = systemRandom.uuid()): Uint8Array {
  const metadata = { kind: 'query_resources', priority: 'normal', remainingMs: 60_000, attempt: 1, effect: 'alo' };
  const message = {
    ...{ messageId, role: 'ROLE_USER', extensions: [SWARM_EXTENSION_URI] },
    parts: [{ data: {}, mediaType: DIRECTIVE_MEDIA_TYPE }],
    metadata: { [SWARM_EXTENSION_URI]: metadata },
  };
  const request = { jsonrpc: '2.0', id: 1, method: 'SendMessage', params: { message } };
  return new TextEncoder().encode(JSON.stringify(request));
}

async function send(swarm: TestSwarm, to: TestMember, body: Uint8Array, authorization?: string) {
  const headers = {
    ...{ 'content-type': 'application/json', 'a2a-version': '1.0', 'a2a-extensions': SWARM_EXTENSION_URI },
    ...(authorization !== undefined && { authorization }),
  };
  let reply: Response | undefined;
  const url = `${to.origin}/a2a`;
  void Promise.resolve(to.node.app.fetch(new Request(url, { method: 'POST', headers, body: body.slice() }))).then(
    (r) => {
      reply = r;
    },
  );
  await swarm.until(() => reply !== undefined);
  if (!reply) throw new Error('the reply came');
  return {
    status: reply.status,
    challenge: reply.headers.get('www-authenticate'),
    body: Reply.parse(await reply.json()),
  };
}

/** A node that has let a friend in; the friend's key signs. */
async function setUp(swarm: TestSwarm) {
  const node = await swarm.add('node');
  await node.node.start();
  const friend = await swarm.add('friend', {
    seeds: [node.origin],
    joinToken: (await node.node.createJoinToken()).token,
  });
  await friend.node.start();
  await swarm.until(async () => (await node.node.getNode(friend.identity.nodeId))?.status === 'online');
  const bearer = (body: Uint8Array, change: { identity?: NodeIdentity; audience?: TestMember; jti?: string } = {}) => {
    const { identity = friend.identity, audience = node, jti = systemRandom.uuid() } = change;
    const token = issueCallToken({ identity, clock: swarm.clock }, { audience: audience.identity.nodeId, body, jti });
    return `Bearer ${token}`;
  };
  return { node, friend, bearer };
}

type Kit = Awaited<ReturnType<typeof setUp>>;
const strangers: { who: string; reason: string; authorization: (kit: Kit, body: Uint8Array) => string | undefined }[] =
  [
    { who: 'nobody', reason: 'UNAUTHENTICATED', authorization: () => undefined },
    { who: 'another scheme', reason: 'TOKEN_MALFORMED', authorization: () => 'Basic c2tlaW46c2tlaW4=' },
    { who: 'a made-up token', reason: 'TOKEN_MALFORMED', authorization: () => 'Bearer abc.def.ghi' },
    {
      who: 'a node that never joined',
      reason: 'UNKNOWN_CALLER',
      authorization: ({ bearer }, body) => bearer(body, { identity: createNodeIdentity() }),
    },
    {
      who: 'a stranger in the friend’s name',
      reason: 'BAD_SIGNATURE',
      authorization: ({ friend, bearer }, body) =>
        bearer(body, { identity: { ...createNodeIdentity(), nodeId: friend.identity.nodeId } }),
    },
    {
      who: 'the friend with a token for another node',
      reason: 'TOKEN_NOT_FOR_THIS_NODE',
      authorization: ({ friend, bearer }, body) => bearer(body, { audience: friend }),
    },
    {
      who: 'the friend with a token for another body',
      reason: 'BODY_MISMATCH',
      authorization: ({ bearer }) => bearer(directiveBody()),
    },
  ];

test.each(strangers)('$who gets 401 with $reason and leaves no row', async ({ reason, authorization }) => {
  await using swarm = await createTestSwarm();
  const kit = await setUp(swarm);
  const body = directiveBody();
  const reply = await send(swarm, kit.node, body, authorization(kit, body));
  expect(reply.status).toBe(401);
  expect(reply.challenge).toMatch(/^Bearer/);
  expect(reply.body.error?.data[0]).toMatchObject({ reason, domain: 'skein' });
  expect(await kit.node.node.listDirectives()).toEqual([]);
});

test('a call that is sent again with its token gets 401, and only the first left a row', async () => {
  await using swarm = await createTestSwarm();
  const { node, bearer } = await setUp(swarm);
  const body = directiveBody();
  const authorization = bearer(body);
  expect((await send(swarm, node, body, authorization)).status).toBe(200);
  const again = await send(swarm, node, body, authorization);
  expect([again.status, again.body.error?.data[0]?.reason]).toEqual([401, 'TOKEN_REPLAYED']);
  expect(await node.node.listDirectives()).toHaveLength(1);
});

test('the same id with another payload is refused, and the same payload is the same directive', async () => {
  await using swarm = await createTestSwarm();
  const { node, bearer } = await setUp(swarm);
  const id = systemRandom.uuid();
  const body = directiveBody(id);
  const first = await send(swarm, node, body, bearer(body));
  const again = await send(swarm, node, body, bearer(body));
  expect(again.body.result?.task?.id).toBe(first.body.result?.task?.id ?? 'no task');
  const other = new TextEncoder().encode(
    new TextDecoder().decode(body).replace('"data":{}', '"data":{"since":"2026-01-01T00:00:00.000Z"}'),
  );
  const refused = await send(swarm, node, other, bearer(other));
  expect(refused.body.error).toMatchObject({ code: -32602, data: [{ metadata: { reason: 'directive_conflict' } }] });
  expect(await node.node.listDirectives()).toHaveLength(1);
});

test('a directive without the extension’s header is refused, and a swarm method without it does not exist', async () => {
  await using swarm = await createTestSwarm();
  const { node, bearer } = await setUp(swarm);
  const call = async (body: Uint8Array) => {
    const headers = { 'content-type': 'application/json', 'a2a-version': '1.0', authorization: bearer(body) };
    const reply = await node.node.app.fetch(
      new Request(`${node.origin}/a2a`, { method: 'POST', headers, body: body.slice() }),
    );
    return reply.json();
  };
  expect(await call(directiveBody())).toMatchObject({ error: { code: -32602 } });
  const list = { jsonrpc: '2.0', id: 1, method: 'SwarmListNodes', params: {} };
  expect(await call(new TextEncoder().encode(JSON.stringify(list)))).toMatchObject({ error: { code: -32601 } });
});

test.each([
  ['an hour behind', -3_600_000],
  ['a little ahead', 3],
  ['an hour ahead', 3_600_000],
])('a clock that is %s sends all the same: the peer says what time it is', async (_how, offMs) => {
  await using swarm = await createTestSwarm();
  const late = { now: () => swarm.clock.now() + offMs, sleep: swarm.clock.sleep };
  const node = await swarm.add('node');
  await node.node.start();
  const { token } = await node.node.createJoinToken();
  const slow = await swarm.add('slow', { seeds: [node.origin], joinToken: token, clock: late });
  await slow.node.start();
  await swarm.until(async () => (await node.node.getNode(slow.identity.nodeId))?.status === 'online');
  const query = { kind: 'query_resources', target: node.identity.nodeId, payload: {} } as const;
  let status: string | undefined;
  void slow.node.dispatch(query).then((result) => {
    status = result.status;
  });
  await swarm.until(() => status !== undefined);
  expect(status).toBe('completed');
});

test('to another node a directive’s task is as unknown as any other id', async () => {
  await using swarm = await createTestSwarm();
  const { node, friend, bearer } = await setUp(swarm);
  const { token } = await node.node.createJoinToken();
  const other = await swarm.add('other', { seeds: [node.origin], joinToken: token });
  await other.node.start();
  await swarm.until(async () => (await node.node.getNode(other.identity.nodeId))?.status === 'online');
  const body = directiveBody();
  const id = (await send(swarm, node, body, bearer(body))).body.result?.task?.id ?? 'no task';
  const ask = (taskId: string) =>
    new TextEncoder().encode(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: taskId } }));
  const asked = async (taskId: string, identity: NodeIdentity) => {
    const question = ask(taskId);
    return (await send(swarm, node, question, bearer(question, { identity }))).body;
  };
  expect((await asked(id, friend.identity)).result?.id).toBe(id);
  const [theirs, nobodys] = [await asked(id, other.identity), await asked('no-such-task', other.identity)];
  expect(theirs.error?.code).toBe(-32001);
  expect(JSON.stringify(theirs).replaceAll(id, 'ID')).toBe(JSON.stringify(nobodys).replaceAll('no-such-task', 'ID'));
});

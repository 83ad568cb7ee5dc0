/** Whoever answers at a node's address is believed only under that node's key, and only for the call that was made. */
import type { HttpPort, HttpRequest } from '@skein/a2a-transport';
import { SWARM_EXTENSION_URI } from '@skein/contracts';
import { expect, test } from 'vitest';
import { createTestSwarm, type TestMember, type TestSwarm } from '../testing/index.ts';
import { createNodeIdentity, type NodeIdentity } from './node-identity.ts';
import { sign } from './signed.ts';
import { signRecord } from './signed-record.ts';
import { readReply, signReply } from './signed-reply.ts';

type Forged = { json: unknown } | { events: readonly unknown[] };
interface Asked {
  id: number;
  method: string;
  params: Record<string, unknown>;
}

/** A network on which `forge`, once it is set, answers in the peers' place. */
function tappedHttp(swarm: TestSwarm) {
  const tap: { forge?: (asked: Asked, request: HttpRequest) => Forged | undefined } = {};
  const http: HttpPort = {
    async request(request) {
      const asked: Asked | undefined = request.body && JSON.parse(new TextDecoder().decode(request.body)); // our own call
      const forged = asked && tap.forge?.(asked, request);
      if (!asked || !forged) return swarm.http.request(request);
      const frame = (result: unknown) => JSON.stringify({ jsonrpc: '2.0', id: asked.id, result });
      const text =
        'json' in forged ? frame(forged.json) : forged.events.map((event) => `data: ${frame(event)}\n\n`).join('');
      const type = 'json' in forged ? 'application/json' : 'text/event-stream';
      const headers = new Headers({ 'content-type': type, 'a2a-extensions': SWARM_EXTENSION_URI });
      const body = (async function* () {
        yield new TextEncoder().encode(text);
      })();
      return { status: 200, headers, body };
    },
  };
  return { tap, http };
}

const evilRecord = (evil: NodeIdentity) =>
  signRecord(evil, {
    ...{ key: evil.publicKey, name: 'evil', addresses: ['http://evil.example'], kinds: [], capabilities: [] },
    ...{ labels: {}, capacity: 1, incarnation: 1, recordVersion: 1 },
  });

/** What an impostor would answer to a beat: its own key is a member with all rights. */
function forgedBeat(evil: NodeIdentity, { params }: Asked) {
  const facts = { tier: 'root', group: null, liveness: 'online', eligibility: 'eligible', eligibilityVersion: 0 };
  const nodes = [{ record: evilRecord(evil), ...facts, removed: false }];
  const changes = { cursor: params.cursor, complete: false, nodes };
  return { status: 'accepted', intervalMs: 30_000, incarnation: 1, metrics: params.metrics, changes };
}

async function joined(swarm: TestSwarm) {
  const { tap, http } = tappedHttp(swarm);
  const seed = await swarm.add('seed');
  await seed.node.start();
  const { token } = await seed.node.createJoinToken();
  const member = await swarm.add('member', { http, seeds: [seed.origin], joinToken: token });
  await member.node.start();
  await swarm.until(async () => (await member.node.getNode(seed.identity.nodeId))?.status === 'online');
  return { tap, seed, member };
}

const impostors: {
  who: string;
  answer: (evil: NodeIdentity, asked: Asked, call: string, caller: TestMember) => unknown;
}[] = [
  { who: 'signs nothing', answer: (evil, asked) => forgedBeat(evil, asked) },
  {
    who: 'signs with a key of its own',
    answer: (evil, asked, id, { identity }) =>
      signReply(evil, { id, caller: identity.nodeId }, forgedBeat(evil, asked)),
  },
  {
    who: 'signs in the seed’s name',
    answer: (evil, asked, jti, { identity }) => ({
      signed: sign(evil, 'skein-reply', { aud: identity.nodeId, jti, result: forgedBeat(evil, asked) }),
    }),
  },
];

test.each(impostors)('at a seed’s address, one who $who tells a node nothing', async ({ answer }) => {
  await using swarm = await createTestSwarm();
  const { tap, member } = await joined(swarm);
  const evil = createNodeIdentity();
  let answered = 0;
  tap.forge = (asked, request) => {
    const token = request.headers?.authorization ?? '';
    const { jti } = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    answered += 1;
    return { json: answer(evil, asked, jti, member) };
  };
  await swarm.pass(100_000);
  expect(answered).toBeGreaterThan(1);
  expect(await member.node.getNode(evil.nodeId)).toBeUndefined();
});

test('a genuine answer to an earlier call answers no later one, and no other caller’s', () => {
  const peer = createNodeIdentity();
  const [caller, other] = [createNodeIdentity().nodeId, createNodeIdentity().nodeId];
  const reply = signReply(peer, { id: 'the-first-call', caller }, { status: 'left' });
  const read = (id: string, by: typeof caller | undefined) =>
    readReply(reply, { peerKey: peer.publicKey, call: { id, caller: by } });
  expect(read('the-first-call', caller)).toEqual({ status: 'left' });
  expect(() => read('the-second-call', caller)).toThrow('another call');
  expect(() => read('the-first-call', other)).toThrow('another call');
  expect(() => read('the-first-call', undefined)).toThrow('another call');
});

test('an acceptance and a result that the receiver did not sign are nobody’s word: the send stays open', async () => {
  await using swarm = await createTestSwarm();
  const { tap, seed, member } = await joined(swarm);
  let forgeries = 0;
  tap.forge = ({ method, params }) => {
    if (method !== 'SendStreamingMessage') return undefined;
    forgeries += 1;
    const { messageId } = params.message as { messageId: string }; // our own directive
    const status = { state: 'TASK_STATE_COMPLETED', timestamp: '2026-01-01T00:00:00.000Z' };
    const result = { status: 'completed', output: {}, metrics: {}, started: true };
    const part = { data: result, mediaType: 'application/vnd.skein.result+json' };
    const artifacts = [{ artifactId: 'result', parts: [part] }];
    return { events: [{ task: { id: 'forged', contextId: messageId, status, artifacts } }] };
  };
  const { id } = await member.node.submit({ kind: 'query_resources', target: seed.identity.nodeId, payload: {} });
  await swarm.until(() => forgeries > 1);
  expect((await member.node.getDirective(id))?.directive).toMatchObject({ result: null, endedAt: null });
  tap.forge = () => undefined;
  await swarm.until(async () => (await member.node.getDirective(id))?.directive.state === 'completed');
});

test('a result that was changed on its way is not taken; the receiver is asked instead', async () => {
  await using swarm = await createTestSwarm();
  const seed = await swarm.add('seed');
  await seed.node.start();
  let changed = 0;
  const http: HttpPort = {
    async request(request) {
      const reply = await swarm.http.request(request);
      const streams = reply.headers.get('content-type')?.startsWith('text/event-stream');
      if (!streams) return reply;
      const body = (async function* () {
        for await (const chunk of reply.body) {
          const text = new TextDecoder().decode(chunk);
          if (text.includes('"status":"completed"')) changed += 1;
          yield new TextEncoder().encode(text.replaceAll('"uptimeMs":', '"uptimeMs":9'));
        }
      })();
      return { ...reply, body };
    },
  };
  const { token } = await seed.node.createJoinToken();
  const member = await swarm.add('member', { http, seeds: [seed.origin], joinToken: token });
  await member.node.start();
  await swarm.until(async () => (await member.node.getNode(seed.identity.nodeId))?.status === 'online');
  const { id } = await member.node.submit({ kind: 'query_resources', target: seed.identity.nodeId, payload: {} });
  await swarm.until(async () => (await member.node.getDirective(id))?.directive.state === 'completed');
  expect(changed).toBeGreaterThan(0);
  const mine = (await member.node.getDirective(id))?.directive.result;
  const theirs = (await seed.stores.inbox.findMany(member.identity.nodeId, [id]))[0]?.result;
  expect(mine).toEqual(theirs);
});

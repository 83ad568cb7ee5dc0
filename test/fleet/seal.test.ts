/** A sealed node, as a real process: out of the swarm, readable, sealed in its next life too, and let in again by a new token. */
import { createHash, createPrivateKey, randomUUID, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DirectiveList, DispatchReply, EligibilityView, ErrorBody, SWARM_EXTENSION_URI } from '@skein/contracts';
import { systemClock } from '@skein/contracts/runtime';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { z } from 'zod';
import {
  eventually,
  Fleet,
  type FleetNode,
  finalRow,
  hasStatus,
  joinTokenOf,
  nodesOf,
  online,
  viewOf,
} from './fleet.ts';

const SLEEP = '/usr/bin/sleep';

const fleet = new Fleet();
let seed: FleetNode;
let member: FleetNode;
let other: FleetNode;
const startMember = (name: string, joinToken?: string) =>
  fleet.start({ name, seeds: [seed.address], programs: [SLEEP], ...(joinToken && { joinToken }) });

// The machine may be busy with others: what is waited for takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
beforeAll(async () => {
  seed = await fleet.start({ name: 'seed', programs: [SLEEP] });
  const [first, second] = await Promise.all([joinTokenOf(seed, { tier: 'sudo' }), joinTokenOf(seed)]);
  [member, other] = await Promise.all([startMember('member', first), startMember('other', second)]);
  await Promise.all([online(seed, member), online(other, member), online(member, other)]);
});
afterAll(() => fleet[Symbol.asyncDispose]());

const orderFor = (target: FleetNode, seconds = '0') => ({
  ...{ kind: 'execute_task', target: target.nodeId, payload: { command: [SLEEP, seconds] }, ttlMs: 300_000 },
});

async function send(from: FleetNode, to: FleetNode, seconds?: string): Promise<string> {
  return (await from.ask('/directives', orderFor(to, seconds), DispatchReply)).directive.id;
}

async function refusal(reply: Response): Promise<{ status: number; reason: string }> {
  return { status: reply.status, reason: ErrorBody.parse(await reply.json()).error.reason };
}

const eligibilityOf = async (node: FleetNode) =>
  (await node.get(`/nodes/${node.nodeId}/eligibility`, EligibilityView)).eligibility;

/** Everything that REST reads. */
const readings = [
  ...['/nodes', '/nodes/metrics', '/topology', '/report', '/processes', '/directives', '/agents', '/mailboxes'],
  ...['/mailboxes/session/agents', '/state', '/state/memory'],
];

/** What would be work for others, or their business. */
const doings = (target: FleetNode): [path: string, body: object][] => [
  ['/directives', orderFor(target)],
  ['/agents', { target: target.nodeId, agentType: 'indexer', instruction: 'index' }],
  ['/broadcast', { kind: 'query_resources', payload: {} }],
  [`/nodes/${target.nodeId}/drain`, {}],
];

/** A call under the node's own key, as a process would make it that pays no heed to the seal: see docs/protocol.md. */
async function callSignedBy(node: FleetNode, to: FleetNode): Promise<number> {
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SwarmListNodes', params: {} });
  const now = systemClock.now() / 1_000;
  const claims = {
    ...{ iss: node.nodeId, aud: to.nodeId, iat: now, exp: now + 60, jti: randomUUID() },
    bod: createHash('sha256').update(body).digest('base64url'),
  };
  const signed = `${encode({ alg: 'EdDSA', typ: 'skein-call', kid: node.nodeId })}.${encode(claims)}`;
  const key = createPrivateKey(readFileSync(join(node.dataDir, 'identity.pem'), 'utf8'));
  const reply = await fetch(`${to.address}/a2a`, {
    method: 'POST',
    headers: {
      ...{ 'content-type': 'application/json', 'a2a-version': '1.0', 'a2a-extensions': SWARM_EXTENSION_URI },
      authorization: `Bearer ${signed}.${sign(null, Buffer.from(signed), key).toString('base64url')}`,
    },
    body,
    signal: AbortSignal.timeout(10_000),
  });
  return reply.status;
}

test('sealed by its seed a node is out of the swarm, also in its next life, and can still be read', async () => {
  for (const receiver of [seed, other]) expect(await callSignedBy(member, receiver)).toBe(200);
  const held = await send(seed, member, '600.75');
  await eventually('it runs', async () => fleet.processes(`${SLEEP} 600.75`).length > 0);
  const done = await send(member, other);
  expect((await finalRow(member, done, 'outbox', 60_000)).state).toBe('completed');

  const sealed = await seed.ask(`/nodes/${member.nodeId}/seal`, { reason: 'stolen' }, EligibilityView);
  expect(sealed).toMatchObject({ eligibility: 'sealed', applied: 'there', running: 0, note: { reason: 'stolen' } });
  expect((await finalRow(seed, held, 'outbox', 60_000)).result?.error?.reason).toBe('interrupted_by_drain');
  expect(fleet.processes(`${SLEEP} 600.75`)).toEqual([]);

  for (const life of ['this one', 'the next one']) {
    if (life === 'the next one') {
      expect(await member.interrupt()).toBe(0);
      member = await startMember('member');
    }
    expect({ life, is: await eligibilityOf(member) }).toEqual({ life, is: 'sealed' });
    for (const observer of [seed, other]) {
      await hasStatus(observer, member, 'sealed');
      expect(await callSignedBy(member, observer)).toBe(401);
      const { state, result } = await finalRow(observer, await send(observer, member), 'outbox', 60_000);
      expect([state, result?.error?.reason]).toEqual(['rejected', 'node_sealed']);
    }
    for (const [path, body] of doings(other)) {
      const refused = await refusal(await member.post(path, body));
      expect({ path, ...refused }).toEqual({ path, status: 409, reason: 'node_sealed' });
    }
    for (const path of [...readings, `/nodes/${member.nodeId}`, `/nodes/${member.nodeId}/health`])
      await member.get(path, z.looseObject({})); // throws unless it is answered
    expect(await nodesOf(member)).toHaveLength(3);
    const { directives } = await member.get('/directives', DirectiveList);
    expect(directives.map(({ id }) => id)).toEqual(expect.arrayContaining([held, done]));
  }
});

test('nobody opens a sealed node from afar, nor with an undrain', async () => {
  const path = `/nodes/${member.nodeId}`;
  expect(await refusal(await seed.post(`${path}/unseal`, {}))).toEqual({ status: 409, reason: 'unseal_at_the_node' });
  for (const by of [seed, member])
    expect(await refusal(await by.post(`${path}/undrain`, {}))).toEqual({ status: 409, reason: 'illegal_transition' });
  expect(await eligibilityOf(member)).toBe('sealed');
});

test('an unseal with a new token of its seed brings the node back, as a new life, and its work with it', async () => {
  const before = await viewOf(seed, member);
  const joinToken = await joinTokenOf(seed);
  const opened = await member.ask('/unseal', { joinToken, reason: 'found again' }, EligibilityView);
  expect(opened).toMatchObject({ eligibility: 'eligible', note: { reason: 'found again' } });
  for (const observer of [seed, other]) await online(observer, member);
  const after = await viewOf(seed, member);
  expect(after?.incarnation).toBeGreaterThan(before?.incarnation ?? Number.NaN);
  expect([before?.tier, after?.tier]).toEqual(['sudo', 'unprivileged']); // the new token's, nothing of the old rights
  for (const [from, to] of [
    [seed, member],
    [other, member],
    [member, other],
  ] as const)
    expect((await finalRow(from, await send(from, to), 'outbox', 60_000)).state).toBe('completed');
});

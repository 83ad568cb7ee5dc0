/** A join between two honest nodes, and somebody who carries its words: nothing that he sees or keeps lets him in. */
import type { HttpPort } from '@skein/a2a-transport';
import { A2AClientError } from '@skein/a2a-transport';
import { SWARM_EXTENSION_URI } from '@skein/contracts';
import { createFakeClock } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTestSwarm, type TestMember, type TestSwarm } from '../testing/index.ts';
import { createJoinChallenges } from './join-challenge.ts';
import { createNodeIdentity } from './node-identity.ts';
import { openToken, sealToken } from './sealed-token.ts';
import { peek, sign } from './signed.ts';
import { signRecord } from './signed-record.ts';

const Reply = z.object({ error: z.object({ data: z.array(z.looseObject({ reason: z.string() })) }).optional() });

interface Join {
  request: string;
  sealedToken?: string;
}

/** Passes everything on to the seed but the joins, which it keeps to itself. */
function thief(swarm: TestSwarm, seed: TestMember) {
  const stolen: Join[] = [];
  const http: HttpPort = {
    async request(request) {
      const text = new TextDecoder().decode(request.body ?? new Uint8Array());
      if (text.includes('"SwarmJoin"')) {
        stolen.push(JSON.parse(text).params);
        throw new A2AClientError('BROKEN', 'the thief hangs up');
      }
      return swarm.http.request({ ...request, url: request.url.replace('http://thief.example', seed.origin) });
    },
  };
  return { stolen, http };
}

async function join(swarm: TestSwarm, seed: TestMember, params: Join): Promise<string> {
  const headers = { 'content-type': 'application/json', 'a2a-version': '1.0', 'a2a-extensions': SWARM_EXTENSION_URI };
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'SwarmJoin', params });
  let reply: Response | undefined;
  void Promise.resolve(seed.node.app.fetch(new Request(`${seed.origin}/a2a`, { method: 'POST', headers, body }))).then(
    (answer) => {
      reply = answer;
    },
  );
  await swarm.until(() => reply !== undefined);
  if (!reply) throw new Error('the seed answered');
  const { error } = Reply.parse(await reply.json());
  return error?.data[0]?.reason ?? 'joined';
}

test('one who passes a join on sees no token, and cannot join with what he sees', async () => {
  await using swarm = await createTestSwarm();
  const seed = await swarm.add('seed');
  await seed.node.start();
  const { token } = await seed.node.createJoinToken();
  const { stolen, http } = thief(swarm, seed);
  const victim = await swarm.add('victim', { http, seeds: ['http://thief.example'], joinToken: token });
  await victim.node.start();
  await swarm.until(() => stolen.length > 0);
  const [{ request, sealedToken }] = stolen as [Join]; // there is one
  expect(sealedToken).toBeDefined();
  expect(JSON.stringify(stolen)).not.toContain(token);
  const evil = createNodeIdentity();
  const record = signRecord(evil, {
    ...{ key: evil.publicKey, name: 'evil', addresses: ['http://thief.example'], kinds: [], capabilities: [] },
    ...{ labels: {}, capacity: 1, incarnation: 1, recordVersion: 1 },
  });
  const own = sign(evil, 'skein-join', { ...(peek(request).payload as object), record }); // his own key, all else as it was
  expect(await join(swarm, seed, { request: own, sealedToken: sealedToken ?? '' })).toBe('TOKEN_UNKNOWN');
  expect(await seed.node.getNode(evil.nodeId)).toBeUndefined();
});

test('a join that was overheard works once, and brings a dead node no sign of life', async () => {
  await using swarm = await createTestSwarm();
  const seed = await swarm.add('seed');
  await seed.node.start();
  const overheard: Join[] = [];
  const http: HttpPort = {
    async request(request) {
      const text = new TextDecoder().decode(request.body ?? new Uint8Array());
      if (text.includes('"SwarmJoin"')) overheard.push(JSON.parse(text).params);
      return swarm.http.request(request);
    },
  };
  const { token } = await seed.node.createJoinToken();
  const member = await swarm.add('member', { http, seeds: [seed.origin], joinToken: token });
  await member.node.start();
  await swarm.until(async () => (await seed.node.getNode(member.identity.nodeId))?.status === 'online');
  const [first] = overheard;
  if (!first) throw new Error('the member joined');
  expect(await join(swarm, seed, first)).toBe('CHALLENGE_UNKNOWN');
  member.kill();
  for (let minute = 0; minute < 4; minute += 1) {
    await swarm.pass(60_000);
    expect(await join(swarm, seed, first)).toBe('CHALLENGE_UNKNOWN');
  }
  expect((await seed.node.getNode(member.identity.nodeId))?.status).toBe('offline');
});

test('a challenge is good for one join within a minute, and a flood of them takes no memory', async () => {
  const clock = createFakeClock();
  const challenges = createJoinChallenges(clock);
  const [first, second] = [challenges.open(), challenges.open()];
  expect(challenges.spend(first)).toBeDefined();
  expect(challenges.spend(first)).toBeUndefined();
  await clock.advance(60_000);
  expect(challenges.spend(second)).toBeUndefined();
  const oldest = challenges.open();
  for (let n = 0; n < 4_096; n += 1) challenges.open();
  expect(challenges.spend(oldest)).toBeUndefined();
});

test('a sealed token opens for its seed and its request alone', () => {
  const challenges = createJoinChallenges(createFakeClock());
  const [challenge, other] = [challenges.open(), challenges.open()];
  const sealed = sealToken('skein_join_x', { challenge, request: 'mine' });
  const [key, otherKey] = [challenges.spend(challenge), challenges.spend(other)];
  if (!key || !otherKey) throw new Error('both are open');
  expect(openToken(sealed, { key, request: 'mine' })).toBe('skein_join_x');
  for (const wrong of [
    { key, request: 'theirs' },
    { key: otherKey, request: 'mine' },
  ])
    expect(() => openToken(sealed, wrong)).toThrow('not sealed for this request');
  for (const text of ['', 'x', sealed.slice(0, -8), sealed.slice(0, 70)])
    expect(() => openToken(text, { key, request: 'mine' })).toThrow('not sealed for this request');
});

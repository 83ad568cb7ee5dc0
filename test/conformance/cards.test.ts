/** §8: the card, how it is found, cached and extended. Its signatures are tested beside their code. */
import { generateKeyPairSync, verify } from 'node:crypto';
import { createAgentCardSigner, PUSH_STATUS_EXTENSION } from '@skein/a2a-transport';
import { describe, expect, test } from 'vitest';
import { AgentCard } from './strict.ts';
import { card, createSubject, type Headers10, rpcBody, type Subject } from './subject.ts';

const path = '/.well-known/agent-card.json';

async function publicCard(subject: Subject, headers: Headers10 = {}) {
  const reply = await subject.fetch(path, { headers });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toMatch(/^application\/json\b/);
  return { reply, body: AgentCard.parse(await reply.json()) };
}

describe('the public card', () => {
  test('is a pure v1.0 card at its well-known path, without a version asked for', async () => {
    await using subject = createSubject();
    const { body } = await publicCard(subject);
    expect(body).toMatchObject({ name: card.name, version: '1.2.3', capabilities: { streaming: true } });
    for (const old of ['url', 'preferredTransport', 'additionalInterfaces', 'protocolVersion', 'security']) {
      expect(body).not.toHaveProperty(old);
    }
  });

  test('is the same for v1.0, and open to strangers', async () => {
    const authenticator = { authenticate: async () => ({ status: 'anonymous' as const }) };
    await using subject = createSubject({ authenticator });
    const { body } = await publicCard(subject);
    expect((await publicCard(subject, { 'a2a-version': '1.0' })).body).toEqual(body);
  });

  test('declares what is served: JSON-RPC at the preferred place, and every extension once', async () => {
    const uri = 'https://extensions.example/may/v1';
    await using subject = createSubject({
      card: { ...card, capabilities: { ...card.capabilities, extensions: [{ uri }] } },
      extensions: [{ uri, description: 'May be used' }],
    });
    const { body } = await publicCard(subject);
    expect(body.supportedInterfaces[0]).toEqual(card.supportedInterfaces[0]);
    expect(body.capabilities.extensions?.map((each) => each.uri)).toEqual([uri, PUSH_STATUS_EXTENSION]);
  });
});

describe('caching', () => {
  test('a card has an ETag, Last-Modified and a max-age', async () => {
    await using subject = createSubject({ limits: { cardMaxAgeSeconds: 90 } });
    const { reply } = await publicCard(subject);
    expect(reply.headers.get('etag')).toMatch(/^"[^"]+"$/);
    expect(reply.headers.get('last-modified')).toBe('Thu, 01 Jan 2026 00:00:00 GMT');
    expect(reply.headers.get('cache-control')).toMatch(/\bmax-age=90\b/);
  });

  test.each([
    { name: 'its ETag', headers: (etag: string) => ({ 'if-none-match': etag }) },
    { name: 'a list with its ETag', headers: (etag: string) => ({ 'if-none-match': `"other", W/${etag}` }) },
    { name: 'the time of its change', headers: () => ({ 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' }) },
  ])('asked for again with $name it is 304 without a body', async ({ headers }) => {
    await using subject = createSubject();
    const etag = (await publicCard(subject)).reply.headers.get('etag') ?? '';
    const again = await subject.fetch(path, { headers: headers(etag) });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    expect(again.headers.get('etag')).toBe(etag);
  });

  test.each<{ name: string; headers: Headers10 }>([
    { name: 'another ETag', headers: { 'if-none-match': '"other"' } },
    { name: 'an older time', headers: { 'if-modified-since': 'Wed, 31 Dec 2025 00:00:00 GMT' } },
    {
      name: 'another ETag and the right time',
      headers: { 'if-none-match': '"other"', 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' },
    },
  ])('asked for with $name it is there in full', async ({ headers }) => {
    await using subject = createSubject();
    await publicCard(subject);
    await publicCard(subject, headers);
  });

  test('a changed card has another ETag', async () => {
    let version = '1.0.0';
    await using subject = createSubject({ card: () => ({ ...card, version }) });
    const before = (await publicCard(subject)).reply.headers.get('etag') ?? '';
    version = '1.0.1';
    const { reply, body } = await publicCard(subject, { 'if-none-match': before });
    expect(reply.headers.get('etag')).not.toBe(before);
    expect(body.version).toBe('1.0.1');
  });
});

describe('the extended card', () => {
  const authenticator = {
    async authenticate({ headers }: { headers: Headers }) {
      const name = headers.get('authorization')?.split(' ')[1];
      if (!name) return { status: 'anonymous' as const };
      return { status: 'authenticated' as const, principal: { id: name, kind: 'user' } };
    },
  };
  const secret = { id: 'secret', name: 'Secret', description: 'For the known', tags: ['test'] };
  const extendedCard = async ({ id }: { id: string }) => ({
    ...card,
    description: `For ${id}`,
    skills: [...card.skills, secret],
  });

  test('is there for who has proved who they are, and for nobody else', async () => {
    await using subject = createSubject({ authenticator, extendedCard });
    const mine = await subject.call('GetExtendedAgentCard', {}, { authorization: 'Bearer ada' });
    expect(mine).toMatchObject({ description: 'For ada', skills: [{ id: 'words' }, { id: 'secret' }] });
    expect(await subject.call('GetExtendedAgentCard', undefined, { authorization: 'Bearer ada' })).toEqual(mine);
    const stranger = await subject.refuse('GetExtendedAgentCard', {});
    expect(stranger.status).toBe(401);
    expect(stranger.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect((await publicCard(subject)).body.skills.map(({ id }) => id)).toEqual(['words']);
  });

  test('declares the extensions that the server speaks, as the public one does', async () => {
    const uri = 'https://extensions.example/may/v1';
    await using subject = createSubject({
      authenticator,
      extendedCard,
      extensions: [{ uri, description: 'May be used' }],
    });
    const extended = await subject.call('GetExtendedAgentCard', {}, { authorization: 'Bearer ada' });
    expect(extended.capabilities.extensions?.map((each) => each.uri)).toEqual([uri, PUSH_STATUS_EXTENSION]);
  });

  test('is kept by no cache that others read', async () => {
    await using subject = createSubject({ authenticator, extendedCard, httpJsonPath: '/rest' });
    const headers = { authorization: 'Bearer ada', 'a2a-version': '1.0' };
    const body = rpcBody('GetExtendedAgentCard');
    const post = { method: 'POST', headers: { ...headers, 'content-type': 'application/json' }, body };
    for (const reply of [
      await subject.fetch('/a2a', post),
      await subject.fetch('/rest/extendedAgentCard', { headers }),
    ]) {
      expect(reply.status).toBe(200);
      expect(reply.headers.get('cache-control')).toMatch(/no-store|private/);
    }
  });

  test('that is declared but not configured is -32007', async () => {
    await using subject = createSubject({ authenticator });
    expect(await subject.refuse('GetExtendedAgentCard', {}, { authorization: 'Bearer ada' })).toMatchObject({
      code: -32007,
      reason: 'EXTENDED_AGENT_CARD_NOT_CONFIGURED',
    });
  });
});

/** RFC 8785, as far as a card without exotic numbers needs it. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${entries.map(([key, each]) => `${JSON.stringify(key)}:${canonical(each)}`).join(',')}}`;
}

test('a signed card holds for whoever checks it by the specification alone', async () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jku = 'https://agent.test/jwks.json';
  const signer = createAgentCardSigner({ key: privateKey, kid: 'key-1', alg: 'ES256', jku });
  await using subject = createSubject({ cardSigners: [signer] });
  const { body } = await publicCard(subject);
  const { signatures = [], ...signed } = body;
  expect(signatures).toHaveLength(1);
  const [{ protected: header, signature } = { protected: '', signature: '' }] = signatures;
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual({
    alg: 'ES256',
    typ: 'JOSE',
    kid: 'key-1',
    jku,
  });
  const holds = (text: string) => {
    const input = Buffer.from(`${header}.${Buffer.from(text).toString('base64url')}`);
    return verify('sha256', input, { key: publicKey, dsaEncoding: 'ieee-p1363' }, Buffer.from(signature, 'base64url'));
  };
  expect(holds(canonical(signed))).toBe(true);
  expect(holds(canonical({ ...signed, name: 'Another' }))).toBe(false);
});

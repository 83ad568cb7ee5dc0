import { generateKeyPairSync } from 'node:crypto';
import type { AgentCard } from '@skein/contracts/a2a';
import { createFakeClock, createMemoryLogger } from '@skein/contracts/testing';
import { describe, expect, test, vi } from 'vitest';
import { type AgentCardSigner, createAgentCardSigner } from '../cards/sign-card.ts';
import { verifyAgentCard } from '../cards/verify-card.ts';
import { A2AError } from '../errors.ts';
import { serveApp } from '../testing/serve-app.ts';
import { createTestCard } from '../testing/test-agent.ts';
import { createAgentCardRoute } from './agent-card.ts';

const path = '/.well-known/agent-card.json';
const olderPath = '/.well-known/agent.json';
type RouteOptions = Parameters<typeof createAgentCardRoute>[0];
const createRoute = (options: Partial<RouteOptions> = {}) =>
  createAgentCardRoute({ card: createTestCard, clock: createFakeClock(), maxAgeSeconds: 60, ...options });

test('the card comes with what lets a reader ask again for nothing', async () => {
  const app = createRoute();
  const first = await app.request(path);
  expect(await first.json()).toEqual(createTestCard());
  expect(Object.fromEntries(first.headers)).toMatchObject({
    'content-type': 'application/json',
    'cache-control': 'public, max-age=60',
    'last-modified': 'Thu, 01 Jan 2026 00:00:00 GMT',
  });
  const etag = first.headers.get('etag') ?? '';
  for (const known of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
    const again = await app.request(path, { headers: { 'if-none-match': known } });
    expect([again.status, await again.text(), again.headers.get('etag')]).toEqual([304, '', etag]);
    expect(again.headers.get('cache-control')).toBe('public, max-age=60');
  }
  expect((await app.request(path, { headers: { 'if-none-match': '"x"' } })).status).toBe(200);
});

test.each([
  { what: 'the hour that was given', headers: { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT' }, status: 304 },
  { what: 'a later one', headers: { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:09 GMT' }, status: 304 },
  { what: 'an earlier one', headers: { 'if-modified-since': 'Wed, 31 Dec 2025 23:59:59 GMT' }, status: 200 },
  { what: 'no date', headers: { 'if-modified-since': 'yesterday' }, status: 200 },
  {
    what: 'the hour, and an empty list of ETags',
    headers: { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT', 'if-none-match': '' },
    status: 200,
  },
  {
    what: 'the hour, and another ETag, which counts alone',
    headers: { 'if-modified-since': 'Thu, 01 Jan 2026 00:00:00 GMT', 'if-none-match': '"x"' },
    status: 200,
  },
])('If-Modified-Since with $what answers $status', async ({ headers, status }) => {
  expect((await createRoute().request(path, { headers })).status).toBe(status);
});

test('a card that changed has a new ETag and hour', async () => {
  let name = 'one';
  const clock = createFakeClock();
  const app = createRoute({ card: () => createTestCard({ name }), clock });
  const before = await app.request(path);
  await clock.advance(60_000);
  expect((await app.request(path)).headers.get('last-modified')).toBe(before.headers.get('last-modified'));
  name = 'two';
  const after = await app.request(path);
  expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
  expect(after.headers.get('last-modified')).toBe('Thu, 01 Jan 2026 00:01:00 GMT');
});

test('a card that changed twice within a second is not taken for the one before', async () => {
  let name = 'one';
  const clock = createFakeClock();
  const app = createRoute({ card: () => createTestCard({ name }), clock });
  const since = (await app.request(path)).headers.get('last-modified') ?? '';
  name = 'two';
  const again = await app.request(path, { headers: { 'if-modified-since': since } });
  expect([again.status, again.headers.get('last-modified')]).toEqual([200, since]);
  await clock.advance(1_000);
  const later = await app.request(path, { headers: { 'if-modified-since': since } });
  expect([later.status, later.headers.get('last-modified')]).toEqual([200, 'Thu, 01 Jan 2026 00:00:01 GMT']);
});

test('HEAD answers as GET does, without the body, over real HTTP too', async () => {
  await using served = await serveApp(createRoute().fetch);
  const whole = await fetch(`${served.origin}${path}`);
  const head = await fetch(`${served.origin}${path}`, { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  for (const name of ['etag', 'last-modified', 'cache-control', 'content-type'])
    expect([name, head.headers.get(name)]).toEqual([name, whole.headers.get(name)]);
  const headers = { 'if-none-match': whole.headers.get('etag') ?? '' };
  expect((await fetch(`${served.origin}${path}`, { method: 'HEAD', headers })).status).toBe(304);
});

describe('versions', () => {
  const toV03Card = ({ name, signatures }: AgentCard) => ({
    name,
    protocolVersion: '0.3.0',
    sawSignatures: signatures,
  });
  const isV03 = async (reply: Response) => 'protocolVersion' in Object(await reply.json());

  test.each<[string, Record<string, string>, string, boolean]>([
    ['no version', {}, path, false],
    ['1.0', { 'a2a-version': '1.0' }, path, false],
    ['one that nobody knows', { 'a2a-version': '99.0' }, path, false],
    ['an empty one', { 'a2a-version': '' }, path, false],
    ['0.3', { 'a2a-version': '0.3' }, path, true],
    ['a patch of 0.3', { 'a2a-version': ' 0.3.1 ' }, path, true],
    ['0.30', { 'a2a-version': '0.30' }, path, false],
    ['0.3 in the query', {}, `${path}?A2A-Version=0.3`, true],
    ['the older address', {}, olderPath, true],
    ['1.0 at the older address', { 'a2a-version': '1.0' }, olderPath, true],
  ])('a reader who names %s gets the card of that version', async (_what, headers, at, older) => {
    const app = createRoute({ toV03Card });
    const reply = await app.request(at, { headers });
    expect([reply.status, reply.headers.get('vary')]).toEqual([200, 'A2A-Version, Origin']);
    expect(await isV03(reply)).toBe(older);
  });

  test('without a translation everybody gets the v1.0 card, at its own address alone', async () => {
    const app = createRoute();
    const reply = await app.request(path, { headers: { 'a2a-version': '0.3' } });
    expect([await reply.json(), reply.headers.has('vary')]).toEqual([createTestCard(), false]);
    expect((await app.request(olderPath)).status).toBe(404);
  });

  test('the two cards have ETags of their own', async () => {
    const app = createRoute({ toV03Card });
    const etag = (await app.request(path)).headers.get('etag') ?? '';
    const older = await app.request(path, { headers: { 'a2a-version': '0.3', 'if-none-match': etag } });
    expect(older.status).toBe(200);
  });

  test('a card that cannot be said in v0.3 is not there, and the v1.0 card is', async () => {
    const refuse = () => {
      throw new A2AError('VERSION_NOT_SUPPORTED', 'no interface speaks it');
    };
    const app = createRoute({ toV03Card: refuse });
    expect((await app.request(olderPath)).status).toBe(404);
    expect((await app.request(path)).status).toBe(200);
  });

  test('signatures over the v1.0 card do not go into the other', async () => {
    const signatures = [{ protected: 'p', signature: 's' }];
    const app = createRoute({ toV03Card, card: () => createTestCard({ signatures }) });
    expect(await (await app.request(olderPath)).json()).not.toHaveProperty('sawSignatures');
  });
});

describe('with signers', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signer = createAgentCardSigner({ key: privateKey, kid: 'k', alg: 'ES256' });
  const keys = [{ key: publicKey }];

  test('the card is signed once for each content, and each version of it by itself', async () => {
    let name = 'one';
    const sign = vi.fn<AgentCardSigner>(signer);
    const toV03Card = (card: AgentCard) => ({ name: card.name, protocolVersion: '0.3.0' });
    const clock = createFakeClock();
    const app = createRoute({ card: () => createTestCard({ name }), clock, signers: [sign], toV03Card });
    const replies = await Promise.all([1, 2, 3].map(() => app.request(path)));
    const bodies = new Set(await Promise.all(replies.map((reply) => reply.text())));
    expect([bodies.size, sign.mock.calls.length]).toEqual([1, 1]);
    expect(await verifyAgentCard(JSON.parse([...bodies][0] ?? ''), { keys })).toMatchObject({ algorithm: 'ES256' });
    const older = await (await app.request(olderPath)).json();
    expect(older).toMatchObject({ protocolVersion: '0.3.0' });
    expect(await verifyAgentCard(older, { keys })).toMatchObject({ algorithm: 'ES256' });
    name = 'two';
    await app.request(path);
    expect([sign.mock.calls.length, clock.sleeping]).toEqual([3, 0]);
  });

  test('a content that changes while it is signed leaves no reader with halves of two', async () => {
    let name = 'one';
    const waiting: (() => void)[] = [];
    const slow: AgentCardSigner = async (card) => {
      await new Promise<void>((resolve) => waiting.push(resolve));
      return signer(card);
    };
    const app = createRoute({ card: () => createTestCard({ name }), signers: [slow] });
    const one = app.request(path);
    name = 'two';
    const two = app.request(path);
    await vi.waitFor(() => expect(waiting).toHaveLength(2));
    for (const finish of waiting.reverse()) finish();
    const [first, second] = await Promise.all([one, two]);
    const cards = [await first.json(), await second.json()];
    expect(cards).toMatchObject([{ name: 'one' }, { name: 'two' }]);
    for (const card of cards) await verifyAgentCard(card, { keys });
    expect(first.headers.get('etag')).not.toBe(second.headers.get('etag'));
    const again = await app.request(path, { headers: { 'if-none-match': second.headers.get('etag') ?? '' } });
    expect([again.status, waiting.length]).toEqual([304, 2]);
  });

  test('a card that cannot be signed is not served unsigned, and is tried again', async () => {
    const logger = createMemoryLogger();
    let broken = true;
    const sign: AgentCardSigner = async (card) => {
      if (broken) throw new Error('no key today');
      return signer(card);
    };
    const app = createRoute({ signers: [sign], logger });
    const refused = await app.request(path);
    expect([refused.status, await refused.text(), refused.headers.get('cache-control')]).toEqual([503, '', 'no-store']);
    expect(logger.lines).toMatchObject([{ level: 'error', message: 'agent card failed' }]);
    broken = false;
    const served = await app.request(path);
    const since = served.headers.get('last-modified') ?? '';
    expect([served.status, since]).toEqual([200, 'Thu, 01 Jan 2026 00:00:00 GMT']);
    expect((await app.request(path, { headers: { 'if-modified-since': since } })).status).toBe(304);
  });

  test('a signer that does not answer is given up', async () => {
    const clock = createFakeClock();
    let told: AbortSignal | undefined;
    const never: AgentCardSigner = (_card, signal) => {
      told = signal;
      return new Promise(() => {});
    };
    const app = createRoute({ clock, signers: [never], signTimeoutMs: 500 });
    const waiting = app.request(path);
    await clock.advance(500);
    expect((await waiting).status).toBe(503);
    expect([told?.aborted, clock.sleeping]).toEqual([true, 0]);
  });
});

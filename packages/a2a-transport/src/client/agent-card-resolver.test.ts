import { generateKeyPairSync } from 'node:crypto';
import type { AgentCard } from '@skein/contracts/a2a';
import { createFakeClock } from '@skein/contracts/testing';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { agentCardHash } from '../cards/canonical-card.ts';
import { createAgentCardCache } from '../cards/card-cache.ts';
import { createAgentCardSigner, signAgentCard } from '../cards/sign-card.ts';
import { readCard as readV03Card, writeCard } from '../dialects/v0-3/card.ts';
import { createAgentCardRoute } from '../server/agent-card.ts';
import { createLinkedHttp } from '../testing/linked-http.ts';
import { createTestCard } from '../testing/test-agent.ts';
import { agentCardUrl, type ResolveAgentCardOptions, resolveAgentCard } from './agent-card-resolver.ts';

test.each([
  { base: 'https://a.example', url: 'https://a.example/.well-known/agent-card.json' },
  { base: 'https://a.example/', url: 'https://a.example/.well-known/agent-card.json' },
  { base: 'https://a.example:4220/a2a', url: 'https://a.example:4220/.well-known/agent-card.json' },
  { base: 'https://a.example/a2a/', url: 'https://a.example/.well-known/agent-card.json' },
  { base: 'https://a.example/team/a2a', url: 'https://a.example/team/.well-known/agent-card.json' },
  {
    base: 'https://a.example/team/.well-known/agent-card.json',
    url: 'https://a.example/team/.well-known/agent-card.json',
  },
  { base: 'https://a.example/.well-known/agent.json', url: 'https://a.example/.well-known/agent-card.json' },
  { base: 'https://a.example/xa2a', url: 'https://a.example/xa2a/.well-known/agent-card.json' },
])('the card of $base is at $url', ({ base, url }) => {
  expect(agentCardUrl(base)).toBe(url);
});

const cardPath = '/.well-known/agent-card.json';
const answering = (answer: () => Response | Promise<Response>) => {
  const app = new Hono().get(cardPath, answer);
  return { http: createLinkedHttp(new Map([['http://a.test', app.fetch]])), clock: createFakeClock() };
};

test.each([
  { name: 'no card', answer: () => Response.json({ name: 'x' }), error: { code: 'INVALID_REPLY' } },
  { name: 'no JSON', answer: () => new Response('<html>'), error: { code: 'INVALID_REPLY' } },
  {
    name: 'too long',
    answer: () => Response.json({ ...createTestCard(), description: 'x'.repeat(70_000) }),
    error: { code: 'INVALID_REPLY' },
  },
  { name: 'not there', answer: () => new Response('no', { status: 404 }), error: { code: 'HTTP_STATUS', status: 404 } },
  {
    name: 'elsewhere',
    answer: () => Response.redirect('http://b.test/', 302),
    error: { code: 'HTTP_STATUS', status: 302 },
  },
  {
    name: 'busy',
    answer: () => new Response('', { status: 503, headers: { 'retry-after': '3' } }),
    error: { code: 'HTTP_STATUS', status: 503, retryAfterMs: 3_000 },
  },
])('a card that is $name is an error', async ({ answer, error }) => {
  await expect(resolveAgentCard('http://a.test', answering(answer))).rejects.toMatchObject(error);
});

test('a card that does not come is a TIMEOUT, and an abort the caller’s reason', async () => {
  const deps = answering(() => new Promise(() => {}));
  const waiting = resolveAgentCard('http://a.test', { ...deps, timeoutMs: 500 }).catch((cause: unknown) => cause);
  await deps.clock.advance(500);
  expect(await waiting).toMatchObject({ code: 'TIMEOUT' });
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(resolveAgentCard('http://a.test', { ...deps, signal })).rejects.toThrow('enough');
});

test('the request names no version: the card says which it speaks', async () => {
  const seen: Headers[] = [];
  const http = createLinkedHttp(
    new Map([
      [
        'http://a.test',
        (request) => {
          seen.push(request.headers);
          return Response.json(createTestCard());
        },
      ],
    ]),
  );
  await resolveAgentCard('http://a.test', { http, clock: createFakeClock() });
  expect(seen[0]?.has('a2a-version')).toBe(false);
});

test.each<{ name: string; change: object }>([
  {
    name: 'has too many skills',
    change: { skills: Array.from({ length: 101 }, (_, n) => ({ id: `${n}`, name: '' })) },
  },
  { name: 'reaches for prototypes', change: { constructor: {} } },
])('a card that $name is refused', async ({ change }) => {
  const answer = () => Response.json({ ...createTestCard(), ...change });
  await expect(resolveAgentCard('http://a.test', answering(answer))).rejects.toMatchObject({ code: 'INVALID_REPLY' });
});

test('a card of 100 skills is read, and one that nests without end is refused as any other', async () => {
  const skills = Array.from({ length: 100 }, (_, n) => ({ id: `${n}`, name: '' }));
  const read = await resolveAgentCard(
    'http://a.test',
    answering(() => Response.json({ ...createTestCard(), skills })),
  );
  expect(read.skills).toHaveLength(100);
  const deep = () => new Response(`${'['.repeat(30_000)}${']'.repeat(30_000)}`);
  await expect(resolveAgentCard('http://a.test', answering(deep))).rejects.toMatchObject({ code: 'INVALID_REPLY' });
});

/** A peer whose replies a test writes, and what it was asked. */
function peer(reply: (request: Request) => Response) {
  const asked: Request[] = [];
  const http = createLinkedHttp(
    new Map([
      [
        'http://a.test',
        (request: Request) => {
          asked.push(request);
          return reply(request);
        },
      ],
    ]),
  );
  const clock = createFakeClock();
  const resolve = (options: Partial<ResolveAgentCardOptions> = {}) =>
    resolveAgentCard('http://a.test', { http, clock, ...options });
  return { asked, clock, resolve };
}

describe('with a cache', () => {
  test('a fresh card needs no request, a stale one is asked about, and an unchanged one is fresh again', async () => {
    const clock = createFakeClock();
    let name = 'one';
    const served = createAgentCardRoute({ card: () => createTestCard({ name }), clock, maxAgeSeconds: 60 });
    const statuses: number[] = [];
    const http = createLinkedHttp(
      new Map([
        [
          'http://a.test',
          async (request: Request) => {
            const reply = await served.fetch(request);
            statuses.push(reply.status);
            return reply;
          },
        ],
      ]),
    );
    const cache = createAgentCardCache();
    const resolve = async () => (await resolveAgentCard('http://a.test/a2a', { http, clock, cache })).name;
    expect([await resolve(), await resolve(), statuses]).toEqual(['one', 'one', [200]]);
    await clock.advance(59_999);
    expect([await resolve(), statuses]).toEqual(['one', [200]]);
    await clock.advance(1);
    expect([await resolve(), await resolve(), statuses]).toEqual(['one', 'one', [200, 304]]);
    name = 'two';
    expect(await resolve()).toBe('one');
    await clock.advance(60_000);
    expect([await resolve(), await resolve(), statuses]).toEqual(['two', 'two', [200, 304, 200]]);
  });

  test('where there is no ETag it asks by the hour', async () => {
    const modified = 'Thu, 01 Jan 2026 00:00:00 GMT';
    const { asked, resolve } = peer((request) =>
      request.headers.get('if-modified-since') === modified
        ? new Response(null, { status: 304 })
        : Response.json(createTestCard(), { headers: { 'last-modified': modified } }),
    );
    const cache = createAgentCardCache();
    await resolve({ cache });
    expect(await resolve({ cache })).toEqual(createTestCard());
    // The 304 did not repeat the hour: it still holds.
    expect(await resolve({ cache })).toEqual(createTestCard());
    expect(asked.map(({ headers }) => headers.has('if-modified-since'))).toEqual([false, true, true]);
  });

  test('each caller has a card of its own', async () => {
    const { resolve } = peer(() => Response.json(createTestCard(), { headers: { 'cache-control': 'max-age=60' } }));
    const cache = createAgentCardCache();
    const first = await resolve({ cache });
    first.supportedInterfaces.length = 0;
    expect(await resolve({ cache })).toEqual(createTestCard());
  });

  test('a card that may not be stored is not, and drives out the one before', async () => {
    let control = 'max-age=1';
    const { asked, clock, resolve } = peer(() =>
      Response.json(createTestCard(), { headers: { 'cache-control': control, etag: '"x"' } }),
    );
    const cache = createAgentCardCache();
    await resolve({ cache });
    control = 'no-store';
    await clock.advance(1_000);
    await resolve({ cache });
    await resolve({ cache });
    expect(asked.map(({ headers }) => headers.get('if-none-match'))).toEqual([null, '"x"', null]);
  });

  test('an answer of 304 to somebody who has nothing is an error, and so is a broken card, which is not kept', async () => {
    let broken = true;
    const cache = createAgentCardCache();
    const headers = { 'cache-control': 'max-age=60' };
    const { resolve } = peer(() =>
      broken ? Response.json({}, { headers }) : Response.json(createTestCard(), { headers }),
    );
    await expect(resolve({ cache })).rejects.toMatchObject({ code: 'INVALID_REPLY' });
    broken = false;
    expect((await resolve({ cache })).name).toBe('Test agent');
    const empty = peer(() => new Response(null, { status: 304 }));
    await expect(empty.resolve({ cache: createAgentCardCache() })).rejects.toMatchObject({ status: 304 });
  });

  test('a fresh card that no longer holds to the pins is asked about before it is refused', async () => {
    let version = '1.0.0';
    const { asked, resolve } = peer(() =>
      Response.json(createTestCard({ version }), { headers: { 'cache-control': 'max-age=60' } }),
    );
    const cache = createAgentCardCache();
    await resolve({ cache });
    version = '2.0.0';
    expect((await resolve({ cache, pins: { minVersion: '2.0.0' } })).version).toBe('2.0.0');
    await expect(resolve({ cache, pins: { minVersion: '3.0.0' } })).rejects.toMatchObject({ code: 'CARD_NOT_TRUSTED' });
    expect((await resolve({ cache })).version).toBe('2.0.0');
    expect(asked).toHaveLength(3);
  });
});

describe('with pins', () => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const sign = (card: AgentCard) => signAgentCard(card, { key: privateKey, kid: 'k', alg: 'EdDSA' });
  const pins = { keys: [{ key: publicKey, kid: 'k' }] };

  test('a card is held to the keys as it came, before anything is filled in', async () => {
    const { description: _, ...sparse } = createTestCard();
    const signed = await sign(sparse as AgentCard); // as protobuf writes it, which leaves empty texts out
    expect(await peer(() => Response.json(signed)).resolve({ pins })).toMatchObject({ description: '' });
    const changed = { ...signed, securityRequirements: [{}] };
    const refused = peer(() => Response.json(changed)).resolve({ pins });
    await expect(refused).rejects.toMatchObject({ code: 'CARD_NOT_TRUSTED' });
  });

  test('a card from the cache is held to them as one from the network', async () => {
    const headers = { 'cache-control': 'max-age=60' };
    const { resolve } = peer(() => Response.json(createTestCard(), { headers }));
    const cache = createAgentCardCache();
    await resolve({ cache });
    await expect(resolve({ cache, pins })).rejects.toMatchObject({ code: 'CARD_NOT_TRUSTED' });
  });

  test('our server’s signed card is trusted end to end', async () => {
    const clock = createFakeClock();
    const signers = [createAgentCardSigner({ key: privateKey, kid: 'k', alg: 'EdDSA' })];
    const app = createAgentCardRoute({ card: createTestCard, clock, maxAgeSeconds: 60, signers });
    const http = createLinkedHttp(new Map([['http://a.test', app.fetch]]));
    const hash = agentCardHash(createTestCard());
    const card = await resolveAgentCard('http://a.test', { http, clock, pins: { ...pins, hash } });
    expect(card.signatures).toHaveLength(1);
  });
});

describe('cards of other versions', () => {
  const older = { name: 'Old', url: 'http://a.test/rpc', protocolVersion: '0.3.0' };
  const readCard = (json: unknown) => {
    const { name, url } = z.object({ name: z.string(), url: z.string() }).parse(json);
    return { name, supportedInterfaces: [{ url, protocolBinding: 'JSONRPC', protocolVersion: '0.3' }] };
  };

  test('are read when somebody reads them, and v1.0’s as ever', async () => {
    const { resolve } = peer(() => Response.json(older));
    await expect(resolve()).rejects.toMatchObject({ code: 'INVALID_REPLY' });
    expect(await resolve({ readCard })).toMatchObject({
      name: 'Old',
      supportedInterfaces: [{ protocolVersion: '0.3' }],
    });
    const current = peer(() => Response.json(createTestCard()));
    expect(await current.resolve({ readCard })).toEqual(createTestCard());
  });

  test('are looked for where older agents have them, but only by those who can read them', async () => {
    const { asked, resolve } = peer(({ url }) =>
      url.endsWith('/agent.json') ? Response.json(older) : new Response(null, { status: 404 }),
    );
    await expect(resolve()).rejects.toMatchObject({ status: 404 });
    expect((await resolve({ readCard })).name).toBe('Old');
    expect(asked.map(({ url }) => new URL(url).pathname)).toEqual([
      '/.well-known/agent-card.json',
      '/.well-known/agent-card.json',
      '/.well-known/agent.json',
    ]);
  });

  test('where there is none at all, the newer place is named', async () => {
    const { resolve } = peer(() => new Response(null, { status: 404 }));
    await expect(resolve({ readCard })).rejects.toMatchObject({
      status: 404,
      message: expect.stringMatching(/404 at \S*agent-card\.json, nor is there an older one$/),
    });
  });

  test('our server’s card of v0.3, signed, is trusted and read as v1.0’s', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const signers = [createAgentCardSigner({ key: privateKey, kid: 'k', alg: 'EdDSA' })];
    const options = {
      card: createTestCard,
      clock: createFakeClock(),
      maxAgeSeconds: 60,
      toV03Card: writeCard,
      signers,
    };
    const app = createAgentCardRoute(options);
    // A peer of that version has no other card.
    const http = createLinkedHttp(
      new Map([
        [
          'http://a.test',
          ({ url }: Request) => (url.endsWith('/agent.json') ? app.request(url) : new Response(null, { status: 404 })),
        ],
      ]),
    );
    const pins = { keys: [{ key: publicKey }], protocolVersions: ['0.3'] };
    const card = await resolveAgentCard('http://a.test', { http, clock: options.clock, readCard: readV03Card, pins });
    expect(card.supportedInterfaces).toMatchObject([{ url: 'http://agent.test/a2a', protocolVersion: '0.3' }]);
  });

  test('that cannot be read, or are read as no card, are refused', async () => {
    const { resolve } = peer(() => Response.json({ name: 'neither' }));
    await expect(resolve({ readCard })).rejects.toMatchObject({ code: 'INVALID_REPLY' });
    await expect(resolve({ readCard: () => ({ name: 'x' }) })).rejects.toMatchObject({ code: 'INVALID_REPLY' });
  });
});

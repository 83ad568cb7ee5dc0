import { createFakeClock } from '@skein/contracts/testing';
import { Hono } from 'hono';
import { expect, test } from 'vitest';
import { createLinkedHttp } from '../testing/linked-http.ts';
import { createTestCard } from '../testing/test-agent.ts';
import { agentCardUrl, resolveAgentCard } from './agent-card-resolver.ts';

test.each([
  { base: 'https://a.example', url: 'https://a.example/.well-known/agent-card.json' },
  { base: 'https://a.example/', url: 'https://a.example/.well-known/agent-card.json' },
  { base: 'https://a.example:4220/a2a', url: 'https://a.example:4220/.well-known/agent-card.json' },
  { base: 'https://a.example/a2a/', url: 'https://a.example/.well-known/agent-card.json' },
  { base: 'https://a.example/team/a2a', url: 'https://a.example/team/.well-known/agent-card.json' },
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

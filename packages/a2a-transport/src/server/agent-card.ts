import { createHash } from 'node:crypto';
import type { AgentCard } from '@skein/contracts/a2a';
import type { Clock } from '@skein/contracts/runtime';
import { Hono } from 'hono';

interface AgentCardRouteOptions {
  card: () => AgentCard;
  clock: Clock;
  /** How long a reader may keep the card, in seconds. */
  maxAgeSeconds: number;
}

/** The public card, with what lets a reader ask again for nothing: ETag, Last-Modified and 304. */
export function createAgentCardRoute({ card, clock, maxAgeSeconds }: AgentCardRouteOptions): Hono {
  let current = { body: '', etag: '', lastModified: '' };
  const refresh = () => {
    const body = JSON.stringify(card());
    if (body === current.body) return current;
    const etag = `"${createHash('sha256').update(body).digest('base64url')}"`;
    current = { body, etag, lastModified: new Date(clock.now()).toUTCString() };
    return current;
  };
  return new Hono().get('/.well-known/agent-card.json', (c) => {
    const { body, etag, lastModified } = refresh();
    const headers = { etag, 'last-modified': lastModified, 'cache-control': `public, max-age=${maxAgeSeconds}` };
    const known = (c.req.header('if-none-match') ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    if (known.includes(etag) || known.includes('*')) return c.body(null, 304, headers);
    return c.body(body, 200, { ...headers, 'content-type': 'application/json' });
  });
}

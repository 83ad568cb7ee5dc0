import type { AgentCard } from '@skein/contracts/a2a';
import { type Clock, type Logger, silentLogger } from '@skein/contracts/runtime';
import { type Context, Hono } from 'hono';
import { type CardPage, createCardPage, wholeSeconds } from '../cards/card-page.ts';
import type { AgentCardSigner } from '../cards/sign-card.ts';
import { A2AError } from '../errors.ts';

interface AgentCardRouteOptions {
  /** Asked anew for each request. */
  card: () => AgentCard;
  clock: Clock;
  /** How long a reader may keep the card, in seconds. */
  maxAgeSeconds: number;
  /** Each adds its signature. @default none: the card is served as it is */
  signers?: readonly AgentCardSigner[];
  /** How long the signers may take, in milliseconds. @default 10_000 */
  signTimeoutMs?: number;
  /**
   * The card as A2A v0.3 has it. With it, readers of that version are served. It may refuse with an A2AError, which they
   * see as 404. @default v1.0 alone
   */
  toV03Card?: (card: AgentCard) => object;
  /** Told of a card that cannot be made. @default says nothing */
  logger?: Logger;
}

const cardPath = '/.well-known/agent-card.json';
/** Where v0.3 and what came before it looks. */
const olderCardPath = '/.well-known/agent.json';

/**
 * The public card, with what lets a reader ask again for nothing: ETag, Last-Modified and 304, for GET and HEAD. It is
 * the v1.0 card whatever version a reader names or leaves out, but for those who say that they speak 0.3.
 */
export function createAgentCardRoute(options: AgentCardRouteOptions): Hono {
  const { card, clock, maxAgeSeconds, signers = [], signTimeoutMs = 10_000, toV03Card } = options;
  const { logger = silentLogger } = options;
  const shared = { card, signers, clock, signTimeoutMs };
  const page = createCardPage(shared);
  const olderPage = toV03Card && createCardPage({ ...shared, translate: toV03Card });

  const answer = async (c: Context, published: () => Promise<CardPage>) => {
    // Whoever serves us may answer pages of some origins only, and there is one Vary header.
    const fixed = olderPage ? { vary: 'A2A-Version, Origin' } : {};
    try {
      const found = await published();
      const now = wholeSeconds(clock.now());
      const headers = {
        ...fixed,
        etag: found.etag,
        // Never later than now, as HTTP asks; it still compares as the second that the card holds.
        'last-modified': new Date(Math.min(found.modifiedMs, now)).toUTCString(),
        'cache-control': `public, max-age=${maxAgeSeconds}`,
      };
      if (isKnown(c, found)) return c.body(null, 304, headers);
      return c.body(found.body, 200, { ...headers, 'content-type': 'application/json' });
    } catch (error) {
      // A translation's own word for it: the agent has no such card.
      if (error instanceof A2AError) return c.body(null, 404, { ...fixed, 'cache-control': 'no-store' });
      logger.error('agent card failed', { error });
      return c.body(null, 503, { ...fixed, 'cache-control': 'no-store', 'retry-after': '1' });
    }
  };

  const app = new Hono().get(cardPath, (c) => answer(c, olderPage && speaksV03(c) ? olderPage : page));
  return olderPage ? app.get(olderCardPath, (c) => answer(c, olderPage)) : app;
}

/** Unlike a call, a reader of the card who names no version means v1.0: the card is what tells the versions. */
function speaksV03(c: Context): boolean {
  const version = c.req.header('a2a-version')?.trim() || c.req.query('A2A-Version')?.trim() || '';
  return /^0\.3(\.\d{1,9})?$/.test(version);
}

/** Whether the reader has this very page. An ETag says so exactly, and where one is given the hour does not count. */
function isKnown(c: Context, { etag, modifiedMs }: CardPage): boolean {
  const tags = c.req.header('if-none-match');
  if (tags !== undefined) {
    const known = tags.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    return known.includes(etag) || known.includes('*');
  }
  const since = Date.parse(c.req.header('if-modified-since') ?? '');
  return !Number.isNaN(since) && since >= modifiedMs;
}

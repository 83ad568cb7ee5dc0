import type { Clock } from '@skein/contracts/runtime';

/** A card's text as it came, until when it is good without asking, and what to ask with afterwards. */
export interface CachedCard {
  readonly json: string;
  readonly freshUntilMs: number;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
}

/** Cards by their URL. What is in it was read and accepted; it is checked again by whoever takes it out. */
export interface AgentCardCache {
  find(url: string): CachedCard | undefined;
  store(url: string, card: CachedCard): void;
  forget(url: string): void;
}

interface AgentCardCacheOptions {
  /** Cards that are kept, of 64 KiB at the most each; the one that was longest out of use goes first. @default 100 */
  maxCards?: number;
}

/** A cache for `resolveAgentCard`, to be handed to each call. */
export function createAgentCardCache({ maxCards = 100 }: AgentCardCacheOptions = {}): AgentCardCache {
  if (!Number.isInteger(maxCards) || maxCards < 1)
    throw new RangeError(`A cache holds at least one card, not ${maxCards}`);
  const cards = new Map<string, CachedCard>();
  const store = (url: string, card: CachedCard) => {
    cards.delete(url);
    cards.set(url, card);
    const [oldest] = cards.keys();
    if (cards.size > maxCards && oldest !== undefined) cards.delete(oldest);
  };
  return {
    find(url) {
      const card = cards.get(url);
      if (card) store(url, card);
      return card;
    },
    store,
    forget: (url) => void cards.delete(url),
  };
}

/** A peer may not make its card stay for longer than a day, whatever it says. */
const longestFreshMs = 86_400_000;

/**
 * For how long a reply is good without asking again (RFC 9111, as a private cache reads it), in milliseconds.
 * `undefined` where it must not be kept at all. A reply that says nothing is asked about each time.
 */
export function freshForMs(headers: Headers, clock: Pick<Clock, 'now'>): number | undefined {
  const directives = new Map(
    (headers.get('cache-control') ?? '').split(',').map((directive): [string, string] => {
      const [name = '', value = ''] = directive.split('=');
      return [name.trim().toLowerCase(), value.trim().replaceAll('"', '')];
    }),
  );
  if (directives.has('no-store')) return undefined;
  if (directives.has('no-cache') || headers.get('vary')?.trim() === '*') return 0;
  const lifetimeMs = seconds(directives.get('max-age')) ?? untilExpiry(headers, clock);
  const ageMs = seconds(headers.get('age')?.trim()) ?? 0;
  return Math.min(Math.max(0, lifetimeMs - ageMs), longestFreshMs);
}

function seconds(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,12}$/.test(value) ? Number(value) * 1_000 : undefined;
}

function untilExpiry(headers: Headers, clock: Pick<Clock, 'now'>): number {
  const end = Date.parse(headers.get('expires') ?? '');
  if (Number.isNaN(end)) return 0;
  const sent = Date.parse(headers.get('date') ?? '');
  return end - (Number.isNaN(sent) ? clock.now() : sent);
}

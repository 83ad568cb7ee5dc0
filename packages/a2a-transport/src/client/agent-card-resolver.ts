import { AgentCard } from '@skein/contracts/a2a';
import { type Clock, systemClock } from '@skein/contracts/runtime';
import { type AgentCardCache, type CachedCard, freshForMs } from '../cards/card-cache.ts';
import { type AgentCardPins, holdToPins } from '../cards/card-pins.ts';
import { A2AClientError } from '../errors.ts';
import { assertSafeJson, MAX_JSON_DEPTH } from '../json-rpc/safe-json.ts';
import { startDeadline } from './deadline.ts';
import type { HttpPort, HttpReply } from './http-port.ts';
import { retryAfterMs, send } from './post.ts';
import { discard, readJson } from './read-body.ts';

/** A card is a page, not a book. */
const maxCardBytes = 65_536;
const maxSkills = 100;

/** With what a card is fetched, and what it is held to. */
export interface ResolveAgentCardOptions {
  http: HttpPort;
  clock?: Clock;
  /** @default 10_000 */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** Spares requests as long as the card says, and asks only for changes then. @default each call fetches the card */
  cache?: AgentCardCache;
  /** What was agreed on when the peer was trusted. @default nothing: the card is as good as the connection */
  pins?: AgentCardPins;
  /**
   * Reads a card that is none of A2A v1.0, such as v0.3's, in the words of v1.0; they are checked afterwards. With it
   * the card is also looked for where older agents have it. It throws for what it cannot read. @default v1.0 alone
   */
  readCard?: (json: unknown) => unknown;
}

/** Where the card of an agent at this address is: the address may end in `/`, `/a2a` or `/a2a/`, or be the card's own. */
export function agentCardUrl(baseUrl: string): string {
  return `${agentRoot(baseUrl)}/.well-known/agent-card.json`;
}

/**
 * Fetches an agent's public card. What it says of itself is not trusted by being read: only `pins` make it so.
 * Errors: A2AClientError INVALID_REPLY (no card, more than 64 KiB, more than 100 skills), CARD_NOT_TRUSTED, and those of
 * any request.
 */
export async function resolveAgentCard(baseUrl: string, options: ResolveAgentCardOptions): Promise<AgentCard> {
  const { clock = systemClock, timeoutMs = 10_000 } = options;
  const deadline = startDeadline(clock, timeoutMs, 'The agent card', options.signal);
  const fetching = { ...options, clock, signal: deadline.signal };
  try {
    try {
      return await resolveAt(agentCardUrl(baseUrl), fetching);
    } catch (cause) {
      if (!isAbsent(cause) || !options.readCard) throw cause;
      return await resolveAt(`${agentRoot(baseUrl)}/.well-known/agent.json`, fetching).catch((older: unknown) => {
        if (!isAbsent(older)) throw older;
        throw new A2AClientError('HTTP_STATUS', `${cause.message}, nor is there an older one`, { status: 404, cause });
      });
    }
  } finally {
    deadline.clear();
  }
}

function isAbsent(cause: unknown): cause is A2AClientError {
  return cause instanceof A2AClientError && cause.code === 'HTTP_STATUS' && cause.status === 404;
}

type Fetching = ResolveAgentCardOptions & { clock: Clock; signal: AbortSignal };

/** A card as it came. It may not be kept where no hour says how long. */
type FetchedCard = Omit<CachedCard, 'freshUntilMs'> & { freshUntilMs: number | undefined };

async function resolveAt(url: string, fetching: Fetching): Promise<AgentCard> {
  const { cache, clock } = fetching;
  const known = cache?.find(url);
  if (known && clock.now() < known.freshUntilMs) {
    const card = await accept(known.json, fetching).catch(unlessDistrusted);
    if (card) return card;
    // What was agreed on has changed since. The peer's card may have, too: ask.
  }
  const { freshUntilMs, ...fetched } = await fetchCard(url, known, fetching);
  const card = await accept(fetched.json, fetching);
  // Only now: what is refused takes no place, and the card before it stays.
  if (freshUntilMs === undefined) cache?.forget(url);
  else cache?.store(url, { ...fetched, freshUntilMs });
  return card;
}

function unlessDistrusted(cause: unknown): undefined {
  if (!(cause instanceof A2AClientError && cause.code === 'CARD_NOT_TRUSTED')) throw cause;
}

/** The card from its server, or the one that we know when the server says that it is still the same. */
async function fetchCard(url: string, known: CachedCard | undefined, fetching: Fetching): Promise<FetchedCard> {
  const { http, clock, signal } = fetching;
  const headers = { accept: 'application/json', ...conditions(known) };
  const reply = await send(http, { method: 'GET', url, headers, signal });
  const freshMs = freshForMs(reply.headers, clock);
  const freshUntilMs = freshMs === undefined ? undefined : clock.now() + freshMs;
  const validators = {
    etag: reply.headers.get('etag') ?? undefined,
    lastModified: reply.headers.get('last-modified') ?? undefined,
  };
  if (reply.status === 304 && known) {
    discard(reply.body[Symbol.asyncIterator]());
    const { etag = known.etag, lastModified = known.lastModified } = validators;
    return { json: known.json, freshUntilMs, etag, lastModified };
  }
  if (reply.status !== 200) throw statusError(url, reply, clock);
  const json = await readJson(reply, maxCardBytes, signal);
  // Before it is written out again: what nests without end would not come to one.
  orInvalid(() => assertSafeJson(json, MAX_JSON_DEPTH), fetching.readCard);
  return { json: JSON.stringify(json), freshUntilMs, ...validators };
}

/** The card in the text, once it is one and the pins hold. */
async function accept(text: string, { readCard, pins, clock }: Fetching): Promise<AgentCard> {
  const json: unknown = JSON.parse(text);
  const card = orInvalid(() => parse(json, readCard), readCard);
  if (card.skills.length > maxSkills) {
    throw invalid(`The agent card has ${card.skills.length} skills; ${maxSkills} are read at the most`);
  }
  // What was read as a card is an object.
  return pins ? holdToPins({ json: Object(json), card }, pins, clock) : card;
}

function conditions(known: CachedCard | undefined): Record<string, string> {
  if (known?.etag !== undefined) return { 'if-none-match': known.etag };
  return known?.lastModified === undefined ? {} : { 'if-modified-since': known.lastModified };
}

/** The address without what may be secret in it: a user, a query. */
function statusError(url: string, reply: HttpReply, clock: Clock): A2AClientError {
  const { status } = reply;
  discard(reply.body[Symbol.asyncIterator]());
  const wait = retryAfterMs(reply.headers, clock);
  const { origin, pathname } = new URL(url);
  const message = `The peer answered ${status} at ${origin}${pathname}`;
  return new A2AClientError('HTTP_STATUS', message, { status, retryAfterMs: wait });
}

function parse(json: unknown, readOther: ResolveAgentCardOptions['readCard']): AgentCard {
  const own = AgentCard.safeParse(json);
  if (own.success) return own.data;
  if (!readOther) throw own.error;
  return AgentCard.parse(readOther(json));
}

function orInvalid<T>(step: () => T, readOther: ResolveAgentCardOptions['readCard']): T {
  try {
    return step();
  } catch (cause) {
    throw invalid(`This is no A2A ${readOther ? 'agent card that is understood here' : 'v1.0 agent card'}`, cause);
  }
}

function invalid(message: string, cause?: unknown): A2AClientError {
  return new A2AClientError('INVALID_REPLY', message, { status: 200, cause });
}

function agentRoot(baseUrl: string): string {
  const place = baseUrl.replace(/\/\.well-known\/agent(?:-card)?\.json$/, '');
  return place.replace(/\/{1,8}$/, '').replace(/\/a2a$/, '');
}

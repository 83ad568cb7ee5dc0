import { AgentCard } from '@skein/contracts/a2a';
import { type Clock, systemClock } from '@skein/contracts/runtime';
import { A2AClientError } from '../errors.ts';
import { startDeadline } from './deadline.ts';
import type { HttpPort } from './http-port.ts';
import { retryAfterMs, send } from './post.ts';
import { discard, readJson } from './read-body.ts';

/** A card is a page, not a book. */
const maxCardBytes = 65_536;

interface ResolveDeps {
  http: HttpPort;
  clock?: Clock;
  /** @default 10_000 */
  timeoutMs?: number;
  signal?: AbortSignal;
}

/** Where the card of an agent at this address is: the address may end in `/`, `/a2a` or `/a2a/`. */
export function agentCardUrl(baseUrl: string): string {
  const base = baseUrl.replace(/\/{1,8}$/, '').replace(/\/a2a$/, '');
  return `${base}/.well-known/agent-card.json`;
}

/** Fetches an agent's public card. What it says of itself is not trusted by being read. */
export async function resolveAgentCard(baseUrl: string, deps: ResolveDeps): Promise<AgentCard> {
  const { http, clock = systemClock, timeoutMs = 10_000 } = deps;
  const deadline = startDeadline(clock, timeoutMs, 'The agent card', deps.signal);
  const { signal } = deadline;
  try {
    const headers = { accept: 'application/json' };
    const reply = await send(http, { method: 'GET', url: agentCardUrl(baseUrl), headers, signal });
    const { status } = reply;
    if (status !== 200) {
      discard(reply.body[Symbol.asyncIterator]());
      const wait = retryAfterMs(reply.headers, clock);
      throw new A2AClientError('HTTP_STATUS', `The peer answered ${status}`, { status, retryAfterMs: wait });
    }
    const card = AgentCard.safeParse(await readJson(reply, maxCardBytes, signal));
    if (card.success) return card.data;
    throw new A2AClientError('INVALID_REPLY', 'This is no A2A v1.0 agent card', { status, cause: card.error });
  } finally {
    deadline.clear();
  }
}

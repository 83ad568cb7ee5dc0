/** GET /events: what happens in this node, as it happens. Nothing is told again: the books hold what was. */
import { type SwarmEvent, WatchQuery } from '@skein/contracts';
import type { Clock, EventSource } from '@skein/contracts/runtime';
import { Hono } from 'hono';
import { refusalFor } from '../refusal.ts';
import { parseQuery } from '../request-body.ts';
import { liveStream } from '../sse.ts';
import { type WatchOptions, watchEvents } from '../watch.ts';

interface EventDeps {
  node: { readonly events: EventSource<SwarmEvent> };
  clock: Clock;
}

export function createEventRoutes(
  { node, clock }: EventDeps,
  options: Pick<WatchOptions, 'maxWaitingChars'> = {},
): Hono {
  const app = new Hono();
  app.get('/', (c) => {
    const { types } = parseQuery(c, WatchQuery);
    // Nobody reads the body of an answer to HEAD: it must not listen.
    if (c.req.method === 'HEAD') return c.body(null, 200, { 'content-type': 'text/event-stream' });
    const watched = watchEvents({ events: node.events, clock }, { ...options, types });
    return liveStream(watched, { clock, errorEvent: (cause) => refusalFor(cause).body });
  });
  return app;
}

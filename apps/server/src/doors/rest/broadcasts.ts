/** /broadcast: one order for many nodes, a directive for each of them, and how it went. */
import { BroadcastId, BroadcastRequest } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import type { BroadcastDesk } from '@skein/swarm';
import { Hono } from 'hono';
import { Refusal, refusalFor } from '../refusal.ts';
import { parseBody, parseParameter, parseQuery, refuseQuery } from '../request-body.ts';
import { eventStream } from '../sse.ts';
import { SendQuery, wantsStream } from './send-directive.ts';

export function createBroadcastRoutes({ node, clock }: { node: BroadcastDesk; clock: Clock }): Hono {
  const app = new Hono();

  /** As a directive is sent: stored and answered at once, with ?wait=true when all have ended, or as a stream. */
  app.post('/', async (c) => {
    const { wait } = parseQuery(c, SendQuery);
    const { to, ...order } = await parseBody(c, BroadcastRequest);
    if (wantsStream(c))
      return eventStream(node.broadcastStream(order, to), { clock, errorEvent: (cause) => refusalFor(cause).body });
    if (wait === 'true') return c.json(await node.broadcast(order, to));
    return c.json(await node.submitBroadcast(order, to), 202);
  });

  app.get('/:id', async (c) => {
    refuseQuery(c);
    const id = parseParameter(c.req.param('id'), BroadcastId, 'id');
    const detail = await node.getBroadcast(id);
    if (detail) return c.json(detail);
    throw new Refusal(404, 'broadcast_not_found', `this node sent no broadcast ${id}`, {
      metadata: { broadcastId: id },
    });
  });
  return app;
}

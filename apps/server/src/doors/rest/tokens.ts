/** POST /tokens: a join token, told once. */
import { TokenCreateBody } from '@skein/contracts';
import type { SwarmNode } from '@skein/swarm';
import { Hono } from 'hono';
import { parseBody, refuseQuery } from '../request-body.ts';

export function createTokenRoutes({ node }: { node: Pick<SwarmNode, 'createJoinToken'> }): Hono {
  const app = new Hono();
  app.post('/', async (c) => {
    refuseQuery(c);
    const body = await parseBody(c, TokenCreateBody);
    c.header('cache-control', 'no-store');
    return c.json(await node.createJoinToken(body), 201);
  });
  return app;
}

/** GET /nodes, /nodes/:id: who is in the swarm, as this node sees it. */
import { NodeId, type NodeList } from '@skein/contracts';
import type { SwarmNode } from '@skein/swarm';
import { Hono } from 'hono';
import { z } from 'zod';
import { Refusal } from '../refusal.ts';
import { parseParameter, parseQuery } from '../request-body.ts';

export function createNodeRoutes({ node }: { node: Pick<SwarmNode, 'listNodes' | 'getNode'> }): Hono {
  const app = new Hono();
  app.get('/', async (c) => {
    parseQuery(c, z.strictObject({}));
    const nodes = await node.listNodes();
    return c.json({ nodes } satisfies z.infer<typeof NodeList>);
  });
  app.get('/:id', async (c) => {
    const id = parseParameter(c.req.param('id'), NodeId, 'id');
    const view = await node.getNode(id);
    if (view) return c.json(view);
    throw new Refusal(404, 'unknown_node', `no node ${id} is known here; GET /api/swarm/nodes lists those that are`, {
      metadata: { nodeId: id },
    });
  });
  return app;
}

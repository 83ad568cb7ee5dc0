/** What an operator looks up and changes of one node: its health, its tier and group, and whether it is known at all. */
import { NodeId, NodePatchBody } from '@skein/contracts';
import type { FleetDesk } from '@skein/swarm';
import { Hono } from 'hono';
import { parseBody, parseParameter, refuseQuery } from '../request-body.ts';
import { known } from './nodes.ts';

type RegistryDoor = Pick<FleetDesk, 'getNodeHealth' | 'editNode' | 'removeNode'>;

export function createRegistryRoutes({ node }: { node: RegistryDoor }): Hono {
  const app = new Hono();

  app.get('/:id/health', async (c) => {
    refuseQuery(c);
    const id = parseParameter(c.req.param('id'), NodeId, 'id');
    return c.json(known(id, await node.getNodeHealth(id)));
  });

  app.patch('/:id', async (c) => {
    refuseQuery(c);
    const id = parseParameter(c.req.param('id'), NodeId, 'id');
    return c.json(await node.editNode(id, await parseBody(c, NodePatchBody)));
  });

  app.delete('/:id', async (c) => {
    refuseQuery(c);
    return c.json(await node.removeNode(parseParameter(c.req.param('id'), NodeId, 'id')));
  });
  return app;
}

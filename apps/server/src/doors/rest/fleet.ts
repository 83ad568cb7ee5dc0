/** /topology, /report, /processes: who runs what, where, for whom, and what it used. */
import type { AgentDesk, FleetDesk } from '@skein/swarm';
import { Hono } from 'hono';
import { refuseQuery } from '../request-body.ts';

type FleetDoor = Pick<FleetDesk, 'getSwarmTopology' | 'getResourceReport'> & Pick<AgentDesk, 'getFullProcessTree'>;

export function createFleetRoutes({ node }: { node: FleetDoor }): Hono {
  const app = new Hono();
  app.get('/topology', async (c) => {
    refuseQuery(c);
    return c.json(await node.getSwarmTopology({ signal: c.req.raw.signal }));
  });
  app.get('/report', async (c) => {
    refuseQuery(c);
    return c.json(await node.getResourceReport({ signal: c.req.raw.signal }));
  });
  app.get('/processes', (c) => {
    refuseQuery(c);
    return c.json(node.getFullProcessTree());
  });
  return app;
}

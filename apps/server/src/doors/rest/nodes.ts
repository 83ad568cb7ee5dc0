/** /nodes: who is in the swarm, as this node sees it, and the figures of each. */
import {
  NodeId,
  type NodeList,
  type NodeMetricsList,
  type NodeView,
  type SnapshotList,
  SnapshotQuery,
} from '@skein/contracts';
import type { SwarmNode } from '@skein/swarm';
import { Hono } from 'hono';
import type { z } from 'zod';
import { Refusal } from '../refusal.ts';
import { parseParameter, parseQuery, refuseQuery } from '../request-body.ts';

type NodeDoor = Pick<SwarmNode, 'cortexPeers' | 'listNodes' | 'getNode' | 'listSnapshots'>;

export function createNodeRoutes({ node }: { node: NodeDoor }): Hono {
  const app = new Hono();

  app.get('/', async (c) => {
    refuseQuery(c);
    return c.json({ nodes: await node.listNodes(), cortexPeers: [...node.cortexPeers] } satisfies z.infer<
      typeof NodeList
    >);
  });

  app.get('/metrics', async (c) => {
    refuseQuery(c);
    const nodes = (await node.listNodes()).map(({ id, name, metrics, lastHeartbeatAt }) => ({
      ...{ nodeId: id, name, metrics, at: lastHeartbeatAt },
    }));
    return c.json({ nodes } satisfies z.infer<typeof NodeMetricsList>);
  });

  app.get('/:id', async (c) => {
    refuseQuery(c);
    const id = parseParameter(c.req.param('id'), NodeId, 'id');
    return c.json(known(id, await node.getNode(id)) satisfies NodeView);
  });

  app.get('/:id/snapshots', async (c) => {
    const id = parseParameter(c.req.param('id'), NodeId, 'id');
    const { limit } = parseQuery(c, SnapshotQuery);
    known(id, await node.getNode(id));
    return c.json({ snapshots: await node.listSnapshots(id, limit) } satisfies z.infer<typeof SnapshotList>);
  });
  return app;
}

/** What is there for a node, or 404. */
export function known<T>(id: NodeId, found: T | undefined): T {
  if (found !== undefined) return found;
  throw new Refusal(404, 'unknown_node', `no node ${id} is known here; GET /api/swarm/nodes lists those that are`, {
    metadata: { nodeId: id },
  });
}

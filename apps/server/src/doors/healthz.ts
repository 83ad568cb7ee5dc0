/** GET /healthz: whether the node can work. Open to anybody who reaches the port, so it tells nothing but that. */
import type { HealthReply } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import type { SwarmNode } from '@skein/swarm';
import { Hono } from 'hono';

interface HealthDeps {
  node: Pick<SwarmNode, 'id' | 'name' | 'isReady'>;
  clock: Clock;
  startedAt: number;
  version: string;
}

export function createHealthRoutes({ node, clock, startedAt, version }: HealthDeps): Hono {
  const app = new Hono();
  app.get('/healthz', async (c) => {
    const ready = await node.isReady();
    const reply: HealthReply = {
      status: ready ? 'ok' : 'unavailable',
      nodeId: node.id,
      name: node.name,
      uptimeMs: Math.max(0, clock.now() - startedAt),
      pid: process.pid,
      version,
    };
    c.header('cache-control', 'no-store');
    return c.json(reply, ready ? 200 : 503);
  });
  return app;
}

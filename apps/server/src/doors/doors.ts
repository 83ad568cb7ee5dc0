/** All doors of a node in one app: A2A, REST and the health check, and one way of saying no. */
import type { Clock, Logger } from '@skein/contracts/runtime';
import type { SwarmNode } from '@skein/swarm';
import { Hono } from 'hono';
import { createHealthRoutes } from './healthz.ts';
import { requireOperator } from './operator.ts';
import { Refusal, refusalFor } from './refusal.ts';
import { createDirectiveRoutes } from './rest/directives.ts';
import { createNodeRoutes } from './rest/nodes.ts';
import { createTokenRoutes } from './rest/tokens.ts';

interface DoorDeps {
  node: SwarmNode;
  isOperator: (token: string) => boolean;
  clock: Clock;
  logger: Logger;
  startedAt: number;
  version: string;
}

export function createDoors(deps: DoorDeps): Hono {
  const app = new Hono();
  app.route('/', createHealthRoutes(deps));
  app.route('/api/swarm', createRest(deps));
  app.route('/', deps.node.app);
  return withRefusals(app, deps.logger);
}

type RestDeps = Pick<DoorDeps, 'isOperator' | 'clock' | 'logger'> & {
  node: Parameters<typeof createNodeRoutes>[0]['node'] &
    Parameters<typeof createDirectiveRoutes>[0]['node'] &
    Parameters<typeof createTokenRoutes>[0]['node'];
};

export function createRest({ node, isOperator, clock, logger }: RestDeps): Hono {
  const app = new Hono();
  app.use(requireOperator(isOperator)); // before anything of the request is read
  app.route('/nodes', createNodeRoutes({ node }));
  app.route('/directives', createDirectiveRoutes({ node, clock }));
  app.route('/tokens', createTokenRoutes({ node }));
  return withRefusals(app, logger);
}

function withRefusals(app: Hono, logger: Logger): Hono {
  app.notFound((c) => {
    const refusal = new Refusal(404, 'not_found', `there is no ${c.req.method} ${c.req.path} here`);
    return c.json(refusal.body, 404);
  });
  app.onError((thrown, c) => {
    const refusal = refusalFor(thrown);
    if (refusal.status >= 500) logger.error('a request failed', { path: c.req.path, reason: refusal.reason, thrown });
    return c.json(refusal.body, refusal.status, { ...refusal.headers });
  });
  return app;
}

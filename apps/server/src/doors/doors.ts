/** All doors of a node in one app: A2A, REST and the health check, and one way of saying no. */
import type { Clock, Logger } from '@skein/contracts/runtime';
import type { SwarmNode } from '@skein/swarm';
import { Hono } from 'hono';
import { createHealthRoutes } from './healthz.ts';
import { requireOperator } from './operator.ts';
import { createDeskRoutes } from './rest/desks.ts';
import { createDirectiveRoutes } from './rest/directives.ts';
import { createEventRoutes } from './rest/events.ts';
import { createNodeRoutes } from './rest/nodes.ts';
import { createTokenRoutes } from './rest/tokens.ts';
import { withRefusals } from './with-refusals.ts';

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
    Parameters<typeof createDeskRoutes>[0]['node'] &
    Parameters<typeof createDirectiveRoutes>[0]['node'] &
    Parameters<typeof createEventRoutes>[0]['node'] &
    Parameters<typeof createTokenRoutes>[0]['node'];
};

export function createRest({ node, isOperator, clock, logger }: RestDeps): Hono {
  const app = new Hono();
  app.use(requireOperator(isOperator)); // before anything of the request is read
  app.route('/nodes', createNodeRoutes({ node }));
  app.route('/directives', createDirectiveRoutes({ node, clock }));
  app.route('/events', createEventRoutes({ node, clock }));
  app.route('/tokens', createTokenRoutes({ node }));
  app.route('/', createDeskRoutes({ node, clock }));
  return withRefusals(app, logger);
}

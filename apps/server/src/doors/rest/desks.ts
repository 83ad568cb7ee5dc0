/** The routes of every desk of a node beside its directives, under the paths that they have. */
import { Hono } from 'hono';
import { createAgentRoutes } from './agents.ts';
import { createBroadcastRoutes } from './broadcasts.ts';
import { createEligibilityRoutes } from './eligibility.ts';
import { createFleetRoutes } from './fleet.ts';
import { createMailboxRoutes } from './mailboxes.ts';
import { createRegistryRoutes } from './registry.ts';
import { createStateRoutes } from './state.ts';

type Agents = Parameters<typeof createAgentRoutes>[0];
type Broadcasts = Parameters<typeof createBroadcastRoutes>[0];
type Eligibility = Parameters<typeof createEligibilityRoutes>[0];
type Fleet = Parameters<typeof createFleetRoutes>[0];
type Mailboxes = Parameters<typeof createMailboxRoutes>[0];
type Registry = Parameters<typeof createRegistryRoutes>[0];
type State = Parameters<typeof createStateRoutes>[0];

/** What a node must be able to do for all of them. */
type DeskDeps = Agents & Broadcasts & Eligibility & Fleet & Mailboxes & Registry & State;

export function createDeskRoutes(deps: DeskDeps): Hono {
  const app = new Hono();
  app.route('/', createFleetRoutes(deps));
  app.route('/', createEligibilityRoutes(deps));
  app.route('/nodes', createRegistryRoutes(deps));
  app.route('/broadcast', createBroadcastRoutes(deps));
  app.route('/agents', createAgentRoutes(deps));
  app.route('/mailboxes', createMailboxRoutes(deps));
  app.route('/state', createStateRoutes(deps));
  return app;
}

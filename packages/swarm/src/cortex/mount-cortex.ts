/** The node's app with the endpoint of its CortexPrism peers beside its own; where none is configured it stays as it is. */
import { createCortexRoutes, DEFAULT_CORTEX_KINDS } from '@skein/a2a-transport';
import { Hono } from 'hono';
import type { NodeBase } from '../node-base.ts';
import { createNodeCard } from '../node-card.ts';
import { allowedProgram, type PolicyOptions } from '../security/policy.ts';
import { type CortexDoorDeps, createCortexDoor } from './cortex-door.ts';

export interface MountCortexDeps extends Omit<CortexDoorDeps, 'self' | 'inbox'> {
  base: NodeBase;
  /** The node's own. */
  app: Hono;
  name: string;
  origin: string;
  version: string;
  policy: Pick<PolicyOptions, 'allowedPrograms'>;
}

export interface MountedCortex {
  app: Hono;
  /** Answers the peers that wait; twice is as good as once. */
  close(): Promise<void>;
}

export function mountCortex({ base, app, name, origin, version, policy, ...door }: MountCortexDeps): MountedCortex {
  const { self, stores, clock, random, logger } = base;
  const { all } = door.peers;
  if (all.length === 0) return { app, close: async () => {} };
  for (const { name: peer, nodeId, kinds, endpoint, evaluator: [program] = [] } of all) {
    logger.info('a cortex peer is configured', {
      peer,
      nodeId,
      kinds: kinds ?? DEFAULT_CORTEX_KINDS,
      sends: endpoint !== undefined,
    });
    if (program !== undefined && allowedProgram(program, policy.allowedPrograms) === undefined)
      logger.warn('the evaluator of a cortex peer is no allowed program: what it should run will be refused', {
        peer,
        program,
      });
  }
  // The path is what lets a peer in: it has no token to bring.
  const { securitySchemes: _, securityRequirements: __, ...card } = createNodeCard({ name, origin, version });
  const routes = createCortexRoutes({
    ...{ peers: all, card: () => card, origin, clock, random, logger },
    handler: createCortexDoor({ ...door, self, inbox: stores.inbox }),
  });
  return { app: new Hono().route('/', routes.app).route('/', app), close: routes.close };
}

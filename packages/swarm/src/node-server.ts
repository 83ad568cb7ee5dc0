/** The node's A2A surface: its card, its extension, and who may call. */
import { type A2AServer, createA2AServer } from '@skein/a2a-transport';
import type { NodeId } from '@skein/contracts';
import type { DirectiveHandlers } from './directives/handlers/handler.ts';
import { createSwarmExtension, type SwarmExtensionDeps } from './extension.ts';
import type { Membership } from './membership/membership.ts';
import type { NodeBase } from './node-base.ts';
import { createNodeCard, noDefaultAgent } from './node-card.ts';
import { offeredKinds } from './registration.ts';
import { createCallAuthenticator } from './security/call-authenticator.ts';
import { createReplayGuard } from './security/replay-guard.ts';
import type { SwarmNodeOptions } from './swarm-node-options.ts';
import { refuse } from './wire-errors.ts';

export interface NodeServerDeps extends Omit<SwarmExtensionDeps, 'params' | 'databaseId' | 'nodes' | 'membership'> {
  base: NodeBase;
  handlers: DirectiveHandlers;
  membership: Membership;
  origin: string;
}

export function createNodeServer(deps: NodeServerDeps, options: SwarmNodeOptions): A2AServer {
  const { base, handlers, membership, origin } = deps;
  const { self, databaseId, stores, clock, random, logger, startedAtMs } = base;
  const { nodes } = stores;
  const { name, version = '0.1.0', swarm = 'skein', identity, isOperator } = options;

  /** The key of a node that may call. A stranger may be somebody whom a seed let in a moment ago: it is asked. */
  async function findKey(nodeId: NodeId): Promise<string | undefined> {
    const known = await nodes.find(nodeId);
    const sure = known !== undefined || (await membership.refresh());
    const entry = known ?? (await nodes.find(nodeId));
    if (!entry && !sure) throw refuse('REGISTRY_BEHIND', 'no seed could be asked who is calling; call again', 503);
    return entry && !entry.removed && entry.eligibility !== 'sealed' ? entry.record.key : undefined;
  }

  const card = createNodeCard({ name, origin, version });
  return createA2AServer({
    card: () => card, // asked each time: the kinds that are offered may be others by then
    executor: noDefaultAgent,
    extensions: [
      createSwarmExtension({
        ...deps,
        ...{ databaseId, nodes },
        params: () => ({ nodeId: self, swarm, kinds: offeredKinds(handlers) }),
      }),
    ],
    authenticator: createCallAuthenticator({
      ...{ self: identity, clock, startedAtMs, findKey },
      replays: createReplayGuard(clock),
      ...(isOperator && { isOperator }),
    }),
    ...{ clock, random, logger },
  });
}

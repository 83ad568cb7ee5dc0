/** The node's A2A surface: its card, its extension, and who may call. */
import { type A2AServer, type A2AServerOptions, createA2AServer } from '@skein/a2a-transport';
import type { Eligibility, NodeId } from '@skein/contracts';
import type { DirectiveHandlers } from './directives/handlers/handler.ts';
import { createSwarmExtension, type SwarmExtensionDeps } from './extension.ts';
import type { Membership } from './membership/membership.ts';
import type { NodeBase } from './node-base.ts';
import { describeNode } from './node-card.ts';
import { offeredKinds } from './registration.ts';
import { createCallAuthenticator } from './security/call-authenticator.ts';
import { createCardSigner } from './security/card-signature.ts';
import { createReplayGuard } from './security/replay-guard.ts';
import type { SwarmNodeOptions } from './swarm-node-options.ts';
import { createPlainAgent } from './tasks/plain-agent.ts';
import { pushConfigsForNow, tasksForNow } from './tasks/store-for-now.ts';
import { refuse } from './wire-errors.ts';

export interface NodeServerDeps extends Omit<SwarmExtensionDeps, 'params' | 'databaseId' | 'nodes' | 'membership'> {
  base: NodeBase;
  handlers: DirectiveHandlers;
  membership: Membership;
  /** Whether this node may be given work. */
  inWork: () => Eligibility;
  origin: string;
}

export function createNodeServer(deps: NodeServerDeps, options: SwarmNodeOptions): A2AServer {
  const { base, handlers, membership, inWork, origin } = deps;
  const { self, databaseId, stores, clock, random, logger, startedAtMs } = base;
  const { nodes } = stores;
  const { name, version = '0.1.0', swarm = 'skein', identity, isOperator, card: words } = options;
  const { executor, a2a: { httpJson = false, speaksV03 = true } = {} } = options;

  /** The key of a node that may call. A stranger may be somebody whom a seed let in a moment ago: it is asked. */
  async function findKey(nodeId: NodeId): Promise<string | undefined> {
    const known = await nodes.find(nodeId);
    const sure = known !== undefined || (await membership.refresh());
    const entry = known ?? (await nodes.find(nodeId));
    if (!entry && !sure) throw refuse('REGISTRY_BEHIND', 'no seed could be asked who is calling; call again', 503);
    return entry && !entry.removed && entry.eligibility !== 'sealed' ? entry.record.key : undefined;
  }

  const push = pushOf(options, base);
  return createA2AServer({
    card: describeNode({ name, origin, version, words }),
    cardSigners: [createCardSigner(identity)],
    executor: createPlainAgent(executor, inWork),
    taskStore: tasksForNow(stores.a2aTasks),
    ...(push && { push }),
    ...(httpJson && { httpJsonPath: '/a2a/rest' }),
    speaksV03,
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

/** Where nobody answers plain messages, there is nothing to tell of them. */
function pushOf({ executor, push }: SwarmNodeOptions, { stores }: NodeBase): A2AServerOptions['push'] {
  if (push === false || (push === undefined && !executor)) return undefined;
  return { ...push, configs: pushConfigsForNow(stores.pushConfigs) };
}

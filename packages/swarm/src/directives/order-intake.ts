/** From what a caller asks for to a directive that can be stored: its shape, its place, its name. */
import {
  type BroadcastId,
  type BroadcastRequest,
  DirectiveId,
  type DirectiveKind,
  type DispatchInput,
  DispatchRequest,
  type EffectClass,
  NodeId,
  Order,
  type Placement,
} from '@skein/contracts';
import type { Random } from '@skein/contracts/runtime';
import type { CortexPeers } from '../cortex/cortex-peers.ts';
import { SwarmError } from '../errors.ts';
import type { NodeStore } from '../membership/node-store.ts';
import { firstIssue } from './directive-message.ts';
import type { NewDirective } from './outbox-store.ts';
import { payloadHash } from './payload-hash.ts';
import type { Placer } from './placer.ts';

/** What a crash may cost, where the caller does not say. */
export const usualEffect = {
  execute_task: 'amo',
  spawn_agent: 'amo',
  query_resources: 'alo',
  forward_message: 'tx',
  sync_state: 'tx',
} as const satisfies Record<DirectiveKind, EffectClass>;

/** An order as it was asked for, of one node or of many. */
type Asked = Pick<BroadcastRequest, 'kind' | 'payload' | 'priority' | 'ttlMs' | 'effect' | 'parentDirectiveId'>;

interface Destination {
  targetNodeId: NodeId;
  placement?: Placement;
  broadcastId?: BroadcastId;
}

/** The directive for one destination, under a new id. */
export function newDirective(
  { self, random }: { self: NodeId; random: Pick<Random, 'uuid'> },
  asked: Asked,
  { targetNodeId, placement, broadcastId }: Destination,
): NewDirective {
  const { kind, payload, priority, ttlMs, parentDirectiveId = null } = asked;
  const order = Order.parse({ kind, payload });
  const effect = asked.effect ?? usualEffect[kind];
  return {
    id: DirectiveId.parse(random.uuid()),
    sourceNodeId: self,
    targetNodeId,
    order,
    payloadHash: payloadHash({ order, effect, parentDirectiveId }),
    ...{ priority, effect, ttlMs, parentDirectiveId },
    broadcastId: broadcastId ?? null,
    placement: placement ?? null,
  };
}

export interface OrderIntakeDeps {
  self: NodeId;
  nodes: Pick<NodeStore, 'find'>;
  placer: Placer;
  /** @default there are none */
  cortex?: Pick<CortexPeers, 'target'>;
  random: Pick<Random, 'uuid'>;
}

/** Errors: INVALID_ARGUMENT, UNKNOWN_NODE, NO_MATCHING_NODE. */
export async function takeOrder(deps: OrderIntakeDeps, input: DispatchInput): Promise<NewDirective> {
  const parsed = DispatchRequest.safeParse(input);
  if (!parsed.success) throw new SwarmError('INVALID_ARGUMENT', firstIssue(parsed.error), { cause: parsed.error });
  const { target, ...asked } = parsed.data;
  if (typeof target === 'string') {
    const cortex = deps.cortex?.target(target);
    if (cortex) return newDirective(deps, asked, { targetNodeId: cortex.nodeId });
    const nodeId = NodeId.safeParse(target).data;
    const entry = nodeId && (await deps.nodes.find(nodeId));
    if (!entry || entry.removed)
      throw new SwarmError('UNKNOWN_NODE', `no node ${target} is known here; list the nodes to see who is`, {
        metadata: { nodeId: target },
      });
    deps.placer.note(entry);
    return newDirective(deps, asked, { targetNodeId: entry.id });
  }
  const placement = await deps.placer.place({ selector: target, kind: asked.kind });
  if (placement) return newDirective(deps, asked, { targetNodeId: placement.nodeId, placement });
  throw new SwarmError(
    'NO_MATCHING_NODE',
    `no node that carries out ${asked.kind} matches ${JSON.stringify(target)}; list the nodes to see what they have`,
    { metadata: { kind: asked.kind } },
  );
}

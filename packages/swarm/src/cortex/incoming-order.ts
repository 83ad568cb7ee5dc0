/** What CortexPrism orders, in our words. Its kinds have our names, their payloads another shape. */
import { A2AError, type CortexDirective } from '@skein/a2a-transport';
import { DirectiveKind, MAX_STATE_ENTRIES_A_DIRECTIVE, Order } from '@skein/contracts';
import { z } from 'zod';
import { firstIssue } from '../directives/directive-message.ts';
import type { CortexPeerEntry } from './cortex-peers.ts';

export interface IncomingOrderDeps {
  peer: CortexPeerEntry;
  /** The types of agents that can be spawned here. */
  agentTypes: readonly string[];
}

const figure = z.number().nonnegative().default(0);

/** What an instance tells of one of its agents: cumulative figures. */
export const CortexResource = z.object({
  agentId: z.string().min(1).max(128),
  toolCalls: figure,
  tokensIn: figure,
  tokensOut: figure,
  costUsd: figure,
  cpuMs: figure,
  peakMemoryMb: figure,
});
export type CortexResource = z.infer<typeof CortexResource>;

const payloads = {
  query_resources: z.object({}),
  spawn_agent: z.object({ instruction: z.string(), agentType: z.string().optional() }),
  execute_task: z.object({ command: z.string().min(1) }),
  forward_message: z.object({ message: z.string().min(1), targetSessionId: z.string().min(1) }),
  sync_state: z.object({
    state: z.object({ resources: z.array(CortexResource).max(MAX_STATE_ENTRIES_A_DIRECTIVE) }),
  }),
} as const satisfies Record<DirectiveKind, z.ZodType>;

/** Where a peer's figures stand in our shared state. */
const RESOURCES_NAMESPACE = 'memory';

/** Counters above 2^32 are held to what is known of the key; see `MAX_STATE_COUNTER`. */
const MAX_COUNTER = 2 ** 32;

const orders = {
  query_resources: () => ({}),
  spawn_agent: (asked, { agentTypes }) => ({
    ...{ agentType: asked.agentType ?? onlyOne(agentTypes), instruction: asked.instruction, mode: 'wait' },
  }),
  execute_task: ({ command }, { peer: { evaluator } }) => {
    if (evaluator) return { command: [...evaluator, command] };
    throw invalid(
      'its command is JavaScript for `deno eval`, and this node has no program for it; its operator can name one under cortex.peers (evaluator)',
    );
  },
  forward_message: ({ message, targetSessionId }, _deps, messageId) => ({
    to: { session: targetSessionId },
    message: { messageId, role: 'ROLE_USER', parts: [{ text: message }] },
  }),
  sync_state: ({ state: { resources } }, { peer }) => ({
    namespace: RESOURCES_NAMESPACE,
    entries: resources.map((resource) => ({
      key: `cortex/${peer.name}/resources/${resource.agentId}`,
      value: resource,
      version: { counter: counterOf(resource), nodeId: peer.nodeId },
    })),
  }),
} as const satisfies {
  [K in DirectiveKind]: (
    payload: z.output<(typeof payloads)[K]>,
    deps: IncomingOrderDeps,
    messageId: string,
  ) => unknown;
};

/** Errors: A2AError INVALID_PARAMS, with what to do. */
export function fromCortexDirective({ kind, payload, messageId }: CortexDirective, deps: IncomingOrderDeps): Order {
  const known = DirectiveKind.safeParse(kind);
  if (!known.success) throw invalid(`this node knows no directive ${kind}`);
  const order = Order.safeParse({ kind, payload: translate(known.data, payload, deps, messageId) });
  if (order.success) return order.data;
  throw invalid(`the payload of ${kind} cannot be taken here: ${firstIssue(order.error)}`);
}

function translate<K extends DirectiveKind>(kind: K, payload: unknown, deps: IncomingOrderDeps, messageId: string) {
  const read = payloads[kind].safeParse(payload);
  if (!read.success) throw invalid(`the payload of ${kind} is not valid: ${firstIssue(read.error)}`);
  // The table above pairs each kind's payload with its order; a look-up by kind cannot show that.
  const order = orders[kind] as (payload: unknown, deps: IncomingOrderDeps, messageId: string) => unknown;
  return order(read.data, deps, messageId);
}

/** The figures only rise, and so does their sum: an older report never covers a later one, and one that comes twice counts once. */
function counterOf({ toolCalls, tokensIn, tokensOut, cpuMs }: CortexResource): number {
  return Math.min(MAX_COUNTER, 1 + Math.floor(toolCalls + tokensIn + tokensOut + cpuMs));
}

function onlyOne(agentTypes: readonly string[]): string {
  const [only] = agentTypes;
  if (only !== undefined && agentTypes.length === 1) return only;
  throw invalid(`say an agentType that this node has: ${agentTypes.join(', ') || 'it has none'}`);
}

const invalid = (message: string) => new A2AError('INVALID_PARAMS', message);

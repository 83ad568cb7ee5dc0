/** Which orders for agents a node takes: those whose type it has, and whose context is of a size that it passes on. */
import type { DirectiveError, Order } from '@skein/contracts';
import type { AgentRuntime, AgentRuntimes } from './agent-runtime.ts';

/** The types come from the wire: a name that every object has is no runtime. */
export function findRuntime(runtimes: AgentRuntimes, agentType: string): AgentRuntime | undefined {
  return Object.hasOwn(runtimes, agentType) ? runtimes[agentType] : undefined;
}

const MAX_CONTEXT_BYTES = 65_536;

/** Why this node refuses to spawn an agent; undefined where it may, and for every other kind. */
export function refuseAgent(order: Order, runtimes: AgentRuntimes): DirectiveError | undefined {
  if (order.kind !== 'spawn_agent') return undefined;
  const { agentType, context } = order.payload;
  if (!findRuntime(runtimes, agentType)) {
    const known = Object.keys(runtimes).sort().join(', ') || 'none';
    return {
      reason: 'agent_type_unknown',
      message: `this node spawns no agents of type ${agentType}; its types: ${known}`,
      metadata: { agentType },
    };
  }
  if (context && Buffer.byteLength(JSON.stringify(context)) > MAX_CONTEXT_BYTES)
    return {
      reason: 'context_too_large',
      message: `an agent's context is at most ${MAX_CONTEXT_BYTES} bytes of JSON`,
    };
  return undefined;
}

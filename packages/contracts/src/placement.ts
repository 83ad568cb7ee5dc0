/** Where a directive goes: to a node by its id, or to the fittest of those that a selector means. */
import { z } from 'zod';
import { NodeId } from './ids.ts';
import { GroupName, Labels, Tier } from './node.ts';

/** Each field that is given must hold; an empty selector means every node. */
export const Selector = z.strictObject({
  group: GroupName.optional(),
  /** Each label must be the node's own, with this value. */
  labels: Labels.optional(),
  /** The node must have all of them. */
  capabilities: z.array(z.string().min(1).max(63)).max(64).optional(),
  tier: Tier.optional(),
});
export type Selector = z.infer<typeof Selector>;

/** An instance of CortexPrism, by the name under which the sending node is configured with it: `cortex:NAME`. */
export const CortexTarget = z
  .string()
  .regex(/^cortex:[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, 'a CortexPrism instance is named cortex:NAME')
  .brand<'CortexTarget'>();
export type CortexTarget = z.infer<typeof CortexTarget>;

/** A node's id, a selector, or `cortex:NAME`. */
export const Target = z.union([NodeId, CortexTarget, Selector], {
  error: ({ input }) =>
    typeof input === 'string'
      ? 'a node id has 26 characters of a–z and 2–7, and an instance of CortexPrism is named cortex:NAME'
      : 'a target is a node id, or a selector such as { "group": "gpu" }',
});
export type Target = z.infer<typeof Target>;

/** Why a selector's directive went where it went. */
export const Placement = z.strictObject({
  selector: Selector,
  nodeId: NodeId,
  /** How many nodes matched, and how many of them could take work. */
  matching: z.int().positive(),
  eligible: z.int().nonnegative(),
  /** The chosen node's load as it was known: running ÷ capacity, then the queue, then the last latency. */
  running: z.int().nonnegative(),
  capacity: z.int().positive(),
  queued: z.int().nonnegative(),
  latencyMs: z.number().nonnegative().nullable(),
  /** How often it had been placed before, on nodes that refused it. */
  moves: z.int().nonnegative(),
});
export type Placement = z.infer<typeof Placement>;

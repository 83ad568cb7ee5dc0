/** Draining and sealing: how a node is taken out of work, and out of the swarm. */
import { z } from 'zod';
import { NodeId, Timestamp } from './ids.ts';
import { Eligibility } from './node.ts';

/** Ten minutes, as people expect work in hand to end. */
export const DEFAULT_DRAIN_MS = 600_000;

const reason = z.string().min(1).max(255).optional();

/** What may be asked of a node from afar. Unsealing is not among it: that is done at the node itself. */
export const EligibilityOrder = z.discriminatedUnion('action', [
  z.strictObject({
    action: z.literal('drain'),
    /** When what still runs is ended. @default ten minutes */
    deadlineMs: z.int().nonnegative().max(86_400_000).default(DEFAULT_DRAIN_MS),
    /** Ends what runs now, without waiting. */
    force: z.boolean().default(false),
    reason,
  }),
  z.strictObject({ action: z.literal('undrain'), reason }),
  z.strictObject({ action: z.literal('seal'), reason }),
]);
export type EligibilityOrder = z.infer<typeof EligibilityOrder>;

/** Counts the decisions about one node, across seals. What databases keep of it is a 32-bit number. */
export const EligibilityVersion = z
  .int()
  .nonnegative()
  .max(2 ** 31 - 1);

/** `operator`: by a person, and it outlives a restart. `shutdown`: by the node's own end, and it ends with that life. */
export const EligibilityOrigin = z.enum(['operator', 'shutdown']);
export type EligibilityOrigin = z.infer<typeof EligibilityOrigin>;

/** Who decided a node's eligibility, why, and until when what runs may run. */
export const EligibilityNote = z.strictObject({
  reason: z.string().nullable(),
  /** The node that asked; for the node's own operator the node itself. */
  actor: NodeId,
  origin: EligibilityOrigin,
  since: Timestamp,
  deadlineAt: Timestamp.nullable(),
  force: z.boolean(),
});
export type EligibilityNote = z.infer<typeof EligibilityNote>;

/** What became of the work that ran when a drain began. */
export const DrainFate = z.strictObject({
  /** Ended by themselves since. */
  finished: z.int().nonnegative(),
  /** Ended at the deadline or by force. */
  interrupted: z.int().nonnegative(),
  /** Accepted and never started: they run after an undrain, within their time to live. */
  waiting: z.int().nonnegative(),
});
export type DrainFate = z.infer<typeof DrainFate>;

/** A node's eligibility with who decided it and why, as the node itself told it or as this registry holds it. */
export const EligibilityView = z.strictObject({
  nodeId: NodeId,
  eligibility: Eligibility,
  version: EligibilityVersion,
  /** Null where nobody ever decided anything. */
  note: EligibilityNote.nullable(),
  /** Directives and detached agents that still run there. Null where the node did not say. */
  running: z.int().nonnegative().nullable(),
  /**
   * `there`: the node itself took it in. `here`: it does not answer; the decision stands in this registry and reaches
   * the node with its next heartbeat.
   */
  applied: z.enum(['there', 'here']),
  /** Told by the node itself once nothing runs there any more: of the drain that this life of it has seen begin. */
  fate: DrainFate.optional(),
});
export type EligibilityView = z.infer<typeof EligibilityView>;

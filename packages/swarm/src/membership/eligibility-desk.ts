import type { EligibilityView, NodeId } from '@skein/contracts';
import type { CallOptions } from '../call-options.ts';

/** Which node is to be drained, and how patiently. */
export interface DrainOptions extends CallOptions {
  /** Another node. @default this one */
  nodeId?: NodeId;
  /** When what still runs is ended, in milliseconds. @default 600_000 */
  deadlineMs?: number;
  /** Ends what runs now. @default false */
  force?: boolean;
  /** For people. */
  reason?: string;
}

/** The calls of a node that take nodes out of work, and out of the swarm. */
export interface EligibilityDesk {
  /**
   * Takes a node out of work: it refuses new directives for now, finishes what runs, and is drained when nothing does.
   * Resolves when the decision is stored; `whenDrained` tells of the end.
   * Errors: UNKNOWN_NODE, ILLEGAL_TRANSITION (it is sealed), FORBIDDEN (this node's tier there does not allow it).
   */
  drain(options?: DrainOptions): Promise<EligibilityView>;
  /** Undoes a drain, also one that is complete. Errors: as `drain`. */
  undrain(options?: CallOptions & { nodeId?: NodeId; reason?: string }): Promise<EligibilityView>;
  /**
   * Puts a node out of the swarm: drained by force first, then nobody takes its calls or sends to it any more, after a
   * restart neither. What it did stays readable. A node that does not answer is sealed here, which spreads. What runs is
   * given 10 s to be gone; an abort meanwhile leaves this node drained and not sealed. Errors: as `drain`.
   */
  seal(options?: CallOptions & { nodeId?: NodeId; reason?: string }): Promise<EligibilityView>;
  /**
   * Opens this node again, as a new life. Other nodes let it in with a new join token only: hand one in, or call again
   * with it later, which then joins the seeds anew. Errors: INVALID_TOKEN, ILLEGAL_TRANSITION (it is not sealed, and no
   * token was handed in).
   */
  unseal(options?: CallOptions & { joinToken?: string; reason?: string }): Promise<EligibilityView>;
  /**
   * What a node says of itself, this one where no id is given. Of one that does not answer, or has not heard yet what was
   * decided of it, what this registry holds (`applied: 'here'`); undefined where it is not known.
   */
  getEligibility(id?: NodeId, options?: CallOptions): Promise<EligibilityView | undefined>;
  /** Resolves when this node is drained, or is eligible again; with the fate of what ran. Errors: NODE_STOPPED. */
  whenDrained(options?: CallOptions): Promise<DrainOutcome>;
}

/** How a node ends in good order: for whoever runs it as a process. */
export interface ShutdownDrain {
  /**
   * The node is about to end: it takes nothing new, and what runs may end within the deadline. Resolves when nothing
   * runs, and at the deadline at the latest; the signal ends the wait. The drain ends with this life of the node, unless
   * somebody ordered one before: that one stays.
   */
  drainForShutdown(options: CallOptions & { deadlineMs: number }): Promise<DrainOutcome>;
}

/** How a drain ended, and what became of the work that ran. */
export interface DrainOutcome {
  eligibility: EligibilityView['eligibility'];
  /** Ended by themselves since the drain began. */
  finished: number;
  /** Killed at the deadline or by force. */
  interrupted: number;
  /** Accepted and not started, or killed and free to start again: they run after an undrain within their time to live. */
  waiting: number;
}

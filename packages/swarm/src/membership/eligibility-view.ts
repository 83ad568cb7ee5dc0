/** A node's eligibility as users and other nodes see it, and the note that goes with a decision. */
import type { DrainFate, EligibilityNote, EligibilityOrigin, EligibilityView, NodeId } from '@skein/contracts';
import type { NodeEntry } from './node-store.ts';

export function toEligibilityView(
  { id, eligibility, eligibilityVersion, eligibilityNote }: NodeEntry,
  { running, applied, fate }: Pick<EligibilityView, 'running' | 'applied'> & { fate?: DrainFate | undefined },
): EligibilityView {
  const told = { nodeId: id, eligibility, version: eligibilityVersion, note: eligibilityNote, running, applied };
  return fate ? { ...told, fate } : told;
}

export interface Decided {
  actor: NodeId;
  reason?: string | undefined;
  origin?: EligibilityOrigin;
  /** From now; absent where nothing has to end. */
  deadlineMs?: number;
  force?: boolean;
}

export function eligibilityNote(
  nowMs: number,
  { actor, reason, origin = 'operator', deadlineMs, force = false }: Decided,
): EligibilityNote {
  return {
    reason: reason ?? null,
    actor,
    origin,
    since: new Date(nowMs).toISOString(),
    deadlineAt: deadlineMs === undefined ? null : new Date(nowMs + deadlineMs).toISOString(),
    force,
  };
}

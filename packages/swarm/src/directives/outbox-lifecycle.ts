/**
 * The life of a directive at its sender. States: queued (stored, to be sent), sending (an attempt is on its way),
 * accepted (the receiver has it), then one final state. Only the receiver's word ends what was ever sent; `unknown`
 * is said when nobody could be asked, and may be replaced once by later evidence.
 */
import type { DirectiveStatus } from '@skein/contracts';
import { FinalStatus } from '@skein/contracts';
import { lifecycleOf } from './lifecycle.ts';

/** Every state of an outbox row, in the order of its life. */
export const OUTBOX_STATES = ['queued', 'sending', 'accepted', ...FinalStatus.options] as const;
/** Where a sent directive is, in the words of the sender's book. */
export type OutboxState = (typeof OUTBOX_STATES)[number];

const evidence = ['completed', 'failed', 'cancelled', 'timed_out', 'rejected', 'interrupted'] as const;

/** Each state's successors. A write outside of this table is a bug and is refused. */
export const outboxTransitions = {
  queued: ['sending', 'accepted', ...evidence, 'unknown'],
  sending: ['queued', 'accepted', ...evidence, 'unknown'],
  accepted: [...evidence, 'unknown'],
  unknown: evidence,
  completed: [],
  failed: [],
  cancelled: [],
  timed_out: [],
  rejected: [],
  interrupted: [],
} as const satisfies Record<OutboxState, readonly OutboxState[]>;

/**
 * `canOutboxMove` says whether a row may go from one state to another; `requireOutboxMove` throws ILLEGAL_TRANSITION
 * where not.
 */
export const { can: canOutboxMove, require: requireOutboxMove } = lifecycleOf<OutboxState>(outboxTransitions);

/** What callers see of an outbox row; `heard` is the last state that the receiver told of a directive it accepted. */
export function outboxStatus(state: OutboxState, heard: 'running' | 'awaiting_approval' | null): DirectiveStatus {
  if (state === 'queued') return 'pending';
  if (state === 'sending') return 'dispatched';
  if (state === 'accepted') return heard ?? 'dispatched';
  return state;
}

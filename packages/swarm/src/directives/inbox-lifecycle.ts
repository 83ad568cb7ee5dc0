/**
 * The life of a directive at its receiver. States: received (stored), awaiting_approval, leased (a worker has claimed
 * it; nothing has started), running (the start is committed), then one final state. Each write compares the epoch,
 * which every claim, kill and recovery raises, so that a worker from an earlier life changes nothing.
 */
import type { DirectiveStatus, EffectClass, InboxState } from '@skein/contracts';
import { lifecycleOf } from './lifecycle.ts';

/** Each state's successors. A row is born as received, rejected, timed_out or cancelled. */
export const inboxTransitions = {
  received: ['leased', 'awaiting_approval', 'timed_out', 'cancelled'],
  awaiting_approval: ['received', 'timed_out', 'cancelled', 'rejected'],
  leased: ['running', 'received', 'timed_out', 'cancelled'],
  running: ['completed', 'failed', 'timed_out', 'cancelled', 'interrupted', 'received'],
  completed: [],
  failed: [],
  cancelled: [],
  timed_out: [],
  rejected: [],
  interrupted: [],
} as const satisfies Record<InboxState, readonly InboxState[]>;

/**
 * `canInboxMove` says whether a row may go from one state to another; `requireInboxMove` throws ILLEGAL_TRANSITION
 * where not.
 */
export const { can: canInboxMove, require: requireInboxMove } = lifecycleOf<InboxState>(inboxTransitions);

/** How often work of each class may start before a crash ends it for good. */
export const startLimit = { amo: 1, alo: 3, tx: 3 } as const satisfies Record<EffectClass, number>;

/** Where work goes whose worker is gone: another start where its class has one left, else the end. */
export function stateAfterLostWorker(effect: EffectClass, starts: number): 'received' | 'interrupted' {
  return starts < startLimit[effect] ? 'received' : 'interrupted';
}

/** What callers see of an inbox row. */
export function inboxStatus(state: InboxState): DirectiveStatus {
  return state === 'received' || state === 'leased' ? 'pending' : state;
}

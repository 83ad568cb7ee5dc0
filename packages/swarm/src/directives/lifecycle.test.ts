import { FinalStatus, InboxState } from '@skein/contracts';
import { expect, test } from 'vitest';
import { canInboxMove, inboxTransitions, requireInboxMove, stateAfterLostWorker } from './inbox-lifecycle.ts';
import {
  canOutboxMove,
  OUTBOX_STATES,
  outboxStatus,
  outboxTransitions,
  requireOutboxMove,
} from './outbox-lifecycle.ts';
import { agedRank, PRIORITY_AGING_MS } from './priority.ts';

test('finals have no successors, but unknown may be replaced by evidence', () => {
  for (const state of OUTBOX_STATES) {
    const successors: readonly string[] = outboxTransitions[state];
    if (state === 'unknown') expect(successors).not.toContain('unknown');
    else if (FinalStatus.safeParse(state).success) expect(successors).toEqual([]);
    else expect(successors.length).toBeGreaterThan(0);
  }
  for (const state of InboxState.options)
    expect(inboxTransitions[state].length === 0).toBe(FinalStatus.safeParse(state).success);
});

test('no work starts from an end, and none starts without a lease', () => {
  for (const from of InboxState.options) expect(canInboxMove(from, 'running')).toBe(from === 'leased');
  expect(() => requireInboxMove('cancelled', 'leased')).toThrow(/from cancelled to leased/);
  expect(() => requireOutboxMove('accepted', 'queued')).toThrow(/from accepted to queued/);
  expect(canOutboxMove('sending', 'queued')).toBe(true);
});

test.each([
  ['amo', 1, 'interrupted'],
  ['alo', 1, 'received'],
  ['alo', 2, 'received'],
  ['alo', 3, 'interrupted'],
  ['tx', 3, 'interrupted'],
] as const)('work of class %s whose worker is lost after start %d is %s', (effect, starts, state) => {
  expect(stateAfterLostWorker(effect, starts)).toBe(state);
});

test('callers see the last word heard of an accepted directive', () => {
  expect(OUTBOX_STATES.map((state) => outboxStatus(state, 'running'))).toEqual([
    ...['pending', 'dispatched', 'running'],
    ...FinalStatus.options,
  ]);
  expect(outboxStatus('accepted', null)).toBe('dispatched');
});

test('waiting raises a directive level by level, and never above critical', () => {
  expect([0, 1, 2, 3, 4].map((spans) => agedRank('low', spans * PRIORITY_AGING_MS))).toEqual([0, 1, 2, 3, 3]);
  expect(agedRank('low', PRIORITY_AGING_MS - 1)).toBe(0);
  expect(agedRank('critical', 10 * PRIORITY_AGING_MS)).toBe(3);
});

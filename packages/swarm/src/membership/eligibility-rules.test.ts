import type { Eligibility } from '@skein/contracts';
import { expect, test } from 'vitest';
import { type EligibilityAction, eligibilityAfter } from './eligibility-rules.ts';

test.each<[Eligibility, EligibilityAction, Eligibility | undefined]>([
  ['eligible', 'drain', 'draining'],
  ['draining', 'drain', 'draining'],
  ['drained', 'drain', 'drained'], // nothing runs there any more: it need not drain again
  ['sealed', 'drain', undefined],
  ['eligible', 'mark_drained', undefined], // it was undone meanwhile
  ['draining', 'mark_drained', 'drained'],
  ['drained', 'mark_drained', 'drained'],
  ['sealed', 'mark_drained', undefined],
  ['eligible', 'undrain', 'eligible'],
  ['draining', 'undrain', 'eligible'],
  ['drained', 'undrain', 'eligible'],
  ['sealed', 'undrain', undefined], // a seal is broken by unseal alone
  ['eligible', 'seal', 'sealed'],
  ['draining', 'seal', 'sealed'],
  ['drained', 'seal', 'sealed'],
  ['sealed', 'seal', 'sealed'],
  ['eligible', 'unseal', undefined],
  ['draining', 'unseal', undefined],
  ['drained', 'unseal', undefined],
  ['sealed', 'unseal', 'eligible'],
])('what is %s and is told to %s becomes %s', (from, action, to) => {
  expect(eligibilityAfter(from, action)).toBe(to);
});

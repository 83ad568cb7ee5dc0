/**
 * Whether a node may be given work, and who may change that. A heartbeat never does. People drain and seal; the node
 * itself says when nothing runs any more, and drains when it is told to end, which ends with that life.
 *
 *   eligible → draining → drained, draining and drained → eligible, any → sealed, sealed → eligible (at the node alone)
 */
import type { Eligibility } from '@skein/contracts';

/** `mark_drained` is the node's own: nothing runs any more. */
export type EligibilityAction = 'drain' | 'mark_drained' | 'undrain' | 'seal' | 'unseal';

/** Where an action leads from each state; absent where it is refused. The same state: nothing changes but the note. */
const table = {
  drain: { eligible: 'draining', draining: 'draining', drained: 'drained' },
  mark_drained: { draining: 'drained', drained: 'drained' },
  undrain: { eligible: 'eligible', draining: 'eligible', drained: 'eligible' },
  seal: { eligible: 'sealed', draining: 'sealed', drained: 'sealed', sealed: 'sealed' },
  unseal: { sealed: 'eligible' },
} as const satisfies Record<EligibilityAction, Partial<Record<Eligibility, Eligibility>>>;

/** Where an action leads; undefined where it is refused. */
export function eligibilityAfter(from: Eligibility, action: EligibilityAction): Eligibility | undefined {
  const row: Partial<Record<Eligibility, Eligibility>> = table[action];
  return row[from];
}

/** A sealed node reads its copy of the shared state and writes nothing into it: nobody would take it over. */
import type { OwnEligibility } from '../membership/own-eligibility.ts';
import type { StateDesk } from './state-desk.ts';

/** Errors: NODE_SEALED, of every write. */
export function closedState(desk: StateDesk, own: Pick<OwnEligibility, 'requireOpen'>): StateDesk {
  return {
    ...desk,
    async putState(...entry) {
      own.requireOpen();
      return desk.putState(...entry);
    },
    async deleteState(...entry) {
      own.requireOpen();
      return desk.deleteState(...entry);
    },
  };
}

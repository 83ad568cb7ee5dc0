/** A page of a namespace's changes that fits into one directive, or its answer, whatever the values weigh. */
import { MAX_STATE_ENTRIES_A_DIRECTIVE, type NodeId, type StateEntry } from '@skein/contracts';
import type { StateChanges, StateStore } from './state-store.ts';

/** Half of what a body may have: an answer carries refusals beside it. */
const MAX_PAGE_BYTES = 524_288;

export async function changesPage(
  { self, state }: { self: NodeId; state: Pick<StateStore, 'changesSince'> },
  namespace: string,
  since: number,
): Promise<StateChanges> {
  let limit = MAX_STATE_ENTRIES_A_DIRECTIVE;
  for (;;) {
    const changes = await state.changesSince(self, namespace, since, limit);
    const fitting = countFitting(changes.entries);
    // The cursor belongs to the last entry that was read: a shorter page is read again, to have the cursor of its own end.
    if (fitting >= changes.entries.length || limit === 1) return changes;
    limit = Math.max(1, fitting);
  }
}

function countFitting(entries: readonly StateEntry[]): number {
  let bytes = 0;
  const tooFar = entries.findIndex((entry) => {
    bytes += Buffer.byteLength(JSON.stringify(entry));
    return bytes > MAX_PAGE_BYTES;
  });
  return tooFar === -1 ? entries.length : tooFar;
}

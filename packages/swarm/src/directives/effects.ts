/**
 * Effects of class `tx`: they are stored in the transaction that stores the result, or not at all. A worker whose work
 * was taken over therefore leaves none behind.
 */
import type { NodeId, StateEntry } from '@skein/contracts';
import type { NewMail } from '../mail/mail-store.ts';

/** What a handler hands back to be stored with its result: a message for a mailbox, or entries to merge. */
export type Effect =
  | { type: 'deliver'; mail: NewMail }
  | { type: 'merge'; nodeId: NodeId; namespace: string; entries: readonly StateEntry[] };

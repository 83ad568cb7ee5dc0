/**
 * Shared state: entries that nodes merge. Of two versions of a key the higher counter wins, and where two wrote at once
 * the greater node id, so that all who have seen the same entries hold the same state, in whatever order they came.
 */
import { z } from 'zod';
import { DatabaseId, NodeId, Timestamp } from './ids.ts';

/**
 * Bounded, so that nobody can push a key to where no version follows: a node takes in what is below it, and what is above
 * 2^32 only where that is at most 2^20 above what it holds. Its own program may write a key that stands there.
 */
export const MAX_STATE_COUNTER = 2 ** 48;

/** Which of two values is the later one: see `compareVersions`. */
export const StateVersion = z.strictObject({ counter: z.int().positive().max(MAX_STATE_COUNTER), nodeId: NodeId });
export type StateVersion = z.infer<typeof StateVersion>;

/** Above zero where `a` is the later one, zero where they are the same. */
export function compareVersions(a: StateVersion, b: StateVersion): number {
  if (a.counter !== b.counter) return a.counter - b.counter;
  return a.nodeId === b.nodeId ? 0 : a.nodeId > b.nodeId ? 1 : -1;
}

/** The name of a namespace, such as `memory`. */
export const StateNamespaceName = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,62}$/, 'a namespace has 1 to 63 small letters, digits, dots, dashes or underscores');
export type StateNamespaceName = z.infer<typeof StateNamespaceName>;

/** A key within its namespace: 1 to 256 characters. */
export const StateKey = z
  .string()
  .min(1)
  .max(256)
  .refine((text) => !text.includes('\0'), 'a key must not contain NUL');

/** A value, or the tombstone of a deletion, which is kept for 7 days. */
export const StateEntry = z.union([
  z.strictObject({ key: StateKey, value: z.json(), version: StateVersion }),
  z.strictObject({ key: StateKey, deleted: z.literal(true), version: StateVersion }),
]);
export type StateEntry = z.infer<typeof StateEntry>;

/** An entry as a node holds it. */
export const StateEntryView = z.strictObject({
  namespace: StateNamespaceName,
  key: StateKey,
  /** Absent where `deleted`. */
  value: z.json().optional(),
  deleted: z.boolean(),
  version: StateVersion,
  updatedAt: Timestamp,
});
export type StateEntryView = z.infer<typeof StateEntryView>;

/** So many entries travel in one `sync_state`, either way; what is more goes in the next. */
export const MAX_STATE_ENTRIES_A_DIRECTIVE = 500;

/** What `sync_state` answers with: what the sender lacks, a page at a time. */
export const SyncStateOutput = z.strictObject({
  /** Whose cursor it is: one of another database means nothing. */
  databaseId: DatabaseId,
  namespace: StateNamespaceName,
  /** How many of the sent entries were news here. */
  merged: z.int().nonnegative(),
  /** Entries that were refused, with the reason; the others were merged. */
  refused: z.array(z.strictObject({ key: StateKey, reason: z.string() })),
  entries: z.array(StateEntry),
  /** Send it as `since` the next time. */
  cursor: z.int().nonnegative(),
  /** True where more than fits into one answer is new: ask again with the cursor. */
  more: z.boolean(),
});
export type SyncStateOutput = z.infer<typeof SyncStateOutput>;

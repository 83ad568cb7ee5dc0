/**
 * Shared state as one node holds it. Merging is idempotent and in no order: of two versions of a key the later one
 * stays (`compareVersions`). Each node's copy is its own, also where nodes share a database.
 */
import type { NodeId, StateEntry, StateEntryView } from '@skein/contracts';

/** What a merge changed. */
export interface MergeOutcome {
  /** Keys whose stored version was older, or that were not there. */
  merged: string[];
  /** The namespace's revision after it. */
  revision: number;
}

/** A page of what changed. */
export interface StateChanges {
  /** In the order of their revisions, tombstones too. */
  entries: StateEntry[];
  /** The revision of the last one told; with it `since` goes on. */
  cursor: number;
  more: boolean;
}

/** How full a namespace is. */
export interface StateSize {
  entries: number;
  bytes: number;
  tombstones: number;
}

/** The port for shared state. Errors of every method: STORE_UNAVAILABLE. */
export interface StateStore {
  /** Entries with a later version replace what is there; each that does gets a revision of its own. */
  merge(nodeId: NodeId, namespace: string, entries: readonly StateEntry[]): Promise<MergeOutcome>;
  /**
   * Writes a value, or with `undefined` a tombstone, with a version above every one seen of the key. In one step, so
   * that two writers at once make two versions.
   */
  write(nodeId: NodeId, namespace: string, key: string, value: StateValue | undefined): Promise<StateEntryView>;
  find(nodeId: NodeId, namespace: string, key: string): Promise<StateEntryView | undefined>;
  /** Those of the keys that are held, tombstones too, in any order. */
  findMany(nodeId: NodeId, namespace: string, keys: readonly string[]): Promise<StateEntryView[]>;
  /** In the order of keys; tombstones are left out. */
  list(nodeId: NodeId, namespace: string): Promise<StateEntryView[]>;
  /** What changed after `since`, at most `limit` entries. No change is skipped, however many write meanwhile. */
  changesSince(nodeId: NodeId, namespace: string, since: number, limit: number): Promise<StateChanges>;
  /** Live entries and their size, `entryBytes` of each; and how many tombstones there are. */
  size(nodeId: NodeId, namespace: string): Promise<StateSize>;
  /** Forgets tombstones of 7 days ago. Of very many, a part at a time; how many. */
  purge(nodeId: NodeId): Promise<number>;
}

/** Any JSON, null too. */
export type StateValue = NonNullable<StateEntryView['value']> | null;
/** How long a deletion is remembered: 7 days. A node that was away longer may bring the entry back. */
export const KEEP_TOMBSTONES_MS = 7 * 86_400_000;

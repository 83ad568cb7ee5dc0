import type { NodeId, StateEntryView, StateSyncReply } from '@skein/contracts';
import type { CallOptions } from '../call-options.ts';
import type { StateNamespace } from './namespace.ts';
import type { StateValue } from './state-store.ts';

/** How full a namespace is here. Bytes are of keys and values as JSON text; tombstones do not count. */
export interface NamespaceSize {
  name: string;
  entries: number;
  bytes: number;
  maxEntries: number;
  maxBytes: number;
}

/** The calls of a node that concern its copy of the shared state. */
export interface StateDesk {
  /**
   * Adds a namespace, or replaces what is said of one. `memory`, `skills` and `configuration` are there already.
   * Errors: INVALID_ARGUMENT (name or bounds).
   */
  registerNamespace(name: string, namespace: StateNamespace): void;
  /** In the order of names. */
  listNamespaces(): Promise<NamespaceSize[]>;
  /** An entry as it is held here; undefined where there is none, or a tombstone. Errors: UNKNOWN_NAMESPACE. */
  getState(namespace: string, key: string): Promise<StateEntryView | undefined>;
  /** In the order of keys, without tombstones. Errors: UNKNOWN_NAMESPACE. */
  listState(namespace: string): Promise<StateEntryView[]>;
  /**
   * Writes a value, any JSON, at this node, above every version seen. Others have it after a sync with them.
   * Errors: UNKNOWN_NAMESPACE, INVALID_ARGUMENT, STATE_REFUSED (metadata.reason says why: size, number, or the namespace's own word).
   */
  putState(namespace: string, key: string, value: StateValue): Promise<StateEntryView>;
  /** Leaves a tombstone, which is kept for 7 days. Undefined where there was nothing. Errors: as `putState`. */
  deleteState(namespace: string, key: string): Promise<StateEntryView | undefined>;
  /**
   * Sends a node what it lacks and takes over what it has: `sync_state` directives, as many as it takes.
   * Errors: UNKNOWN_NODE, UNKNOWN_NAMESPACE, SYNC_FAILED, INVALID_ARGUMENT (this node itself).
   */
  syncState(namespace: string, nodeId: NodeId, options?: CallOptions): Promise<StateSyncReply>;
}

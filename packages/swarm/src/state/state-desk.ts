import type { NodeId, StateEntryView, StateSyncReply } from '@skein/contracts';
import type { CallOptions } from '../call-options.ts';
import type { StateNamespace } from './namespace.ts';
import type { StateValue } from './state-store.ts';

export interface NamespaceSize {
  name: string;
  entries: number;
  bytes: number;
  maxEntries: number;
  maxBytes: number;
}

/** The calls of a node that concern its copy of the shared state. */
export interface StateDesk {
  /** Adds a namespace, or replaces what is said of one. `memory`, `skills` and `configuration` are there already. */
  registerNamespace(name: string, namespace: StateNamespace): void;
  listNamespaces(): Promise<NamespaceSize[]>;
  /** Errors: UNKNOWN_NAMESPACE. */
  getState(namespace: string, key: string): Promise<StateEntryView | undefined>;
  listState(namespace: string): Promise<StateEntryView[]>;
  /** Writes a value at this node, above every version seen. Errors: UNKNOWN_NAMESPACE, STATE_REFUSED (reason: size, entries or the namespace's own). */
  putState(namespace: string, key: string, value: StateValue): Promise<StateEntryView>;
  /** Leaves a tombstone, which is kept for 7 days. Undefined where there was nothing. */
  deleteState(namespace: string, key: string): Promise<StateEntryView | undefined>;
  /** Sends a node what it lacks and takes over what it has: `sync_state` directives, as many as it takes. Errors: UNKNOWN_NODE, UNKNOWN_NAMESPACE, SYNC_FAILED. */
  syncState(namespace: string, nodeId: NodeId, options?: CallOptions): Promise<StateSyncReply>;
}

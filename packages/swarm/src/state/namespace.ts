/** What a program says of a namespace of shared state: how large it may grow, and what may stand in it. */
import type { NodeId, StateEntry, Tier } from '@skein/contracts';

/** Who sends an entry: this node's own program, or a peer with the tier that its admission granted. */
export interface StateSender {
  nodeId: NodeId;
  tier: Tier;
  isSelf: boolean;
}

/** How large a namespace may grow here, and what it refuses. Each node has its own word on that. */
export interface StateNamespace {
  /** @default 1_000 */
  maxEntries?: number;
  /** Of all keys and values as JSON text, in bytes. @default 4_194_304 */
  maxBytes?: number;
  /** Of one value as JSON text, in bytes. @default 65_536 */
  maxValueBytes?: number;
  /** Why an entry is refused; undefined where it is welcome. @default every entry is */
  refuse?(entry: StateEntry, sender: StateSender): string | undefined;
  /**
   * Told after entries were stored: the ones that were news. A program applies them here. At most once, and in no order
   * with other calls: what was stored when the node ended before this was called, or where this failed, is not told again.
   * What is held is the truth: a program that keeps something of its own in step registers its namespace, then goes through
   * `listState` at each of its starts, and applies a key by its version, so that what comes in between does no harm.
   */
  onMerged?(entries: readonly StateEntry[], sender: StateSender): void | Promise<void>;
}

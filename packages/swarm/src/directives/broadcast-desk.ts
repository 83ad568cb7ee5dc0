import type { BroadcastDetail, BroadcastId, BroadcastInput, BroadcastUpdate, Selector } from '@skein/contracts';
import type { CallOptions } from '../call-options.ts';

/** An order for many nodes, without saying to whom. */
export type BroadcastOrder = BroadcastInput extends infer Each
  ? Each extends unknown
    ? Omit<Each, 'to'>
    : never
  : never;

/** The calls of a node that send to many at once. */
export interface BroadcastDesk {
  /**
   * Sends a directive to every other node that the selector means (all, without one), each with a row and an id of its
   * own, and waits for all of their ends. Nodes that are offline, draining or sealed are left out and named in
   * `summary.skipped`; what fails at one node is in its directive's result. Errors: INVALID_ARGUMENT, NODE_STOPPED.
   */
  broadcast(order: BroadcastOrder, to?: Selector, options?: CallOptions): Promise<BroadcastDetail>;
  /** The same as it happens: who is asked first, then what each says, as it comes, and the sum at the end. */
  broadcastStream(order: BroadcastOrder, to?: Selector, options?: CallOptions): AsyncIterable<BroadcastUpdate>;
  /** Stores all directives of a broadcast, or none, and returns at once. Errors: as `broadcast`. */
  submitBroadcast(order: BroadcastOrder, to?: Selector): Promise<BroadcastDetail>;
  /** A broadcast of this node's as it stands now; undefined where none has this id. */
  getBroadcast(id: BroadcastId): Promise<BroadcastDetail | undefined>;
}

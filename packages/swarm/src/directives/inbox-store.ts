/**
 * The receiver's book: every directive that was sent to this node, keyed by who signed and the directive's id. A write
 * that promises something has committed when its promise resolves. "Now" is the store's own clock, so that deadlines
 * and leases agree whatever the hosts' clocks say. Each write on claimed work compares the epoch.
 */
import type {
  CancelCause,
  DirectiveError,
  DirectiveEvent,
  DirectiveId,
  DirectiveResult,
  DirectiveStatus,
  EffectClass,
  InboxState,
  NodeId,
  Order,
  Priority,
} from '@skein/contracts';

import type { Effect } from './effects.ts';

/** A directive as its receiver knows it: who signed, and the id that the sender gave. */
export interface InboxKey {
  sourceNodeId: NodeId;
  id: DirectiveId;
}

/** A directive at the door. */
export interface Arrival extends InboxKey {
  /** The A2A task's id: a new UUID, used only where the row does not exist yet. */
  rowId: string;
  targetNodeId: NodeId;
  order: Order;
  payloadHash: string;
  priority: Priority;
  effect: EffectClass;
  /** What was left of the time to live when it arrived: the deadline is now + this. 0 is born timed_out. */
  remainingMs: number;
  parentDirectiveId: DirectiveId | null;
  /** Set where the policy refused it: the row is born rejected with this. */
  refusal: DirectiveError | null;
}

/** Times are milliseconds since the epoch by the store's clock. */
export interface InboxRow extends InboxKey {
  rowId: string;
  targetNodeId: NodeId;
  /** Null on a tombstone: the cancellation came first. */
  order: Order | null;
  payloadHash: string | null;
  priority: Priority;
  effect: EffectClass;
  parentDirectiveId: DirectiveId | null;
  state: InboxState;
  epoch: number;
  /** Starts committed; 0 means that it never had an effect. */
  starts: number;
  leasedBy: string | null;
  leaseExpiresAt: number | null;
  receivedAt: number;
  deadlineAt: number;
  startedAt: number | null;
  endedAt: number | null;
  result: DirectiveResult | null;
  acknowledged: boolean;
}

/** What became of an arrival. */
export type Admission =
  | { status: 'received' | 'rejected' | 'timed_out'; row: InboxRow }
  /** The same directive came before: `row` is what became of it. */
  | { status: 'duplicate'; row: InboxRow }
  /** The same id with another payload. Nothing was written. */
  | { status: 'conflict'; row: InboxRow };

/** `fenced`: another life or a kill has taken the work over; what the caller holds is worth nothing. */
export type FencedWrite = { status: 'done'; row: InboxRow } | { status: 'fenced' };

/** `remainingMs`: what is left until the deadline by the store's clock. */
export type StartedWork = { status: 'done'; row: InboxRow; remainingMs: number } | { status: 'fenced' };

/** What is known of work that did not come to its own end. */
export type LeftByWork = Pick<DirectiveResult, 'metrics' | 'output'>;

/** Rows in this state that have started once, or that have not. */
export interface ShownState {
  state: InboxState;
  started: boolean;
}

/** Which rows of one sender are asked for, and from where on. */
export interface InboxQuery {
  id?: DirectiveId;
  states?: readonly ShownState[];
  /** Only rows whose `statusAt` is this or later: milliseconds since the epoch, not below 0. */
  since?: number;
  /** Where the page before ended. */
  after?: { statusAt: number; rowId: string };
  /** Rows on a page, at least 1. */
  limit: number;
}

export interface InboxPage {
  rows: InboxRow[];
  /** All that match, without `after`. */
  total: number;
  /** Whether there are more after this page. */
  more: boolean;
}

/** Since when a row is what its sender sees of it, in milliseconds since the epoch. */
export function statusAt({ endedAt, startedAt, receivedAt }: InboxRow): number {
  return endedAt ?? startedAt ?? receivedAt;
}

/** How many `listRunning` tells. */
export const MAX_LISTED_RUNNING = 1_000;

/** The port for received directives. A write has committed when its promise resolves. Errors: STORE_UNAVAILABLE. */
export interface InboxStore {
  /** absent → received, rejected or timed_out, in one transaction with the check for a duplicate. */
  admit(arrival: Arrival): Promise<Admission>;
  find(key: InboxKey): Promise<InboxRow | undefined>;
  /** The newest row of this id addressed to this node, whoever sent it. */
  findById(targetNodeId: NodeId, id: DirectiveId): Promise<InboxRow | undefined>;
  findMany(sourceNodeId: NodeId, ids: readonly DirectiveId[]): Promise<InboxRow[]>;
  findByRowId(rowId: string): Promise<InboxRow | undefined>;
  /** Rows addressed to this node, newest first. */
  list(targetNodeId: NodeId, filter: { status?: DirectiveStatus | undefined; limit: number }): Promise<InboxRow[]>;
  /** One sender's rows for this node: the latest `statusAt` first, of one moment by falling row id. */
  listOf(sourceNodeId: NodeId, targetNodeId: NodeId, query: InboxQuery): Promise<InboxPage>;
  /** Those that run now, the earliest arrival first; at most MAX_LISTED_RUNNING. */
  listRunning(targetNodeId: NodeId): Promise<InboxRow[]>;
  /** How many wait and how many run. */
  counts(targetNodeId: NodeId): Promise<{ queued: number; running: number }>;

  /**
   * received → leased with epoch + 1, within the deadline; highest aged rank first, then the earliest arrival. Nothing
   * where the node's own registry entry, if there is one, says that it is not eligible: once a drain has committed
   * there, no claim commits any more.
   */
  claim(targetNodeId: NodeId, options: { limit: number; leasedBy: string; leaseMs: number }): Promise<InboxRow[]>;
  /** leased → running with starts + 1; fenced past the deadline or the lease. Commits before the caller starts anything. */
  start(key: InboxKey, epoch: number): Promise<StartedWork>;
  /** Prolongs the leases of what this worker still holds; returns the keys that it no longer does. */
  renew(held: readonly (InboxKey & { epoch: number })[], leaseMs: number): Promise<InboxKey[]>;
  /**
   * running → completed or failed, where the epoch is the caller's and the lease has not lapsed. The effects are stored
   * in the same transaction, in their order; where the write is fenced none is.
   */
  finish(
    key: InboxKey,
    epoch: number,
    result: DirectiveResult & { status: 'completed' | 'failed' },
    effects?: readonly Effect[],
  ): Promise<FencedWrite>;
  /**
   * Ends work by force, epoch + 1: leased or running → timed_out, cancelled or (running) interrupted. The caller has
   * killed what ran. A row that is final already stays as it is (`fenced`).
   */
  end(
    key: InboxKey,
    epoch: number,
    result: DirectiveResult & { status: 'timed_out' | 'cancelled' | 'interrupted' },
  ): Promise<FencedWrite>;

  /**
   * The sender wants it ended. Absent: a tombstone, cancelled or timed_out as the cause says, so that a late send is
   * dead. received or awaiting_approval → the same. leased or running: nothing is written (`held`), because its worker
   * must kill first and then `end` it. Final: as it is.
   */
  cancel(
    key: InboxKey,
    options: { targetNodeId: NodeId; rowId: string; cause: CancelCause },
  ): Promise<{ status: 'ended' | 'held' | 'already_final'; row: InboxRow }>;

  /** received, awaiting_approval and lapsed leased rows past their deadline → timed_out. */
  expire(targetNodeId: NodeId): Promise<InboxRow[]>;
  /** Running rows past their deadline, or whose lease lapsed: their worker, or whoever finds them, must kill, then `end` or `recoverLost`. */
  listOverdue(targetNodeId: NodeId): Promise<InboxRow[]>;
  /** leased, lapsed → received. */
  releaseLapsed(targetNodeId: NodeId): Promise<InboxRow[]>;
  /**
   * running → received where the class has starts left and the deadline has not passed, else interrupted; epoch + 1.
   * The caller has killed what ran; where it knows what that has used and said, an interrupted row's result tells it.
   */
  recoverLost(key: InboxKey, epoch: number, error: DirectiveError, left?: LeftByWork): Promise<FencedWrite>;
  /** Everything leased or running for this node that `leasedBy` does not hold: what an earlier life left behind. */
  listHeldByOthers(targetNodeId: NodeId, leasedBy: string): Promise<InboxRow[]>;
  /** leased → received at once, whatever the lease says: for rows of an earlier life of this node. */
  release(key: InboxKey, epoch: number): Promise<FencedWrite>;

  /** Notes that the sender has stored the results; returns those that are final and known. */
  acknowledge(sourceNodeId: NodeId, ids: readonly DirectiveId[]): Promise<DirectiveId[]>;
  /** Milliseconds until the next deadline of waiting work; undefined where none waits. Never negative. */
  nextDeadlineInMs(targetNodeId: NodeId): Promise<number | undefined>;
  /** Deletes what ended: acknowledged, 7 days after the deadline; else 30 days. Of very many, a part at a time. */
  purge(targetNodeId: NodeId): Promise<number>;
  events(key: InboxKey): Promise<DirectiveEvent[]>;
}

/**
 * The sender's book: every directive that this node gave out, from before its id is told until its audit trail is
 * purged. A write that promises something has committed when its promise resolves. "Now" is the store's own clock.
 * Rows are written by the node that `sourceNodeId` names alone; each method ignores rows of others.
 */
import type {
  BroadcastId,
  CancelCause,
  DatabaseId,
  DirectiveEvent,
  DirectiveId,
  DirectiveResult,
  DirectiveStatus,
  EffectClass,
  FinalStatus,
  NodeId,
  Order,
  Placement,
  Priority,
} from '@skein/contracts';
import type { OutboxState } from './outbox-lifecycle.ts';

/** A directive to be sent. */
export interface NewDirective {
  id: DirectiveId;
  sourceNodeId: NodeId;
  targetNodeId: NodeId;
  order: Order;
  /** SHA-256 over the canonical JSON of kind, payload, effect class and parent: hex. */
  payloadHash: string;
  priority: Priority;
  effect: EffectClass;
  ttlMs: number;
  parentDirectiveId: DirectiveId | null;
  /** What it is part of, where it goes to many. */
  broadcastId: BroadcastId | null;
  /** Why it goes where it goes, where a selector chose. */
  placement: Placement | null;
}

/** Times are milliseconds since the epoch by the store's clock. */
export interface OutboxRow extends NewDirective {
  state: OutboxState;
  /** Sends begun, each committed before a byte left. */
  attempts: number;
  /**
   * True once an attempt ended without an answer: the receiver may have the directive. Never cleared by a later
   * refusal. A row that is `sending` has an open attempt whatever stands here.
   */
  attemptOpen: boolean;
  /** The receiver's last word on an accepted directive. */
  heard: 'running' | 'awaiting_approval' | null;
  taskId: string | null;
  /** The receiver's database when it accepted; a different one later may have forgotten the row. */
  peerDatabaseId: DatabaseId | null;
  cancelRequested: CancelCause | null;
  /** True once the receiver knows that the final state is stored here. */
  acknowledged: boolean;
  createdAt: number;
  deadlineAt: number;
  /** When the next send, poll or cancellation is due. */
  dueAt: number;
  endedAt: number | null;
  result: DirectiveResult | null;
}

/** A row to be sent now, with what is left of its time to live by the store's clock. */
export interface ClaimedRow extends OutboxRow {
  remainingMs: number;
}

/** How long an accepted directive may be silent before its receiver is asked. */
export const DEFAULT_POLL_MS = 5_000;

/** At most `limit`, of one status where that is given. */
export interface OutboxFilter {
  status?: DirectiveStatus | undefined;
  limit: number;
}

/** `already_final`: it had ended before, and stays as it was. */
export type Settlement = { status: 'settled' | 'already_final'; row: OutboxRow };

/** The port for sent directives. A write has committed when its promise resolves. Errors: STORE_UNAVAILABLE. */
export interface OutboxStore {
  /** – → queued. Resolves after the commit, and only then may the id be told to anyone. An id that exists throws. */
  insert(directive: NewDirective): Promise<OutboxRow>;
  /** The same for all of a broadcast, in one transaction: all of them, or none. In the order given. */
  insertMany(directives: readonly NewDirective[]): Promise<OutboxRow[]>;
  /** All of one broadcast, in the order in which they were inserted. */
  listBroadcast(sourceNodeId: NodeId, broadcastId: BroadcastId): Promise<OutboxRow[]>;
  /**
   * Sends a queued row without an open attempt to another node, and notes why; due at once. Undefined where it is not
   * queued any more or an attempt is open: then its first receiver may have it.
   */
  retarget(
    sourceNodeId: NodeId,
    id: DirectiveId,
    to: { targetNodeId: NodeId; placement: Placement },
  ): Promise<OutboxRow | undefined>;
  find(sourceNodeId: NodeId, id: DirectiveId): Promise<OutboxRow | undefined>;
  /** Newest first. */
  list(sourceNodeId: NodeId, filter: OutboxFilter): Promise<OutboxRow[]>;

  /**
   * queued → sending with attempts + 1, for rows that are due, within their deadline and without a cancellation;
   * highest aged rank first, then the oldest, none addressed to `exceptTargets`. `attemptOpen` stays as it was.
   */
  claimForSending(
    sourceNodeId: NodeId,
    options: { limit: number; exceptTargets: readonly NodeId[] },
  ): Promise<ClaimedRow[]>;
  /**
   * sending → queued, due again after `delayMs`. `open`: nobody knows whether the receiver has it, and attemptOpen is
   * set. Otherwise it refused this attempt, and attemptOpen stays as it was. Only where `attempts` still matches.
   */
  requeue(
    row: Pick<OutboxRow, 'sourceNodeId' | 'id' | 'attempts'>,
    options: { open: boolean; delayMs: number; reason: string },
  ): Promise<void>;
  /** queued or sending → accepted, to be polled after `pollDelayMs`. A row that is already final stays as it is. */
  accept(
    sourceNodeId: NodeId,
    id: DirectiveId,
    receiver: {
      taskId: string;
      databaseId: DatabaseId | null;
      /** @default DEFAULT_POLL_MS */
      pollDelayMs?: number;
    },
  ): Promise<void>;
  /** Notes the receiver's last word on an accepted row, and when to ask again. */
  hear(sourceNodeId: NodeId, id: DirectiveId, heard: OutboxRow['heard'], pollDelayMs: number): Promise<void>;
  /** When the next send, poll or cancellation of a row is due: later, or with 0 now. */
  postpone(sourceNodeId: NodeId, ids: readonly DirectiveId[], delayMs: number): Promise<void>;
  /**
   * any → final, as the table allows; `unknown` may be replaced once. The result's status is the final state. With
   * `nothingOwed` the receiver has no row that waits for an acknowledgement, or none that could still be asked about.
   */
  settle(
    sourceNodeId: NodeId,
    id: DirectiveId,
    result: DirectiveResult & { status: FinalStatus },
    options?: { nothingOwed?: boolean },
  ): Promise<Settlement>;

  /**
   * Asks for the end of a directive: a queued row without an open attempt is cancelled at once by the sender itself
   * (`settled`), any other notes the cause (`requested`) and is due at once. Undefined where there is no such row.
   */
  requestCancel(
    sourceNodeId: NodeId,
    id: DirectiveId,
  ): Promise<{ status: 'settled' | 'requested' | 'already_final'; row: OutboxRow } | undefined>;
  /**
   * What time has done: queued rows without an open attempt, past their deadline → timed_out (`expired`); rows with an
   * open attempt or accepted, past it → a cancellation with cause deadline is noted and due at once (`overdue`);
   * rows that passed deadline + `unknownAfterMs` → unknown (`lost`), due again after `askAgainMs`.
   */
  sweep(
    sourceNodeId: NodeId,
    options: { unknownAfterMs: number; askAgainMs: number },
  ): Promise<{ expired: OutboxRow[]; overdue: OutboxRow[]; lost: OutboxRow[] }>;

  /**
   * Rows that wait for the receiver's word and are due: accepted, with a cancellation noted, or unknown with something
   * still owed. Oldest first.
   */
  listDue(sourceNodeId: NodeId, limit: number): Promise<OutboxRow[]>;
  /** Final rows, once sent, whose result has not been acknowledged to its receiver, none of `exceptTargets`. Oldest first. */
  listUnacknowledged(
    sourceNodeId: NodeId,
    options: { limit: number; exceptTargets: readonly NodeId[] },
  ): Promise<OutboxRow[]>;
  markAcknowledged(sourceNodeId: NodeId, ids: readonly DirectiveId[]): Promise<void>;
  /**
   * sending → queued and due at once, with attemptOpen set, for rows that this process does not have in hand: their
   * attempt was written off without the store, or the claim's answer was lost. Returns how many there were.
   */
  requeueLost(sourceNodeId: NodeId, inHand: readonly DirectiveId[]): Promise<number>;
  /** After a restart: sending → queued and due at once, with attemptOpen set; accepted rows are due at once. */
  recover(sourceNodeId: NodeId): Promise<number>;
  /** Milliseconds until the next row is due or passes its deadline; undefined where none waits. Never negative. */
  nextDueInMs(sourceNodeId: NodeId): Promise<number | undefined>;
  /** Deletes what ended: acknowledged, 7 days after the deadline; else 30 days. Of very many, a part at a time. */
  purge(sourceNodeId: NodeId): Promise<number>;
  /** The directive's way at this end, oldest first. */
  events(sourceNodeId: NodeId, id: DirectiveId): Promise<DirectiveEvent[]>;
}

/**
 * The sending end: takes directives into the outbox and brings each to its end. It sends what is due, asks about what
 * was sent, cancels what is unwanted or overdue, and acknowledges what is settled. The rows say what is due; in memory
 * are the streams that are open right now, and who was not there, so a restart goes on where it was.
 */
import type { CancelCause, DirectiveId, DirectiveReport, DirectiveResult, NodeId, SwarmEvent } from '@skein/contracts';
import { isFinal } from '@skein/contracts';
import type { Clock, EventSource, Logger, Random } from '@skein/contracts/runtime';
import PQueue from 'p-queue';
import { startPump } from '../pump.ts';
import { deliver, POLL_DELAY_MS } from './delivery.ts';
import { type OutboxBus, statusUpdate, toUpdate } from './outbox-news.ts';
import type { ClaimedRow, NewDirective, OutboxRow, OutboxStore } from './outbox-store.ts';
import type { DirectivePeers } from './peer-port.ts';
import type { Placer } from './placer.ts';
import { resultWithoutWork } from './results.ts';
import { watchReturns } from './returns.ts';
import { SendEnded } from './send-failure.ts';

export interface SenderDeps {
  self: NodeId;
  outbox: OutboxStore;
  peers: DirectivePeers;
  bus: OutboxBus;
  /** Finds another node for what a selector placed and its node refused. */
  placer: Pick<Placer, 'placeAnew'>;
  /** The node's own events: they say when a peer shows again. */
  events: Pick<EventSource<SwarmEvent>, 'onAny'>;
  clock: Clock;
  random: Random;
  logger: Logger;
}

export interface SenderOptions {
  /** Sends to one peer that wait for its acceptance at once. @default 8 */
  sendsPerPeer?: number;
  /** The longest time between two looks at the outbox. @default 5_000 */
  sweepMs?: number;
  /** How long after its deadline a directive may stay without the receiver's word before it is unknown. @default 60_000 */
  unknownAfterMs?: number;
}

export interface Sender extends AsyncDisposable {
  /** Stores a directive and sees to its sending. */
  submit(directive: NewDirective): Promise<OutboxRow>;
  /** Stores all of them or none. */
  submitMany(directives: readonly NewDirective[]): Promise<OutboxRow[]>;
  /** Asks for the end of a directive; undefined where there is none of that id. */
  cancel(id: DirectiveId): Promise<OutboxRow | undefined>;
  /** Leaves streams and sends; the rows keep what is to be done. Twice is as good as once. */
  stop(): Promise<void>;
}

const RETRY_CONTROL_MS = 1_000;
const SHORTEST_REST_MS = 20;
const REST_WHILE_FULL_MS = 250;
const CONTROL_BATCH = 200;
/** How often the receiver of a directive whose end is unknown is asked, until it answers or the row is purged. */
const ASK_UNKNOWN_MS = 30_000;
const PURGE_EVERY_MS = 3_600_000;

/** Takes up what an earlier life left, then begins to send. */
export async function startSender(deps: SenderDeps, options: SenderOptions = {}): Promise<Sender> {
  const { self, outbox, peers, bus, clock, logger } = deps;
  const { sendsPerPeer = 8, sweepMs = 5_000, unknownAfterMs = 60_000 } = options;
  const stopping = new AbortController();
  const queues = new Map<NodeId, PQueue>();
  const streams = new Map<DirectiveId, Promise<void>>();
  const control = new Set<Promise<void>>();
  const acknowledging = new Set<NodeId>();
  let purgedAt = clock.now();
  const onError = (cause: unknown) => logger.error('the outbox could not be worked on', { cause });

  await outbox.recover(self);

  const queueOf = (peer: NodeId) => {
    const queue = queues.get(peer) ?? new PQueue({ concurrency: sendsPerPeer });
    queues.set(peer, queue);
    return queue;
  };

  async function settle(
    { id }: { id: DirectiveId },
    result: DirectiveResult,
    options: { nothingOwed?: boolean } = {},
  ): Promise<void> {
    const { status, row } = await outbox.settle(self, id, result, options);
    if (status === 'settled') bus.tell(row, toUpdate(row));
    pump.wake(); // to acknowledge it
  }

  /** Holds a place in the peer's queue until the directive is accepted; its stream goes on without one. */
  function send(row: ClaimedRow): void {
    const claimedAt = clock.now();
    let release = () => {};
    const accepted = new Promise<void>((resolve) => {
      release = resolve;
    });
    const stream = queueOf(row.targetNodeId)
      .add(() => {
        bus.tell(row, statusUpdate(row));
        const remainingMs = row.remainingMs - (clock.now() - claimedAt);
        const delivery = deliver(
          { ...deps, settle, noteAway: returns.noteAway },
          { ...row, remainingMs },
          stopping.signal,
          release,
        );
        void delivery.catch(() => {}).then(release); // its failure is told by the stream below
        return accepted.then(() => {
          pump.wake(); // a place is free
          return { delivery };
        });
      })
      .then(({ delivery }) => delivery)
      .catch(onError)
      .then(() => {
        streams.delete(row.id);
        pump.wake();
      });
    streams.set(row.id, stream);
  }

  /** Calls of the control kind: outside of the pump's own run, so that one slow peer holds up nobody else. */
  function aside(work: () => Promise<void>): void {
    const running = work()
      .catch(onError)
      .finally(() => control.delete(running));
    control.add(running);
  }

  async function workOff(signal: AbortSignal): Promise<number | undefined> {
    await outbox.requeueLost(self, [...streams.keys()]);
    const { expired, lost } = await outbox.sweep(self, { unknownAfterMs, askAgainMs: ASK_UNKNOWN_MS });
    for (const row of [...expired, ...lost]) bus.tell(row, toUpdate(row));
    for (const row of expired) aside(() => leaveWord(row));
    if (signal.aborted) return undefined;

    const full = [...queues].filter(([, queue]) => queue.size + queue.pending >= sendsPerPeer).map(([peer]) => peer);
    const claimed = await outbox.claimForSending(self, { limit: sendsPerPeer, exceptTargets: full });
    for (const row of claimed) send(row);

    await askAndCancel();
    await acknowledge();
    if (clock.now() - purgedAt >= PURGE_EVERY_MS) {
      purgedAt = clock.now();
      if ((await outbox.purge(self)) > 0) purgedAt = Number.NEGATIVE_INFINITY; // there may be more
    }
    if (claimed.length === sendsPerPeer) return 0; // there may be more
    const nextDueMs = await outbox.nextDueInMs(self);
    // What is due and was left alone waits for a place in its peer's queue: that place wakes the pump.
    const shortestMs = full.length > 0 ? REST_WHILE_FULL_MS : SHORTEST_REST_MS;
    return nextDueMs === undefined ? undefined : Math.max(nextDueMs, shortestMs);
  }

  async function askAndCancel(): Promise<void> {
    const due = await outbox.listDue(self, CONTROL_BATCH);
    if (due.length === 0) return;
    // Put off before asking: whatever becomes of the call, the row comes back.
    const unknown = due.filter((row) => row.state === 'unknown');
    const open = due.filter((row) => row.state !== 'unknown');
    const unwanted = open.filter((row) => row.cancelRequested !== null);
    const followed = open.filter((row) => row.cancelRequested === null && streams.has(row.id));
    const silent = open.filter((row) => row.cancelRequested === null && !streams.has(row.id));
    await outbox.postpone(self, ids(unknown), ASK_UNKNOWN_MS);
    await outbox.postpone(self, ids(followed), POLL_DELAY_MS);
    await outbox.postpone(self, ids([...unwanted, ...silent]), RETRY_CONTROL_MS);
    for (const row of unknown) aside(() => cancelAtPeer(row, row.cancelRequested ?? 'deadline'));
    for (const row of unwanted) aside(() => cancelAtPeer(row, row.cancelRequested ?? 'caller'));
    for (const [peer, rows] of byTarget(silent)) aside(() => ask(peer, rows));
  }

  async function cancelAtPeer(row: OutboxRow, cause: CancelCause): Promise<void> {
    try {
      const { directive, databaseId } = await peers.cancel(row.targetNodeId, row.id, cause, stopping.signal);
      // Another database than the one that accepted it knows nothing of it, and its word would be worth nothing.
      if (row.peerDatabaseId !== null && row.peerDatabaseId !== databaseId) await forget(row, 'peer_database_replaced');
      else await take(directive);
    } catch (reason) {
      if (reason instanceof SendEnded)
        return settle(row, resultWithoutWork(reason.outcome, reason.error), { nothingOwed: true });
      logger.debug('a cancellation was not answered', { directiveId: row.id, to: row.targetNodeId, cause: reason });
    }
  }

  async function ask(peer: NodeId, rows: readonly OutboxRow[]): Promise<void> {
    try {
      const reply = await peers.report(peer, ids(rows), stopping.signal);
      for (const report of reply.directives) await take(report);
      const missing = new Set(reply.missing);
      for (const row of rows) {
        if (row.state !== 'accepted' || !missing.has(row.id)) continue;
        const replaced = row.peerDatabaseId !== null && row.peerDatabaseId !== reply.databaseId;
        await forget(row, replaced ? 'peer_database_replaced' : 'peer_forgot');
      }
    } catch (cause) {
      logger.debug('a peer did not report', { peer, cause });
    }
  }

  /** The receiver had it and knows it no more: its end is unknown, and nobody is left to ask. */
  function forget(row: OutboxRow, reason: string): Promise<void> {
    const message = 'the receiver had accepted it and knows it no more; whether it took effect cannot be found out';
    return settle(row, resultWithoutWork('unknown', { reason, message }), { nothingOwed: true });
  }

  /** The receiver's word on a directive. */
  async function take({ id, state, result }: DirectiveReport): Promise<void> {
    if (isFinal(state) && result) return settle({ id }, result);
    if (state === 'running' || state === 'awaiting_approval') await outbox.hear(self, id, state, RETRY_CONTROL_MS);
  }

  async function acknowledge(): Promise<void> {
    const settled = await outbox.listUnacknowledged(self, { limit: CONTROL_BATCH, exceptTargets: [...acknowledging] });
    for (const [peer, rows] of byTarget(settled)) {
      acknowledging.add(peer);
      aside(async () => {
        try {
          await peers.acknowledge(peer, ids(rows), stopping.signal);
          await outbox.markAcknowledged(self, ids(rows));
        } catch (cause) {
          logger.debug('results could not be acknowledged', { peer, count: rows.length, cause });
          await clock.sleep(sweepMs, stopping.signal).catch(() => {}); // a peer that is away is not asked at each turn
        } finally {
          acknowledging.delete(peer);
          pump.wake(); // there may be more
        }
      });
    }
  }

  /** What ended here before the receiver ever took it is told once, so that both books agree. */
  async function leaveWord(row: OutboxRow): Promise<void> {
    try {
      const cause = row.state === 'cancelled' ? 'caller' : 'deadline';
      await peers.cancel(row.targetNodeId, row.id, cause, stopping.signal);
    } catch (cause) {
      logger.debug('a peer could not be told of a directive that never reached it', { directiveId: row.id, cause });
    }
  }

  const returns = watchReturns({
    events: deps.events,
    hasten: (ids) =>
      aside(async () => {
        await outbox.postpone(self, ids, 0);
        pump.wake();
      }),
  });
  const pump = startPump(clock, workOff, { everyMs: sweepMs, onError });
  const stop = async () => {
    returns.stop();
    await pump.stop();
    stopping.abort(new Error('the node is stopping'));
    await Promise.all([...streams.values(), ...control]);
  };

  return {
    async submit(directive) {
      const row = await outbox.insert(directive);
      pump.wake();
      return row;
    },
    async submitMany(directives) {
      const rows = directives.length === 0 ? [] : await outbox.insertMany(directives);
      pump.wake();
      return rows;
    },
    async cancel(id) {
      const outcome = await outbox.requestCancel(self, id);
      if (outcome?.status === 'settled') {
        const { row } = outcome;
        bus.tell(row, toUpdate(row));
        aside(() => leaveWord(row));
      }
      pump.wake();
      return outcome?.row;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

const ids = (rows: readonly OutboxRow[]): DirectiveId[] => rows.map(({ id }) => id);

function byTarget(rows: readonly OutboxRow[]): Map<NodeId, OutboxRow[]> {
  const groups = new Map<NodeId, OutboxRow[]>();
  for (const row of rows) {
    const group = groups.get(row.targetNodeId);
    if (group) group.push(row);
    else groups.set(row.targetNodeId, [row]);
  }
  return groups;
}

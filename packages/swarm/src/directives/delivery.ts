/**
 * One attempt to deliver a directive: from the claim, whose attempt is committed, to the receiver's word. Every way in
 * which it can go wrong is written down before anything else happens.
 */
import type { DatabaseId, DirectiveResult, NodeId } from '@skein/contracts';
import { DatabaseId as DatabaseIdSchema } from '@skein/contracts';
import { backoffMs, type Logger, type Random } from '@skein/contracts/runtime';
import { toMessage } from './directive-message.ts';
import { type DirectiveNews, readNews } from './directive-task.ts';
import type { OutboxBus } from './outbox-news.ts';
import type { ClaimedRow, OutboxStore } from './outbox-store.ts';
import type { DirectivePeers } from './peer-port.ts';
import type { Placer } from './placer.ts';
import { resultWithoutWork } from './results.ts';
import { BROKEN, classifyFailure, type SendFailure, UNREACHED } from './send-failure.ts';

export interface DeliveryDeps {
  self: NodeId;
  outbox: OutboxStore;
  peers: DirectivePeers;
  bus: OutboxBus;
  placer: Pick<Placer, 'placeAnew'>;
  /** Told after a row was put off because nobody was there to take it. */
  noteAway: (row: ClaimedRow) => void;
  random: Random;
  logger: Logger;
  /** Stores an end and tells those who wait. */
  settle: (row: Pick<ClaimedRow, 'id'>, result: DirectiveResult, options?: { nothingOwed?: boolean }) => Promise<void>;
}

/** How long after an acceptance, or news of it, the receiver is asked when its stream has fallen silent. */
export const POLL_DELAY_MS = 10_000;
/** How soon the receiver is asked after its stream broke. */
const ASK_SOON_MS = 250;

/**
 * Sends, notes the acceptance, passes the news on and settles the result. `onAccepted` is called once the receiver has
 * the directive. Resolves when the stream ends or the attempt is written off; never rejects for what the peer does.
 */
export async function deliver(
  deps: DeliveryDeps,
  row: ClaimedRow,
  signal: AbortSignal,
  onAccepted: () => void,
): Promise<void> {
  let answered = false;
  let accepted = false;
  const sent = { mayHaveArrived: row.attemptOpen };
  try {
    for await (const event of deps.peers.send(row.targetNodeId, toMessage(row), signal, sent)) {
      answered = true;
      for (const news of readNews(event)) {
        if (news.type === 'task' && !accepted) {
          await accept(deps, row, news);
          accepted = true;
          onAccepted();
        } else if (accepted) await hear(deps, row, news);
      }
    }
    if (!accepted) throw new Error('the stream ended before the directive was accepted');
  } catch (cause) {
    // Once it has answered, the receiver may have it, whatever went wrong on this side since.
    if (!accepted)
      return writeOff(
        deps,
        row,
        answered ? { outcome: 'open', reason: 'acceptance_not_stored' } : classifyFailure(cause),
        cause,
      );
    deps.logger.debug('a directive’s stream ended early', { directiveId: row.id, cause });
    await deps.outbox.postpone(deps.self, [row.id], ASK_SOON_MS);
  }
}

async function accept({ self, outbox, bus }: DeliveryDeps, row: ClaimedRow, task: DirectiveNews & { type: 'task' }) {
  const databaseId: DatabaseId | null = DatabaseIdSchema.safeParse(task.databaseId).data ?? null;
  await outbox.accept(self, row.id, { taskId: task.taskId, databaseId });
  bus.publish(row.id, { type: 'status', directiveId: row.id, status: 'dispatched' }); // as watchers have heard already
}

async function hear({ self, outbox, bus, settle }: DeliveryDeps, row: ClaimedRow, news: DirectiveNews): Promise<void> {
  switch (news.type) {
    case 'state':
      await outbox.hear(self, row.id, news.heard, POLL_DELAY_MS);
      return bus.tell(row, { type: 'status', directiveId: row.id, status: news.heard });
    case 'output':
      return bus.publish(row.id, { type: 'output', directiveId: row.id, stream: news.stream, text: news.text });
    case 'result':
      return settle(row, news.result);
    case 'task':
      return undefined; // told once is enough
    default:
      return news satisfies never;
  }
}

async function writeOff(deps: DeliveryDeps, row: ClaimedRow, told: SendFailure, cause: unknown): Promise<void> {
  const { outbox, random, logger } = deps;
  const failure = row.placement ? forSelector(told) : told;
  logger.info('a send did not succeed', { directiveId: row.id, to: row.targetNodeId, ...failure, cause });
  const delayMs = backoffMs(row.attempts, random);
  switch (failure.outcome) {
    case 'open':
      await outbox.requeue(row, { open: true, delayMs, reason: failure.reason });
      if (isHastened(row, failure.reason)) deps.noteAway(row);
      return undefined;
    case 'refused':
      await outbox.requeue(row, {
        open: false,
        delayMs: Math.max(delayMs, failure.retryAfterMs ?? 0),
        reason: failure.reason,
      });
      if (isHastened(row, failure.reason)) deps.noteAway(row);
      return moveElsewhere(deps, row);
    case 'failed':
    case 'rejected':
      // An earlier attempt may be at work over there: this refusal speaks only for this one.
      if (row.attemptOpen) return outbox.requeue(row, { open: true, delayMs, reason: failure.error.reason });
      return deps.settle(row, resultWithoutWork(failure.outcome, failure.error), { nothingOwed: true });
    case 'unknown':
      return deps.settle(row, resultWithoutWork('unknown', failure.error), { nothingOwed: true });
    default:
      return failure satisfies never;
  }
}

/** Attempts after which what may have arrived waits as long as its backoff says: it may be what brings its receiver down. */
const QUICK_ATTEMPTS = 5;

/** Whether it is to be sent as soon as its receiver shows again: nobody was there, or went away over it. */
function isHastened({ attempts, attemptOpen }: ClaimedRow, reason: string): boolean {
  if (reason !== UNREACHED && reason !== BROKEN) return false;
  return attempts <= QUICK_ATTEMPTS || (reason === UNREACHED && !attemptOpen);
}

/** A selector named no node: what the chosen one will never take, because it is sealed, another one may. */
function forSelector(told: SendFailure): SendFailure {
  if (told.outcome !== 'rejected' || told.error.reason !== 'node_sealed') return told;
  return { outcome: 'refused', reason: told.error.reason, retryAfterMs: undefined };
}

/** What a selector placed need not wait for the node that refused it, where another one can take it. */
async function moveElsewhere({ self, outbox, placer, logger }: DeliveryDeps, row: ClaimedRow): Promise<void> {
  if (!row.placement || row.attemptOpen) return;
  const placement = await placer.placeAnew(row.placement, { kind: row.order.kind });
  if (!placement) return;
  const moved = await outbox.retarget(self, row.id, { targetNodeId: placement.nodeId, placement });
  if (moved)
    logger.info('a directive was moved', { directiveId: row.id, from: row.targetNodeId, to: placement.nodeId });
}

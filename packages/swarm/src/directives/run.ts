/**
 * One start of one directive: from the claim to a final state in the book. The start is committed before anything
 * runs; whatever ends the run from outside says so by the abort's reason, and the end is written only when the work is
 * gone.
 */
import { type DirectiveError, type DirectiveResult, noUsage, type Order, type Usage } from '@skein/contracts';
import { type Clock, deadlineSignal, type Logger } from '@skein/contracts/runtime';
import type { DirectiveHandlers, HandlerContext, HandlerOutcome } from './handlers/handler.ts';
import { type InboxBus, inboxKey } from './inbox-news.ts';
import type { FencedWrite, InboxRow, InboxStore } from './inbox-store.ts';

/** Why a run was ended from outside: the abort's reason. */
export class RunEnded extends Error {
  override readonly name = 'RunEnded';
  readonly why: 'deadline' | 'cancelled' | 'stopping' | 'draining' | 'lease_lost';

  constructor(why: RunEnded['why']) {
    super(`the run was ended: ${why}`);
    this.why = why;
  }
}

export interface RunDeps {
  inbox: InboxStore;
  handlers: DirectiveHandlers;
  bus: InboxBus;
  /** Stores what a run has used, before its end is stored. The same figures twice count once. @default nobody counts */
  recordUsage?: (row: InboxRow, usage: Usage) => Promise<void>;
  clock: Clock;
  logger: Logger;
}

/** Carries out a leased row. Resolves when its end is stored, or when somebody else's word counts (fenced). */
export async function runDirective(deps: RunDeps, leased: InboxRow, stop: AbortSignal): Promise<void> {
  const { inbox, bus, clock } = deps;
  if (stop.aborted) {
    await inbox.release(leased, leased.epoch); // ended before it began: it is as if it had not been claimed
    return;
  }
  const started = await inbox.start(leased, leased.epoch);
  if (started.status === 'fenced') return;
  const { row } = started;
  bus.publish(inboxKey(row), { type: 'row', row });
  const deadline = deadlineSignal(clock, started.remainingMs, () => new RunEnded('deadline'), stop);
  const beganAt = clock.now();
  const outcome = await carryOut(deps, row, deadline.signal);
  deadline.clear();
  // What ended the work is settled here: what comes after its end cannot have ended it.
  const end = deadline.signal.reason instanceof RunEnded ? deadline.signal.reason.why : undefined;
  const durationMs = Math.max(0, clock.now() - beganAt);
  let stored = false;
  try {
    const written = await persistently(deps, stop, async () => {
      const recorded = outcome.recorded ? undefined : deps.recordUsage?.(row, outcome.usage ?? noUsage);
      if (end === 'lease_lost')
        recorded?.catch(() => {}); // its end is not ours to wait for: what it used is kept, and written later
      else await recorded; // whoever sees the end finds its usage in the report
      return writeEnd(deps, row, outcome, durationMs, end);
    });
    stored = written?.status === 'done' && end === undefined;
    if (written?.status === 'done') bus.publish(inboxKey(row), { type: 'row', row: written.row });
  } finally {
    settle(deps, outcome, stored);
  }
}

/** The end is written, or somebody else's: a handler that fails here changes nothing of it. */
function settle({ logger }: RunDeps, outcome: HandlerOutcome, stored: boolean): void {
  try {
    outcome.settled?.(stored);
  } catch (cause) {
    logger.error('a handler failed after its directive had ended', { cause });
  }
}

const RETRY_MS = 500;

/** An end that is known is not given up because the database is away for a moment: only with the lease. */
async function persistently<T>(
  { clock, logger }: RunDeps,
  stop: AbortSignal,
  write: () => Promise<T>,
): Promise<T | undefined> {
  for (;;) {
    try {
      return await write();
    } catch (cause) {
      if (isGivenUp(stop)) throw cause;
      logger.warn('the end of a directive could not be stored yet', { cause });
      await clock.sleep(RETRY_MS);
    }
  }
}

/** The lease is lost, or the node drains or stops: whoever comes after us finds the row as it is. A cancellation is no such end. */
function isGivenUp(stop: AbortSignal): boolean {
  const why = stop.reason instanceof RunEnded ? stop.reason.why : undefined;
  return why === 'lease_lost' || why === 'draining' || why === 'stopping';
}

async function carryOut(
  { handlers, bus, logger }: RunDeps,
  row: InboxRow,
  signal: AbortSignal,
): Promise<HandlerOutcome> {
  const context: HandlerContext = {
    directiveId: row.id,
    sourceNodeId: row.sourceNodeId,
    parentDirectiveId: row.parentDirectiveId,
    effect: row.effect,
    epoch: row.epoch,
    signal,
    output: (stream, text) => bus.publish(inboxKey(row), { type: 'output', stream, text }),
  };
  try {
    return await handle(handlers, row.order, context);
  } catch (cause) {
    if (!signal.aborted) logger.error('a handler failed', { directiveId: row.id, kind: row.order?.kind, cause });
    return failed('handler_failed', 'the node could not carry the directive out; its log says why');
  }
}

/** The kind and its payload belong together in the order's type; a table lookup by kind cannot show that. */
function handle(handlers: DirectiveHandlers, order: Order | null, context: HandlerContext): Promise<HandlerOutcome> {
  const none = () =>
    Promise.resolve(failed('kind_not_supported', 'this node does not carry out that kind of directive'));
  switch (order?.kind) {
    case 'execute_task':
      return handlers.execute_task?.(order.payload, context) ?? none();
    case 'spawn_agent':
      return handlers.spawn_agent?.(order.payload, context) ?? none();
    case 'query_resources':
      return handlers.query_resources?.(order.payload, context) ?? none();
    case 'forward_message':
      return handlers.forward_message?.(order.payload, context) ?? none();
    case 'sync_state':
      return handlers.sync_state?.(order.payload, context) ?? none();
    case undefined:
      return none();
    default:
      return order satisfies never;
  }
}

const failed = (reason: string, message: string): HandlerOutcome => ({
  status: 'failed',
  error: { reason, message },
  usage: noUsage,
});

async function writeEnd(
  { inbox }: RunDeps,
  row: InboxRow,
  outcome: HandlerOutcome,
  durationMs: number,
  end: RunEnded['why'] | undefined,
): Promise<FencedWrite | undefined> {
  const metrics = { ...(outcome.usage ?? noUsage), durationMs };
  // Outputs are JSON by their schemas; the types of optional fields do not show it.
  const output = outcome.output as DirectiveResult['output'];
  const left = { ...(output !== undefined && { output }), metrics };
  const ended = (error: DirectiveError): Omit<DirectiveResult, 'status'> => ({ ...left, error, started: true });
  switch (end) {
    case undefined: {
      const { status, error } = outcome;
      const result = { status, ...left, ...(error && { error }), started: true };
      const written = await inbox.finish(row, row.epoch, result, outcome.effects);
      return written.status === 'done' ? written : finishedBefore(inbox, row, status);
    }
    case 'deadline':
      return inbox.end(row, row.epoch, {
        status: 'timed_out',
        ...ended({ reason: 'ttl_expired', message: 'the time to live ended while it ran; it was killed' }),
      });
    case 'cancelled':
      return inbox.end(row, row.epoch, {
        status: 'cancelled',
        ...ended({ reason: 'cancelled_by_caller', message: 'the sender cancelled it while it ran; it was killed' }),
      });
    case 'stopping':
      return inbox.recoverLost(
        row,
        row.epoch,
        { reason: 'interrupted_by_stop', message: 'the node stopped while it ran; it was killed' },
        left,
      );
    case 'draining':
      return inbox.recoverLost(
        row,
        row.epoch,
        { reason: 'interrupted_by_drain', message: 'the node was drained while it ran; it was killed' },
        left,
      );
    case 'lease_lost':
      return undefined; // the sweep, or another life, writes what became of it
    default:
      return end satisfies never;
  }
}

/** The database may have stored an end and its answer been lost on the way: then a second write finds it fenced. */
async function finishedBefore(
  inbox: InboxStore,
  row: InboxRow,
  status: HandlerOutcome['status'],
): Promise<FencedWrite> {
  const found = await inbox.find(row);
  // Whoever else ends or takes over work raises the epoch: an end under ours is ours.
  return found?.epoch === row.epoch && found.state === status ? { status: 'done', row: found } : { status: 'fenced' };
}

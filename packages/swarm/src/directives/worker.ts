/**
 * Claims what waits in the inbox, runs as much at once as the node's capacity allows, keeps the leases alive and
 * settles what time has overtaken. The order of work lives in the claim alone: nothing waits here that the database
 * still holds.
 */
import type { CancelCause, NodeId } from '@skein/contracts';
import type { Clock, Logger } from '@skein/contracts/runtime';
import PQueue from 'p-queue';
import { type Pump, startPump } from '../pump.ts';
import type { DirectiveHandlers } from './handlers/handler.ts';
import { type InboxBus, inboxKey } from './inbox-news.ts';
import type { InboxRow, InboxStore } from './inbox-store.ts';
import { endedBeforeStart } from './results.ts';
import { type RunDeps, RunEnded, runDirective } from './run.ts';

export interface WorkerDeps {
  self: NodeId;
  /** Names this life of the node in the leases that it holds. */
  workerId: string;
  inbox: InboxStore;
  handlers: DirectiveHandlers;
  bus: InboxBus;
  /** Ends every process that an earlier life left running. */
  killLeftovers: () => Promise<void>;
  recordUsage?: NonNullable<RunDeps['recordUsage']>;
  clock: Clock;
  logger: Logger;
}

export interface WorkerOptions {
  /** How many directives run at once. @default 4 */
  capacity?: number;
  /** How long a claim holds without renewal. @default 30_000 */
  leaseMs?: number;
  /** Time between renewals. @default 10_000 */
  renewMs?: number;
  /** The longest time between two looks at the inbox. @default 5_000 */
  sweepMs?: number;
  /** A worker that cannot renew ends its own work this long before the lease does. @default 3_000 */
  leaseMarginMs?: number;
}

export interface Worker extends AsyncDisposable {
  /** There may be something to do. */
  wake(): void;
  /** What this worker holds: claimed or running. */
  held(): readonly InboxRow[];
  /** Kills a directive's work and resolves when its end is stored, or when this worker does not hold it. */
  kill(row: InboxRow, cause: CancelCause): Promise<void>;
  /** Kills all that it holds and resolves when their ends are stored. What may start again waits for its next claim. */
  interruptAll(why: 'draining'): Promise<void>;
  /** Ends everything that runs, and the worker. Twice is as good as once. */
  stop(): Promise<void>;
}

interface Run {
  row: InboxRow;
  end: AbortController;
  done: Promise<void>;
}

const PURGE_EVERY_MS = 3_600_000;

/** Settles what an earlier life of this node left, then begins to work. */
export async function startWorker(deps: WorkerDeps, options: WorkerOptions = {}): Promise<Worker> {
  const { self, workerId, inbox, bus, clock, logger } = deps;
  const { capacity = 4, leaseMs = 30_000, renewMs = 10_000, sweepMs = 5_000, leaseMarginMs = 3_000 } = options;
  const queue = new PQueue({ concurrency: capacity });
  const runs = new Map<string, Run>();
  let renewedAt = clock.now();
  let sweptAt = Number.NEGATIVE_INFINITY;
  let purgedAt = clock.now();
  const onError = (cause: unknown) => logger.error('the inbox could not be worked on', { cause });

  await recover();

  function begin(row: InboxRow): void {
    const end = new AbortController();
    const done = queue
      .add(() => runDirective(deps, row, end.signal))
      .catch(onError)
      .then(() => {
        runs.delete(inboxKey(row));
        work.wake();
      });
    runs.set(inboxKey(row), { row, end, done });
  }

  async function workOff(signal: AbortSignal): Promise<number | undefined> {
    if (clock.now() - sweptAt >= sweepMs) {
      await sweep();
      sweptAt = clock.now();
    }
    const limit = capacity - runs.size;
    if (runs.size === 0) renewedAt = clock.now(); // the leases of what is claimed now begin no earlier
    if (limit > 0 && !signal.aborted) {
      for (const row of await inbox.claim(self, { limit, leasedBy: workerId, leaseMs })) begin(row);
    }
    const nextDeadlineMs = await inbox.nextDeadlineInMs(self);
    if (nextDeadlineMs === undefined) return undefined;
    if (nextDeadlineMs > 0) return nextDeadlineMs;
    sweptAt = Number.NEGATIVE_INFINITY; // something in the queue has run out of time: settle it now
    return 1;
  }

  async function sweep(): Promise<void> {
    for (const row of await inbox.expire(self)) bus.publish(inboxKey(row), { type: 'row', row });
    await inbox.releaseLapsed(self);
    // What runs here ends by its own timer. What is overdue and does not run here was lost: its end could not be stored.
    for (const row of await inbox.listOverdue(self)) if (!runs.has(inboxKey(row))) await settleLost(row);
    if (clock.now() - purgedAt >= PURGE_EVERY_MS) {
      purgedAt = clock.now();
      if ((await inbox.purge(self)) > 0) purgedAt = Number.NEGATIVE_INFINITY; // there may be more
    }
  }

  async function settleLost(row: InboxRow): Promise<void> {
    const written = await inbox.recoverLost(row, row.epoch, {
      reason: 'worker_lost',
      message: 'the node lost hold of it while it ran; whether it took effect is not known',
    });
    if (written.status === 'done') bus.publish(inboxKey(row), { type: 'row', row: written.row });
  }

  async function recover(): Promise<void> {
    await deps.killLeftovers(); // before any row says that it may run again
    for (const row of await inbox.listHeldByOthers(self, workerId)) {
      if (row.state === 'leased') await inbox.release(row, row.epoch);
      else
        await inbox.recoverLost(row, row.epoch, {
          reason: 'interrupted_by_restart',
          message: 'the node ended while it ran; whether it took effect is not known',
        });
    }
  }

  async function renew(): Promise<number | undefined> {
    const held = [...runs.values()].map(({ row }) => row);
    if (held.length === 0) {
      renewedAt = clock.now();
      return undefined;
    }
    const askedAt = clock.now();
    try {
      const lost = new Set((await inbox.renew(held, leaseMs)).map(inboxKey));
      renewedAt = askedAt; // no later than the store began to count
      for (const [key, run] of runs) if (lost.has(key)) run.end.abort(new RunEnded('lease_lost'));
      return undefined;
    } catch (cause) {
      onError(cause);
      return 1_000;
    }
  }

  /** A store that hangs answers no renewal, nor fails it: the work ends by this clock, before its lease does. */
  async function guardLeases(): Promise<undefined> {
    if (runs.size === 0 || clock.now() - renewedAt < leaseMs - leaseMarginMs) return;
    for (const run of runs.values()) run.end.abort(new RunEnded('lease_lost'));
  }

  const work: Pump = startPump(clock, workOff, { everyMs: sweepMs, onError });
  const leases = startPump(clock, renew, { everyMs: renewMs, onError });
  const guard = startPump(clock, guardLeases, { everyMs: 1_000, onError });

  async function endAll(why: 'draining' | 'stopping'): Promise<void> {
    const ending = [...runs.values()];
    for (const run of ending) run.end.abort(new RunEnded(why));
    await Promise.all(ending.map(({ done }) => done));
  }

  const stop = async () => {
    await work.stop();
    await endAll('stopping');
    await Promise.all([leases.stop(), guard.stop()]);
  };

  return {
    wake: work.wake,
    held: () => [...runs.values()].map(({ row }) => row),
    async kill(row, cause) {
      const run = runs.get(inboxKey(row));
      if (run && run.row.epoch === row.epoch) {
        run.end.abort(new RunEnded(cause === 'caller' ? 'cancelled' : 'deadline'));
        await run.done;
      } else if (row.state === 'leased') {
        // Claimed and not begun: raising the epoch keeps it from ever starting.
        const written = await inbox.end(row, row.epoch, endedBeforeStart(cause));
        if (written.status === 'done') bus.publish(inboxKey(row), { type: 'row', row: written.row });
      }
    },
    interruptAll: endAll,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

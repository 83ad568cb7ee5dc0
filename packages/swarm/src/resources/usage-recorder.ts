/**
 * Records what runs use. Figures are cumulative, so that only the latest reading of a run has to be kept while the
 * store is away, and writing one twice changes nothing. Within one life of the node a run's figures only rise: a
 * reading that comes late gives way to what is known already.
 */
import { laterUsage, type NodeId, type Usage } from '@skein/contracts';
import type { Clock, Logger } from '@skein/contracts/runtime';
import { startPump } from '../pump.ts';
import { counted } from './counted.ts';
import { isSameUsage } from './usage-growth.ts';
import type { RunReading, UsageLedger } from './usage-ledger.ts';

export interface UsageRecorderDeps {
  self: NodeId;
  usage: Pick<UsageLedger, 'record' | 'purge'>;
  /** The cumulative figures of everything that runs now. */
  readings: () => readonly RunReading[];
  clock: Clock;
  logger: Logger;
}

export interface UsageRecorderOptions {
  /** Time between two readings of what runs. @default 2_000 */
  everyMs?: number;
  /** How many runs' readings wait at most while the store is away. @default 10_000 */
  maxWaiting?: number;
}

export interface UsageRecorder extends AsyncDisposable {
  /**
   * Resolves when these readings are stored. Rejects where the store is away: they are kept and written as soon as it
   * is back, so that calling again is safe, and needed only by whoever must know that they are stored.
   */
  record(readings: readonly RunReading[]): Promise<void>;
  /** Reads everything that runs now and stores it. */
  flush(): Promise<void>;
  /** Writes what waits, if it can, and rests. Twice is as good as once. */
  stop(): Promise<void>;
}

const BATCH = 500;
const PURGE_EVERY_MS = 3_600_000;
/** An unchanged reading is written again after this, so that the ledger does not forget a run that rests for days. */
const REWRITE_AFTER_MS = 86_400_000;

export function startUsageRecorder(
  { self, usage, readings, clock, logger }: UsageRecorderDeps,
  { everyMs = 2_000, maxWaiting = 10_000 }: UsageRecorderOptions = {},
): UsageRecorder {
  const waiting = new Map<string, Usage>();
  const written = new Map<string, { usage: Usage; atMs: number }>(); // the last written of each run, oldest write first
  let writing: Promise<void> = Promise.resolve();
  let purgedAt = clock.now();

  /** False where there is no place for one more run. */
  function note({ runId, usage: told }: RunReading): boolean {
    const stored = written.get(runId);
    const known = waiting.get(runId) ?? stored?.usage;
    const latest = known ? laterUsage(known, counted(told)) : counted(told);
    const isNews = known ? !isSameUsage(known, latest) : Object.values(latest).some((figure) => figure > 0);
    const isDue = stored !== undefined && clock.now() - stored.atMs >= REWRITE_AFTER_MS;
    if (!isNews && !isDue) return true;
    if (!waiting.has(runId) && waiting.size >= maxWaiting) return false;
    waiting.set(runId, latest);
    return true;
  }

  async function writeWaiting(): Promise<void> {
    const all = [...waiting];
    for (let begin = 0; begin < all.length; begin += BATCH) {
      const batch = all.slice(begin, begin + BATCH);
      await usage.record(
        self,
        batch.map(([runId, latest]) => ({ runId, usage: latest })),
      );
      for (const [runId, latest] of batch) {
        if (waiting.get(runId) === latest) waiting.delete(runId); // else there is a later one already
        written.delete(runId);
        written.set(runId, { usage: latest, atMs: clock.now() });
      }
    }
    for (const runId of written.keys()) {
      if (written.size <= maxWaiting) break;
      written.delete(runId);
    }
  }

  /** One write at a time: of two that race, the older figures could come last. */
  function write(): Promise<void> {
    const turn = writing.then(writeWaiting);
    writing = turn.catch(() => {}); // told to whoever asked for that turn
    return turn;
  }

  async function record(told: readonly RunReading[]): Promise<void> {
    for (const reading of told) {
      while (!note(reading)) await write(); // makes place, or rejects
    }
    await write();
  }

  async function purge(): Promise<void> {
    if (clock.now() - purgedAt < PURGE_EVERY_MS) return;
    purgedAt = clock.now();
    if ((await usage.purge()) > 0) purgedAt = Number.NEGATIVE_INFINITY; // there may be more
  }

  const flush = () => record(readings());
  const turn = async () => {
    await flush();
    await purge();
    return undefined;
  };
  const onError = (cause: unknown) => logger.warn('usage could not be recorded yet', { waiting: waiting.size, cause });
  const pump = startPump(clock, turn, { everyMs, onError });

  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= pump.stop().then(write).catch(onError);
    return stopped;
  };
  return { record, flush, stop, [Symbol.asyncDispose]: stop };
}

/**
 * How hours travel with beats: to each seed those that changed since the last beat that it answered. A seed keeps them
 * as copies, so that what a node used is known where it beat, also while it is away.
 */
import { type NodeId, Usage, type UsageHour, type UsageSeries } from '@skein/contracts';
import { HOUR_MS, type UsageLedger } from './usage-ledger.ts';

interface UsageNews {
  series: UsageSeries;
  /** The seed has it: the next beat tells only what changes from here on. */
  heard(): void;
}

export interface UsageTeller {
  /** What the seed does not have yet; undefined where it has everything. */
  news(): Promise<UsageNews | undefined>;
  /** The seed may have lost what it was told: the next beat tells the last day anew. */
  forget(): void;
}

/** The hours of a report, and one more for clocks that differ. */
const FIRST_TOLD_MS = 25 * HOUR_MS;
/** How far another node's clock may be ahead. */
const AHEAD_MS = HOUR_MS;

/** One for each seed. */
export function createUsageTeller(usage: Pick<UsageLedger, 'series' | 'now'>, self: NodeId): UsageTeller {
  let toldMs: number | undefined; // by the store's clock: everything before was heard
  let told = new Map<string, string>();
  return {
    async news() {
      const nowMs = await usage.now();
      // An hour before the last word: what it said of the hour that ended since was not the last of it.
      const sinceMs = toldMs === undefined ? nowMs - FIRST_TOLD_MS : toldMs - HOUR_MS;
      const { databaseId, hours } = await usage.series(self, sinceMs);
      const changed = hours.filter(({ hour, usage }) => told.get(hour) !== JSON.stringify(usage));
      if (changed.length === 0) return undefined;
      return {
        series: { databaseId, hours: changed },
        heard() {
          toldMs = nowMs;
          told = new Map(hours.map(({ hour, usage }) => [hour, JSON.stringify(usage)]));
        },
      };
    },
    forget() {
      toldMs = undefined;
      told = new Map();
    },
  };
}

/** Takes in what a node told of itself. Hours that no report tells, and figures that no ledger would, are passed over. */
export async function copyUsage(
  usage: Pick<UsageLedger, 'copy' | 'now'>,
  from: NodeId,
  { databaseId, hours }: UsageSeries,
): Promise<void> {
  if (hours.length === 0) return;
  const nowMs = await usage.now();
  const plausible = hours.filter((hour) => isPlausible(hour, nowMs));
  if (plausible.length > 0) await usage.copy(from, { databaseId, hours: plausible });
}

function isPlausible({ hour, usage }: UsageHour, nowMs: number): boolean {
  const ms = Date.parse(hour);
  if (!Usage.safeParse(usage).success) return false;
  // The hour may be the one that holds the moment of 25 hours ago.
  return ms % HOUR_MS === 0 && ms > nowMs - FIRST_TOLD_MS - HOUR_MS && ms <= nowMs + AHEAD_MS;
}

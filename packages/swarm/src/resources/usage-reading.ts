/** What readings of runs add to a ledger: the rule that both stores ask, with what they know of the runs. */
import { laterUsage, noUsage, sumUsage, type Usage, type UsageHour } from '@skein/contracts';
import { growthOf, isSameUsage } from './usage-growth.ts';
import { HOUR_MS, type RunReading } from './usage-ledger.ts';

/** A run's last reading, and when it was read: milliseconds since the epoch. */
export interface KnownRun {
  usage: Usage;
  readAt: number;
}

export interface ReadRuns {
  /** What the hour gains; undefined where nothing. */
  growth: Usage | undefined;
  /** Runs to be stored with these figures, as read now. */
  runs: RunReading[];
}

/** A run that goes on without using anything is noted once a day, or it would be forgotten and counted again. */
const NOTE_AGAIN_MS = 86_400_000;

/**
 * What readings add to the present hour, given the last readings of their runs; `now` in milliseconds since the
 * epoch.
 */
export function readRuns(known: ReadonlyMap<string, KnownRun>, readings: readonly RunReading[], now: number): ReadRuns {
  const last = new Map([...known].map(([runId, { usage }]) => [runId, usage]));
  const news = new Set([...known].filter(([, { readAt }]) => readAt + NOTE_AGAIN_MS <= now).map(([runId]) => runId));
  let growth: Usage | undefined;
  for (const { runId, usage } of readings) {
    const before = last.get(runId) ?? noUsage;
    // A run goes on under its id after a crash, and who reads it then may know less than was read before.
    const after = laterUsage(before, usage);
    if (isSameUsage(after, before)) continue;
    growth = sumUsage(growth ?? noUsage, growthOf(before, { ...after, peakMemoryBytes: usage.peakMemoryBytes }));
    last.set(runId, after);
    news.add(runId);
  }
  return { growth, runs: [...news].flatMap((runId) => ({ runId, usage: last.get(runId) ?? noUsage })) };
}

/** Each hour once, by its beginning in milliseconds since the epoch, in their order. Told twice, the higher figures stay. */
export function byHour(hours: readonly UsageHour[]): Map<number, Usage> {
  const highest = new Map<number, Usage>();
  for (const { hour, usage } of hours) {
    const at = Math.floor(Date.parse(hour) / HOUR_MS) * HOUR_MS;
    highest.set(at, laterUsage(highest.get(at) ?? noUsage, usage));
  }
  return new Map([...highest].sort(([a], [b]) => a - b));
}

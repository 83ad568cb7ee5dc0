/** The ledger of usage in memory, for tests, simulations and throw-away nodes. */
import {
  type DatabaseId,
  laterUsage,
  type NodeId,
  noUsage,
  sumUsage,
  type Usage,
  type UsageHour,
} from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import { HOUR_MS, KEEP_HOURS_MS, KEEP_RUNS_MS, MAX_COPIED_SERIES, type UsageLedger } from './usage-ledger.ts';
import { byHour, type KnownRun, readRuns } from './usage-reading.ts';

export interface InMemoryUsageLedgerDependencies {
  clock: Pick<Clock, 'now'>;
  /** Whose series are this ledger's own. */
  databaseId(): Promise<DatabaseId>;
}

type Hours = Map<number, Usage>;

export function createInMemoryUsageLedger({ clock, databaseId }: InMemoryUsageLedgerDependencies): UsageLedger {
  const runs = new Map<NodeId, Map<string, KnownRun>>();
  const series = new Map<NodeId, Map<DatabaseId, Hours>>();

  function hoursOf(nodeId: NodeId, ofDatabase: DatabaseId): Hours {
    const ofNode = series.get(nodeId) ?? new Map<DatabaseId, Hours>();
    series.set(nodeId, ofNode);
    const hours = ofNode.get(ofDatabase) ?? new Map<number, Usage>();
    ofNode.set(ofDatabase, hours);
    return hours;
  }

  function dropOlderCopies(nodeId: NodeId, latest: DatabaseId, own: DatabaseId): void {
    const ofNode = series.get(nodeId);
    const rank = (id: DatabaseId, hours: Hours) =>
      id === latest ? Number.POSITIVE_INFINITY : Math.max(...hours.keys());
    const copies = [...(ofNode ?? [])].filter(([id, hours]) => id !== own && hours.size > 0);
    copies.sort(([a, ofA], [b, ofB]) => rank(b, ofB) - rank(a, ofA) || (a < b ? -1 : 1));
    for (const [id] of copies.slice(MAX_COPIED_SERIES)) ofNode?.delete(id);
  }

  return {
    async record(nodeId, readings) {
      const own = await databaseId();
      const now = clock.now();
      const known = runs.get(nodeId) ?? new Map<string, KnownRun>();
      runs.set(nodeId, known);
      const mentioned = new Set(readings.map(({ runId }) => runId));
      const read = readRuns(new Map([...known].filter(([runId]) => mentioned.has(runId))), readings, now);
      for (const { runId, usage } of read.runs) known.set(runId, { usage, readAt: now });
      if (!read.growth) return;
      const hours = hoursOf(nodeId, own);
      const hour = hourOf(now);
      hours.set(hour, sumUsage(hours.get(hour) ?? noUsage, read.growth));
    },

    async series(nodeId, sinceMs) {
      const own = await databaseId();
      return { databaseId: own, hours: toHours(hoursOf(nodeId, own), sinceMs) };
    },

    async copy(nodeId, { databaseId: theirs, hours }) {
      if (theirs === (await databaseId())) return;
      const copied = hoursOf(nodeId, theirs);
      for (const [hour, usage] of byHour(hours)) copied.set(hour, laterUsage(copied.get(hour) ?? noUsage, usage));
      dropOlderCopies(nodeId, theirs, await databaseId());
    },

    async hours(sinceMs) {
      return [...series]
        .map(([nodeId, ofNode]) => {
          const summed: Hours = new Map();
          for (const hours of ofNode.values())
            for (const [hour, usage] of hours) summed.set(hour, sumUsage(summed.get(hour) ?? noUsage, usage));
          return { nodeId, hours: toHours(summed, sinceMs) };
        })
        .filter(({ hours }) => hours.length > 0)
        .sort((a, b) => (a.nodeId < b.nodeId ? -1 : 1));
    },

    async now() {
      return clock.now();
    },

    async purge() {
      let gone = 0;
      for (const ofNode of series.values())
        for (const hours of ofNode.values()) gone += dropOld(hours, ([hour]) => hour + KEEP_HOURS_MS <= clock.now());
      for (const known of runs.values())
        gone += dropOld(known, ([, { readAt }]) => readAt + KEEP_RUNS_MS <= clock.now());
      return gone;
    },
  };
}

const hourOf = (ms: number) => Math.floor(ms / HOUR_MS) * HOUR_MS;

function toHours(hours: Hours, sinceMs: number): UsageHour[] {
  return [...hours]
    .filter(([hour]) => hour >= hourOf(sinceMs))
    .sort(([a], [b]) => a - b)
    .map(([hour, usage]) => ({ hour: new Date(hour).toISOString(), usage }));
}

function dropOld<K, V>(map: Map<K, V>, isOld: (entry: [K, V]) => boolean): number {
  const old = [...map].filter(isOld);
  for (const [key] of old) map.delete(key);
  return old.length;
}

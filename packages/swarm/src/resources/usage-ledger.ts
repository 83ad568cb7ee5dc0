/**
 * What work has used, kept exactly: a run's figures are cumulative and only rise, and only what a reading adds to the
 * highest one is added to the hour. The same reading twice adds nothing, nor does one that comes late, or that a row tells
 * which was written before the last reading. The hours of other nodes are copies of what their home databases say.
 */
import type { NodeId, Usage, UsageHour, UsageSeries } from '@skein/contracts';

/** One run's cumulative figures. A run's id is never used again for other work, so a lower figure is an earlier one. */
export interface RunReading {
  runId: string;
  usage: Usage;
}

/** The hours of one node, all its series together. */
export interface NodeHours {
  nodeId: NodeId;
  hours: UsageHour[];
}

/** The port for the ledger. Errors of every method: STORE_UNAVAILABLE. */
export interface UsageLedger {
  /** Adds what is new of each run to the present hour of this node, by the store's clock. One transaction. */
  record(nodeId: NodeId, readings: readonly RunReading[]): Promise<void>;
  /** This database's own series of a node, from the hour that holds `sinceMs` (milliseconds since the epoch) on. */
  series(nodeId: NodeId, sinceMs: number): Promise<UsageSeries>;
  /**
   * Copies another database's series. Of two figures for one hour the higher one stays. A copy of its own is passed over.
   * Of each node the `MAX_COPIED_SERIES` latest copies are kept; the one told now is the latest.
   */
  copy(nodeId: NodeId, series: UsageSeries): Promise<void>;
  /** All nodes' hours of all series, summed by hour, from the hour that holds `sinceMs` on. */
  hours(sinceMs: number): Promise<NodeHours[]>;
  /** The store's clock, in milliseconds since the epoch. */
  now(): Promise<number>;
  /** Forgets hours of 90 days ago and runs that were last read 7 days ago. How many. */
  purge(): Promise<number>;
}

/** An hour, the grain of the ledger. */
export const HOUR_MS = 3_600_000;
/** How long hours are kept: 90 days. */
export const KEEP_HOURS_MS = 90 * 86_400_000;
/** How long the last reading of a run is kept: 7 days. A run that is read again later counts anew. */
export const KEEP_RUNS_MS = 7 * 86_400_000;
/**
 * A node begins another series when it loses its database, which happens seldom; whoever makes databases up does not fill
 * those of others with them.
 */
export const MAX_COPIED_SERIES = 3;

/**
 * The registry: who is in the swarm, whether they are there, and whether they may be given work. Two facts, two
 * writers: beats and the sweep move liveness, people and the node itself move eligibility. "Now" is the store's clock.
 */
import type {
  DatabaseId,
  Eligibility,
  EligibilityNote,
  Liveness,
  NodeId,
  NodeMetrics,
  NodeRecord,
  RegistryCursor,
  ResourceSnapshot,
  Tier,
} from '@skein/contracts';
import type { EligibilityAction } from './eligibility-rules.ts';
import type { LivenessTiming } from './timing.ts';

/** Times are milliseconds since the epoch by the store's clock. */
export interface NodeEntry {
  id: NodeId;
  record: NodeRecord;
  /** The record as its node signed it: a compact JWS, relayed unchanged. */
  signedRecord: string;
  tier: Tier;
  group: string | null;
  liveness: Liveness;
  /** True where this database takes in the node's beats itself; false where a seed tells of it. */
  observed: boolean;
  eligibility: Eligibility;
  eligibilityVersion: number;
  /** Who decided it here, and why; null where nobody did, or it was told by others. */
  eligibilityNote: EligibilityNote | null;
  /** The last beat taken in here. */
  lastBeatAt: number | null;
  metrics: NodeMetrics | null;
  joinedAt: number;
  /** Rises with each change of record, verdict or eligibility; never with a beat. */
  revision: number;
  removed: boolean;
}

/** A node let in, or known from its own signed word. */
export interface AdmittedNode {
  id: NodeId;
  record: NodeRecord;
  signedRecord: string;
  tier: Tier;
  group: string | null;
}

/** What a seed tells of a node. The caller has checked the record's signature. */
export interface RelayedEntry extends AdmittedNode {
  liveness: Liveness;
  eligibility: Eligibility;
  eligibilityVersion: number;
  removed: boolean;
}

/** A liveness that is another one now, for whoever tells of it. */
export interface LivenessChange {
  id: NodeId;
  from: Liveness;
  to: Liveness;
  incarnation: number;
}

/** What is decided of a node. */
export interface EligibilityDecision {
  action: EligibilityAction;
  note: EligibilityNote;
  /** The node does not hear it now: it counts above what the node may say by itself until then, also where it is the same. */
  elsewhere?: boolean;
}

/** What a registry makes of a beat. */
export type BeatOutcome =
  | { status: 'accepted'; change: LivenessChange | undefined }
  | { status: 'stale_incarnation'; knownIncarnation: number }
  | { status: 'not_joined' }
  | { status: 'sealed' };

/** How many entries one call of `changesSince` tells at most. */
export const CHANGES_LIMIT = 500;
/** How many snapshots of a node are kept: a day's worth at one a minute. */
export const SNAPSHOTS_KEPT = 1_440;

/** The port for the registry. A write has committed when its promise resolves. Errors: STORE_UNAVAILABLE. */
export interface NodeStore {
  /** Names this database; made once with it. */
  databaseId(): Promise<DatabaseId>;
  /** Begins a new life of a node whose home this database is: one above the last, and above `atLeast`. */
  openIncarnation(id: NodeId, atLeast?: number): Promise<number>;

  /**
   * Lets a node in, or takes over its newer record (higher incarnation, then higher version): observed, joining, with
   * a first beat now. An older record changes nothing (`stale`). Tier and group of a known node never change here.
   * A sealed node stays out (`sealed`), unless it brings `newTrust`: then it is let in anew, eligible, with the rights of
   * this admission. So is a removed one, but that its own drain stands.
   */
  admit(
    node: AdmittedNode,
    options?: { newTrust?: boolean },
  ): Promise<{ status: 'admitted' | 'updated' | 'unchanged' | 'stale' | 'sealed'; entry: NodeEntry }>;
  find(id: NodeId): Promise<NodeEntry | undefined>;
  /** In the order of names, then ids; removed ones are left out. */
  list(): Promise<NodeEntry[]>;
  /** How many `list` would tell. */
  count(): Promise<number>;

  /**
   * Takes in a beat: the hour, the metrics and a snapshot of them, in one transaction. Makes the node online unless its
   * incarnation is an old one. Never touches eligibility.
   */
  beat(id: NodeId, beat: { incarnation: number; metrics: NodeMetrics }): Promise<BeatOutcome>;
  /** The node says goodbye: offline at once, if the incarnation is the known one. */
  leave(id: NodeId, incarnation: number): Promise<LivenessChange | undefined>;
  /** Applies the timing to everyone observed but `self`; what changed. Safe to run anywhere, any number of times. */
  sweep(timing: LivenessTiming, self: NodeId): Promise<LivenessChange[]>;

  /**
   * Takes over what a trusted seed tells: newer records, verdicts on nodes that are not observed here, eligibility by
   * version. What the `teller` says of its own eligibility counts as its own word: it lifts no seal.
   */
  relay(entries: readonly RelayedEntry[], self: NodeId, teller?: NodeId): Promise<LivenessChange[]>;
  /** No seed is in reach: what is known by hearsay only becomes unverified, never offline. */
  loseSight(self: NodeId): Promise<LivenessChange[]>;
  /** Everything after the cursor, at most `limit` entries; the whole where the cursor is absent or of another database. */
  changesSince(
    cursor: RegistryCursor | undefined,
  ): Promise<{ cursor: RegistryCursor; complete: boolean; entries: NodeEntry[] }>;

  /**
   * Moves eligibility as its table allows, with the next version where it changes, and notes who decided it. Undefined where the
   * node is not known or was removed; `refused` where the table has no such move. Once a drain or a seal
   * has resolved, no claim for that node commits any more.
   */
  decide(
    id: NodeId,
    decision: EligibilityDecision,
  ): Promise<{ status: 'changed' | 'unchanged' | 'refused'; from: Eligibility; entry: NodeEntry } | undefined>;
  /** A node's own word of its eligibility, or another registry's: the higher version holds, of two at once the stricter one. */
  hearEligibility(id: NodeId, told: { eligibility: Eligibility; version: number }): Promise<NodeEntry | undefined>;
  /** Changes what an operator granted. Undefined where the node is not known. */
  edit(id: NodeId, change: { tier?: Tier; group?: string | null }): Promise<NodeEntry | undefined>;
  /** Takes a node out: a tombstone, which spreads. Its directives, snapshots and hours stay. Undefined where it is not known. */
  remove(id: NodeId): Promise<NodeEntry | undefined>;
  /** The newest first. */
  listSnapshots(id: NodeId, limit: number): Promise<ResourceSnapshot[]>;
}

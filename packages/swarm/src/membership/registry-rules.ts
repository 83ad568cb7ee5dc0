/**
 * What becomes of a registry entry when a node is let in, beats, is told of, or is decided on. Pure: a store reads the entry under its
 * lock, asks here, and writes what comes back, so that every store decides alike. Revisions are the store's own.
 */
import type { Eligibility, Liveness, NodeId, NodeMetrics, NodeRecord, Tier } from '@skein/contracts';
import { eligibilityAfter } from './eligibility-rules.ts';
import { decidedVersion, isCredible, supersedes } from './eligibility-version.ts';
import type {
  AdmittedNode,
  BeatOutcome,
  EligibilityDecision,
  LivenessChange,
  NodeEntry,
  RelayedEntry,
} from './node-store.ts';

/** An entry to be written. `revised` where the change is one that the registry spreads. */
export interface EntryWrite {
  entry: NodeEntry;
  revised: boolean;
}

/** Above zero where `a` speaks for the node: the higher incarnation, then the higher version. */
function compareRecords(
  a: Pick<NodeRecord, 'incarnation' | 'recordVersion'>,
  b: Pick<NodeRecord, 'incarnation' | 'recordVersion'>,
): number {
  return a.incarnation - b.incarnation || a.recordVersion - b.recordVersion;
}

/** The same life told in two ways is two processes with one key: the later one must begin a life of its own. */
export function isStale(known: NodeEntry, node: Pick<AdmittedNode, 'record' | 'signedRecord'>): boolean {
  const order = compareRecords(node.record, known.record);
  return order < 0 || (order === 0 && !known.removed && node.signedRecord !== known.signedRecord);
}

function newEntry(node: AdmittedNode, now: number): NodeEntry {
  return {
    ...{ id: node.id, record: node.record, signedRecord: node.signedRecord, tier: node.tier, group: node.group },
    ...{ liveness: 'joining', observed: true, eligibility: 'eligible', eligibilityVersion: 0, lastBeatAt: now },
    ...{ eligibilityNote: null, metrics: null, joinedAt: now, revision: 0, removed: false },
  };
}

export type AdmissionOutcome = 'admitted' | 'updated' | 'unchanged' | 'stale' | 'sealed';

/** What becomes of an entry when its node is let in: the status, and what to write, if anything. */
export function admitInto(
  known: NodeEntry | undefined,
  node: AdmittedNode,
  now: number,
  { newTrust = false }: { newTrust?: boolean } = {},
): { status: AdmissionOutcome; write?: EntryWrite } {
  if (!known) return { status: 'admitted', write: { entry: newEntry(node, now), revised: true } };
  const unseals = known.eligibility === 'sealed';
  if (unseals && !newTrust) return { status: 'sealed' };
  if (isStale(known, node)) return { status: 'stale' };
  const order = compareRecords(node.record, known.record);
  if (known.removed || unseals) {
    // It was out and is let in anew, with the rights of this admission. A version above the seal's tells the others. A
    // drain is the node's own affair: it stands, or the node would be eligible here and draining at home.
    const { eligibility, eligibilityVersion: version } = known;
    const admitted = unseals
      ? { eligibility: 'eligible' as const, eligibilityVersion: version + 1 }
      : { eligibility, eligibilityVersion: version };
    return { status: 'admitted', write: { entry: { ...newEntry(node, now), ...admitted }, revised: true } };
  }
  const sameLife = node.record.incarnation === known.record.incarnation;
  const isHere = known.observed && known.liveness !== 'offline' && known.liveness !== 'unverified';
  const liveness = sameLife && isHere ? known.liveness : 'joining';
  const { record, signedRecord } = order > 0 ? node : known;
  // A record that was known already is no sign of life from one that is here: only its beats are.
  const lastBeatAt = order === 0 && isHere ? known.lastBeatAt : now;
  // A node that was heard of and is joined as a seed is one from then on.
  const tier = node.tier === 'root' ? 'root' : known.tier;
  const entry: NodeEntry = { ...known, record, signedRecord, tier, liveness, observed: true, lastBeatAt };
  const revised = order > 0 || liveness !== known.liveness || tier !== known.tier;
  return { status: order > 0 ? 'updated' : 'unchanged', write: { entry, revised } };
}

/** What becomes of an entry when its node beats. A beat never changes its eligibility. */
export function beatInto(
  known: NodeEntry | undefined,
  beat: { incarnation: number; metrics: NodeMetrics },
  now: number,
): { outcome: BeatOutcome; write?: EntryWrite } {
  if (!known || known.removed) return { outcome: { status: 'not_joined' } };
  if (known.eligibility === 'sealed') return { outcome: { status: 'sealed' } };
  const knownIncarnation = known.record.incarnation;
  if (beat.incarnation < knownIncarnation) return { outcome: { status: 'stale_incarnation', knownIncarnation } };
  const change = livenessChange(known, 'online', beat.incarnation);
  const entry: NodeEntry = { ...known, liveness: 'online', observed: true, lastBeatAt: now, metrics: beat.metrics };
  return { outcome: { status: 'accepted', change }, write: { entry, revised: change !== undefined } };
}

/**
 * What a trusted seed tells of one node. Of ourselves it may tell only what people decided; of its own eligibility it
 * says what any node may say of itself.
 */
export function relayInto(
  known: NodeEntry | undefined,
  told: RelayedEntry,
  { self, teller }: { self: NodeId; teller: NodeId | undefined },
  now: number,
): { change?: LivenessChange | undefined; write?: EntryWrite } {
  if (told.id === self) return known ? unlessSame(known, { ...known, ...mergeEligibility(known, told) }) : {};
  if (!known) {
    const { eligibility, eligibilityVersion, removed, liveness } = told;
    const hearsay = { observed: false, lastBeatAt: null, eligibility, eligibilityVersion, removed, liveness };
    return {
      change: removed ? undefined : livenessChange({ ...told, liveness: 'unverified' }, liveness),
      write: { entry: { ...newEntry(told, now), ...hearsay }, revised: true },
    };
  }
  const order = compareRecords(told.record, known.record);
  const current = told.record.incarnation >= known.record.incarnation; // else it speaks of an earlier life
  const returned = known.removed && !told.removed && order > 0;
  const { record, signedRecord } = order > 0 ? told : known;
  const { tier, group } = returned ? told : known;
  // A teller that has lost sight of it itself knows nothing better than what is known.
  const deaf = known.observed || !current || told.liveness === 'unverified';
  const liveness = deaf ? known.liveness : told.liveness;
  const removed = returned ? false : known.removed || (told.removed && current);
  const decided = told.id === teller && !isCredible(wordOf(told), wordOf(known)) ? known : told;
  return {
    change: removed ? undefined : livenessChange(known, liveness, record.incarnation),
    ...unlessSame(known, {
      ...known,
      ...{ record, signedRecord, tier, group, liveness, removed, ...mergeEligibility(known, decided) },
    }),
  };
}

const wordOf = ({
  eligibility,
  eligibilityVersion: version,
}: Pick<NodeEntry, 'eligibility' | 'eligibilityVersion'>) => ({
  eligibility,
  version,
});

/**
 * What was decided later holds. Who decided it elsewhere, and why, is not told: a note stays only with what it explains.
 */
function mergeEligibility(
  known: Pick<NodeEntry, 'eligibility' | 'eligibilityVersion' | 'eligibilityNote'>,
  told: Pick<NodeEntry, 'eligibility' | 'eligibilityVersion'>,
): Pick<NodeEntry, 'eligibility' | 'eligibilityVersion' | 'eligibilityNote'> {
  const { eligibility, eligibilityVersion } = told;
  const holds = supersedes(wordOf(told), wordOf(known));
  // The drain of a node's end is that life's own; once others have decided the same it is theirs.
  const explains = eligibility === known.eligibility && known.eligibilityNote?.origin !== 'shutdown';
  const eligibilityNote = holds && !explains ? null : known.eligibilityNote;
  return holds
    ? { eligibility, eligibilityVersion, eligibilityNote }
    : { eligibility: known.eligibility, eligibilityVersion: known.eligibilityVersion, eligibilityNote };
}

/** A tombstone is no node: there is nothing to decide about it. */
const isThere = (known: NodeEntry | undefined): known is NodeEntry => known !== undefined && !known.removed;

/** Undefined where the node is not known. */
export function decideInto(
  known: NodeEntry | undefined,
  { action, note, elsewhere = false }: EligibilityDecision,
): { status: 'changed' | 'unchanged' | 'refused'; from: Eligibility; write?: EntryWrite } | undefined {
  if (!isThere(known)) return undefined;
  const from = known.eligibility;
  const eligibility = eligibilityAfter(from, action);
  if (!eligibility) return { status: 'refused', from };
  const entry = { ...known, eligibilityNote: note };
  // The note is this registry's own: it does not spread. The same again, decided where the node does not hear it, does:
  // the node may be about to undo by itself what it is held to be.
  const isNews = eligibility !== from || (elsewhere && eligibility !== 'sealed');
  if (!isNews) return { status: 'unchanged', from, write: { entry, revised: false } };
  const eligibilityVersion = decidedVersion(known.eligibilityVersion, eligibility, { elsewhere });
  return { status: 'changed', from, write: { entry: { ...entry, eligibility, eligibilityVersion }, revised: true } };
}

/** What a node says of its own eligibility, or another registry of it. */
export function hearInto(
  known: NodeEntry | undefined,
  { eligibility, version }: { eligibility: Eligibility; version: number },
): { write?: EntryWrite } | undefined {
  if (!isThere(known)) return undefined;
  const told = { eligibility, eligibilityVersion: version };
  return unlessSame(known, { ...known, ...mergeEligibility(known, told) });
}

/** What an operator grants otherwise. */
export function editInto(
  known: NodeEntry | undefined,
  { tier, group }: { tier?: Tier; group?: string | null },
): { write?: EntryWrite } | undefined {
  if (!isThere(known)) return undefined;
  const entry = { ...known, tier: tier ?? known.tier, group: group === undefined ? known.group : group };
  const same = entry.tier === known.tier && entry.group === known.group;
  return same ? {} : { write: { entry, revised: true } };
}

/** The row stays, as a tombstone: an old word cannot raise it, and others learn of it. */
export function removeInto(known: NodeEntry | undefined): { write?: EntryWrite } | undefined {
  return isThere(known) ? { write: { entry: { ...known, removed: true }, revised: true } } : undefined;
}

export function livenessChange(
  before: Pick<NodeEntry, 'id' | 'liveness' | 'record'>,
  to: Liveness,
  incarnation = before.record.incarnation,
): LivenessChange | undefined {
  return before.liveness === to ? undefined : { id: before.id, from: before.liveness, to, incarnation };
}

function unlessSame(before: NodeEntry, after: NodeEntry): { write?: EntryWrite } {
  const same =
    before.signedRecord === after.signedRecord &&
    before.liveness === after.liveness &&
    before.eligibility === after.eligibility &&
    before.eligibilityVersion === after.eligibilityVersion &&
    before.removed === after.removed;
  return same ? {} : { write: { entry: after, revised: true } };
}

/** The registry in memory, for tests, simulations and throw-away nodes. The clock handed in is its store's clock. */
import { DatabaseId, type NodeId, type ResourceSnapshot } from '@skein/contracts';
import type { Clock, Random } from '@skein/contracts/runtime';
import { livenessAfter } from './liveness.ts';
import { CHANGES_LIMIT, type LivenessChange, type NodeEntry, type NodeStore, SNAPSHOTS_KEPT } from './node-store.ts';
import {
  admitInto,
  beatInto,
  decideInto,
  type EntryWrite,
  editInto,
  hearInto,
  livenessChange,
  relayInto,
  removeInto,
} from './registry-rules.ts';

export interface InMemoryNodeStoreDependencies {
  clock: Pick<Clock, 'now'>;
  random: Pick<Random, 'uuid'>;
}

export interface InMemoryNodeStore extends NodeStore {
  /** What a claim asks, in the same step. A node without an entry is nobody's to take out of work. */
  isEligible(id: NodeId): boolean;
}

export function createInMemoryNodeStore({ clock, random }: InMemoryNodeStoreDependencies): InMemoryNodeStore {
  const databaseId = DatabaseId.parse(random.uuid());
  const entries = new Map<NodeId, NodeEntry>();
  const incarnations = new Map<NodeId, number>();
  const snapshots = new Map<NodeId, ResourceSnapshot[]>(); // the oldest first
  let revision = 0;

  function write({ entry, revised }: EntryWrite): NodeEntry {
    if (revised) revision += 1;
    const stored = revised ? { ...entry, revision } : entry;
    entries.set(stored.id, stored);
    return stored;
  }

  /** Writes what a rule makes of a known node: the entry as it is then. */
  function change(id: NodeId, rule: (known: NodeEntry | undefined) => { write?: EntryWrite } | undefined) {
    const known = entries.get(id);
    const changed = rule(known);
    return changed?.write ? write(changed.write) : changed && known;
  }

  /** Moves those whom `to` gives another liveness, and says who they were. */
  function moveAll(among: Iterable<NodeEntry>, to: (entry: NodeEntry) => NodeEntry['liveness']): LivenessChange[] {
    return [...among].flatMap((entry) => {
      const liveness = to(entry);
      const change = livenessChange(entry, liveness);
      if (!change) return [];
      write({ entry: { ...entry, liveness }, revised: true });
      return [change];
    });
  }

  const others = (self: NodeId) => [...entries.values()].filter((entry) => entry.id !== self && !entry.removed);

  return {
    async databaseId() {
      return databaseId;
    },

    async openIncarnation(id, atLeast = 0) {
      const opened = Math.max(incarnations.get(id) ?? 0, atLeast) + 1;
      incarnations.set(id, opened);
      return opened;
    },

    async admit(node, options) {
      const known = entries.get(node.id);
      const { status, write: written } = admitInto(known, node, clock.now(), options);
      const entry = written ? write(written) : known;
      if (!entry) throw new Error('an admission without a write leaves a known entry'); // admitInto's own promise
      return { status, entry };
    },

    async find(id) {
      return entries.get(id);
    },

    async list() {
      const order = (entry: NodeEntry) => `${entry.record.name}\0${entry.id}`;
      return [...entries.values()].filter((entry) => !entry.removed).sort((a, b) => (order(a) < order(b) ? -1 : 1));
    },

    async count() {
      return [...entries.values()].filter((entry) => !entry.removed).length;
    },

    async beat(id, beat) {
      const now = clock.now();
      const { outcome, write: written } = beatInto(entries.get(id), beat, now);
      if (!written) return outcome;
      write(written);
      const kept = snapshots.get(id) ?? [];
      kept.push({ nodeId: id, takenAt: new Date(now).toISOString(), metrics: beat.metrics });
      if (kept.length > SNAPSHOTS_KEPT) kept.shift();
      snapshots.set(id, kept);
      return outcome;
    },

    async leave(id, incarnation) {
      const entry = entries.get(id);
      if (!entry || entry.removed || entry.record.incarnation !== incarnation) return undefined;
      return moveAll([entry], () => 'offline')[0];
    },

    async sweep(timing, self) {
      const now = clock.now();
      const observed = others(self).filter((entry) => entry.observed);
      return moveAll(observed, (entry) => livenessAfter(entry.liveness, now - Number(entry.lastBeatAt), timing));
    },

    async relay(told, self, teller) {
      const now = clock.now();
      return told.flatMap((entry) => {
        const { change, write: written } = relayInto(entries.get(entry.id), entry, { self, teller }, now);
        if (written) write(written);
        return change ? [change] : [];
      });
    },

    async loseSight(self) {
      const hearsay = others(self).filter((entry) => !entry.observed);
      return moveAll(hearsay, (entry) => (entry.liveness === 'offline' ? 'offline' : 'unverified'));
    },

    async changesSince(cursor) {
      const complete = cursor?.databaseId !== databaseId || cursor.revision > revision;
      const after = complete ? 0 : cursor.revision;
      const changed = [...entries.values()]
        .filter((entry) => entry.revision > after)
        .sort((a, b) => a.revision - b.revision);
      const page = changed.slice(0, CHANGES_LIMIT);
      const reached = changed.length > page.length ? (page.at(-1)?.revision ?? after) : revision;
      return { cursor: { databaseId, revision: reached }, complete, entries: page };
    },

    async decide(id, decision) {
      const known = entries.get(id);
      const decided = decideInto(known, decision);
      if (!known || !decided) return undefined;
      const { status, from, write: written } = decided;
      return { status, from, entry: written ? write(written) : known };
    },

    async hearEligibility(id, told) {
      return change(id, (known) => hearInto(known, told));
    },

    async edit(id, granted) {
      return change(id, (known) => editInto(known, granted));
    },

    async remove(id) {
      return change(id, removeInto);
    },

    isEligible(id) {
      return (entries.get(id)?.eligibility ?? 'eligible') === 'eligible';
    },

    async listSnapshots(id, limit) {
      return (snapshots.get(id) ?? []).toReversed().slice(0, limit);
    },
  };
}

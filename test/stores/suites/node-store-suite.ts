import { Eligibility, type Liveness, type NodeId, type RegistryCursor } from '@skein/contracts';
import {
  type AdmittedNode,
  CHANGES_LIMIT,
  type EligibilityAction,
  eligibilityAfter,
  lanTiming,
  livenessAfter,
  livenessTiming,
  type NodeEntry,
  type NodeStore,
  type RelayedEntry,
  SNAPSHOTS_KEPT,
} from '@skein/swarm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateSubject } from '../subject.ts';
import { metrics, newArrival, newDatabaseId, newDirective, newNode, newNote, nodeId } from './samples.ts';

const self = nodeId(900);
const beat = { incarnation: 1, metrics };
const actions = ['drain', 'mark_drained', 'undrain', 'seal', 'unseal'] as const satisfies EligibilityAction[];
const { suspectAfterMs, offlineAfterMs, joiningAfterMs } = lanTiming;

function told(node: AdmittedNode, own: Partial<RelayedEntry> = {}): RelayedEntry {
  return { ...node, liveness: 'online', eligibility: 'eligible', eligibilityVersion: 0, removed: false, ...own };
}

async function requireEntry(nodes: NodeStore, n: number): Promise<NodeEntry> {
  const entry = await nodes.find(nodeId(n));
  if (!entry) throw new Error('the entry is gone');
  return entry;
}

/** Everything that a reader with this cursor is told, page after page. */
async function readAll(nodes: NodeStore, from: RegistryCursor | undefined) {
  const entries: NodeEntry[] = [];
  let cursor = from;
  for (;;) {
    const page = await nodes.changesSince(cursor);
    entries.push(...page.entries);
    cursor = page.cursor;
    if (page.entries.length < CHANGES_LIMIT) return { entries, cursor };
  }
}

export function nodeStoreSuite(name: string, createSubject: CreateSubject): void {
  describe(`node store on ${name}`, () => {
    test('a database keeps the name that it was made with', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      expect(await nodes.databaseId()).toBe(await nodes.databaseId());
      expect(await nodes.databaseId()).toMatch(/^[0-9a-f-]{36}$/);
    });

    test('each start is a new life: above the last and above what peers have seen, also of many at once', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      expect(await nodes.openIncarnation(self)).toBe(1);
      expect(await nodes.openIncarnation(self)).toBe(2);
      expect(await nodes.openIncarnation(self, 7)).toBe(8);
      expect(await nodes.openIncarnation(self, 3)).toBe(9);
      expect(await nodes.openIncarnation(nodeId(1), 4)).toBe(5);
      const many = await Promise.all(Array.from({ length: 20 }, () => nodes.openIncarnation(self)));
      expect(many.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 10));
    });

    test('a node is let in as joining, observed, with a first beat, and comes back as it was signed', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const node = { ...newNode(1), tier: 'sudo', group: 'blue' } as const;
      const { status, entry } = await nodes.admit(node);
      expect(status).toBe('admitted');
      expect(entry).toMatchObject({ ...node, liveness: 'joining', observed: true, eligibility: 'eligible' });
      expect(entry).toMatchObject({ eligibilityVersion: 0, removed: false, metrics: null, lastBeatAt: entry.joinedAt });
      expect(await nodes.find(node.id)).toEqual(entry);
      expect(await nodes.find(nodeId(2))).toBeUndefined();
      expect(await nodes.list()).toEqual([entry]);
    });

    test('a node that is let in many times at once stands in the registry once, and none of the others is lost', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const address = { addresses: ['https://gateway.example:443'] }; // the same for all: it names nobody
      const admissions = Array.from({ length: 20 }, (_, n) => nodes.admit(newNode(n % 4, address)));
      const outcomes = await Promise.all(admissions);
      expect(outcomes.filter(({ status }) => status === 'admitted')).toHaveLength(4);
      expect((await nodes.list()).map(({ id }) => id).sort()).toEqual([0, 1, 2, 3].map(nodeId).sort());
    });

    test('a newer record takes over, an older one changes nothing, and tier and group stay as granted', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const admitted = (incarnation: number, recordVersion: number, own: Partial<AdmittedNode> = {}) =>
        nodes.admit({ ...newNode(1, { incarnation, recordVersion }), ...own });
      await admitted(2, 2);
      await nodes.beat(nodeId(1), { ...beat, incarnation: 2 });
      const before = await requireEntry(nodes, 1);
      expect(await admitted(1, 9)).toEqual({ status: 'stale', entry: before });
      expect(await admitted(2, 1)).toEqual({ status: 'stale', entry: before });
      const same = await admitted(2, 2);
      expect(same).toMatchObject({ status: 'unchanged', entry: { liveness: 'online', revision: before.revision } });
      const version = await admitted(2, 3, { tier: 'sudo', group: 'red' });
      expect(version).toMatchObject({ status: 'updated', entry: { liveness: 'online', tier: 'unprivileged' } });
      expect(version.entry.record.recordVersion).toBe(3);
      expect(version.entry.revision).toBeGreaterThan(before.revision);
      const life = await admitted(3, 1);
      expect(life).toMatchObject({ status: 'updated', entry: { liveness: 'joining', group: null } });
      expect(life.entry.signedRecord).toBe('signed.1.3.1');
    });

    test('a node that was heard of and is joined as a seed is one from then on', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      const before = await requireEntry(nodes, 1);
      const { entry } = await nodes.admit({ ...newNode(1), tier: 'root' });
      expect(entry.tier).toBe('root');
      expect(entry.revision).toBeGreaterThan(before.revision);
      expect((await nodes.admit(newNode(1))).entry.tier).toBe('root');
    });

    test('a record that is known already is no sign of life', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      await subject.advance(10_000);
      const { lastBeatAt } = await requireEntry(nodes, 1);
      expect((await nodes.admit(newNode(1))).entry.lastBeatAt).toBe(lastBeatAt);
    });

    test('a node that comes back after it was offline is joining, with the same record too', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      await nodes.leave(nodeId(1), 1);
      const { revision } = await requireEntry(nodes, 1);
      const { status, entry } = await nodes.admit(newNode(1));
      expect(status).toBe('unchanged');
      expect(entry.liveness).toBe('joining');
      expect(entry.revision).toBeGreaterThan(revision);
    });

    test('a sealed node stays out, and its beats too', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      await nodes.relay([told(newNode(1), { eligibility: 'sealed' })], self);
      const sealed = await requireEntry(nodes, 1);
      expect(sealed.eligibility).toBe('sealed');
      expect(await nodes.admit(newNode(1, { incarnation: 2 }))).toEqual({ status: 'sealed', entry: sealed });
      expect(await nodes.beat(nodeId(1), beat)).toEqual({ status: 'sealed' });
      expect(await requireEntry(nodes, 1)).toEqual(sealed);
    });

    test('the list goes by name, then by id, without those that were removed, and so does the count', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      for (const [n, name] of [[4, 'a'], [3, 'a.b'], [2, 'B'], [1, 'a']] as const) await nodes.admit(newNode(n, { name })); // biome-ignore format: a table
      await nodes.relay([told(newNode(5), { removed: true })], self);
      expect((await nodes.list()).map(({ id }) => id)).toEqual([2, 1, 4, 3].map(nodeId));
      expect(await nodes.count()).toBe(4);
    });

    test('a beat makes a node online, keeps its metrics, and changes the registry only where it changes liveness', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const { entry } = await nodes.admit(newNode(1));
      const change = { id: nodeId(1), from: 'joining', to: 'online', incarnation: 1 };
      expect(await nodes.beat(nodeId(1), beat)).toEqual({ status: 'accepted', change });
      const online = await requireEntry(nodes, 1);
      expect(online).toMatchObject({ liveness: 'online', metrics });
      expect(online.revision).toBeGreaterThan(entry.revision);
      await subject.advance(30_000);
      const next = { ...beat, incarnation: 2, metrics: { ...metrics, cpuPercent: 99 } };
      expect(await nodes.beat(nodeId(1), next)).toEqual({ status: 'accepted', change: undefined });
      const later = await requireEntry(nodes, 1);
      expect(later).toMatchObject({ revision: online.revision, metrics: { cpuPercent: 99 } });
      expect((later.lastBeatAt ?? 0) - (online.lastBeatAt ?? 0)).toBeGreaterThanOrEqual(30_000);
      expect(await nodes.listSnapshots(nodeId(1), 10)).toEqual([
        { nodeId: nodeId(1), takenAt: new Date(later.lastBeatAt ?? 0).toISOString(), metrics: next.metrics },
        { nodeId: nodeId(1), takenAt: new Date(online.lastBeatAt ?? 0).toISOString(), metrics },
      ]);
      expect(await nodes.listSnapshots(nodeId(1), 1)).toHaveLength(1);
      expect(await nodes.listSnapshots(nodeId(2), 10)).toEqual([]);
    });

    test('a beat of an old life or of a stranger is refused and leaves nothing', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1, { incarnation: 5 }));
      const before = await requireEntry(nodes, 1);
      for (let times = 0; times < 2; times += 1) {
        expect(await nodes.beat(nodeId(1), { ...beat, incarnation: 4 })).toEqual({
          status: 'stale_incarnation',
          knownIncarnation: 5,
        });
        expect(await nodes.beat(nodeId(2), beat)).toEqual({ status: 'not_joined' });
      }
      expect(await requireEntry(nodes, 1)).toEqual(before);
      expect(await nodes.listSnapshots(nodeId(1), 10)).toEqual([]);
      expect(await nodes.beat(nodeId(1), { ...beat, incarnation: 5 })).toMatchObject({ status: 'accepted' });
      expect(await nodes.beat(nodeId(1), { ...beat, incarnation: 4 })).toMatchObject({ status: 'stale_incarnation' });
    });

    test('a beat never touches eligibility, and brings back from suspect and offline', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      await nodes.relay([told(newNode(1), { eligibility: 'draining', eligibilityVersion: 3 })], self);
      for (const [silentMs, from] of [
        [suspectAfterMs, 'suspect'],
        [offlineAfterMs, 'offline'],
      ] as const) {
        // biome-ignore format: a table
        await nodes.beat(nodeId(1), beat);
        await subject.advance(silentMs);
        await nodes.sweep(lanTiming, self);
        const { status, ...rest } = await nodes.beat(nodeId(1), beat);
        expect({ status, ...rest }).toMatchObject({ status: 'accepted', change: { from, to: 'online' } });
        expect(await requireEntry(nodes, 1)).toMatchObject({ eligibility: 'draining', eligibilityVersion: 3 });
      }
    });

    test('the ring keeps the newest snapshots of each node and no more', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      await nodes.admit(newNode(2));
      await nodes.beat(nodeId(2), beat);
      for (let n = 1; n <= SNAPSHOTS_KEPT + 3; n += 1)
        await nodes.beat(nodeId(1), { ...beat, metrics: { ...metrics, uptimeMs: n } });
      const kept = (await nodes.listSnapshots(nodeId(1), SNAPSHOTS_KEPT * 2)).map((each) => each.metrics.uptimeMs);
      expect(kept).toEqual(Array.from({ length: SNAPSHOTS_KEPT }, (_, n) => SNAPSHOTS_KEPT + 3 - n));
      expect(await nodes.listSnapshots(nodeId(2), 10)).toHaveLength(1);
    });

    test('beats at once of one node are all kept', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      const outcomes = await Promise.all(Array.from({ length: 30 }, () => nodes.beat(nodeId(1), beat)));
      expect(outcomes.filter((outcome) => outcome.status === 'accepted' && outcome.change)).toHaveLength(1);
      expect(await nodes.listSnapshots(nodeId(1), 100)).toHaveLength(30);
    });

    test('a goodbye makes a node offline at once, if it speaks of the life that is known', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1, { incarnation: 2 }));
      expect(await nodes.leave(nodeId(1), 1)).toBeUndefined();
      expect(await nodes.leave(nodeId(1), 3)).toBeUndefined();
      expect(await nodes.leave(nodeId(2), 1)).toBeUndefined();
      const change = { id: nodeId(1), from: 'joining', to: 'offline', incarnation: 2 };
      expect(await nodes.leave(nodeId(1), 2)).toEqual(change);
      expect(await nodes.leave(nodeId(1), 2)).toBeUndefined();
      expect((await requireEntry(nodes, 1)).liveness).toBe('offline');
    });

    test('silence becomes suspicion and then absence, for everyone but ourselves, and is told once', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit({ ...newNode(1), id: self });
      await nodes.beat(self, beat);
      await nodes.admit(newNode(1));
      await nodes.beat(nodeId(1), beat);
      await nodes.admit(newNode(2)); // never beats
      await nodes.relay([told(newNode(3))], self); // hearsay
      expect(await nodes.sweep(lanTiming, self)).toEqual([]);
      await subject.advance(suspectAfterMs);
      const change = { id: nodeId(1), incarnation: 1 };
      expect(await nodes.sweep(lanTiming, self)).toEqual([{ ...change, from: 'online', to: 'suspect' }]);
      expect(await nodes.sweep(lanTiming, self)).toEqual([]);
      await subject.advance(offlineAfterMs - suspectAfterMs);
      expect(await nodes.sweep(lanTiming, self)).toEqual([{ ...change, from: 'suspect', to: 'offline' }]);
      await subject.advance(joiningAfterMs);
      expect(await nodes.sweep(lanTiming, self)).toMatchObject([{ id: nodeId(2), from: 'joining', to: 'offline' }]);
      await subject.advance(joiningAfterMs);
      expect(await nodes.sweep(lanTiming, self)).toEqual([]);
      expect((await requireEntry(nodes, 3)).liveness).toBe('online');
      expect((await nodes.find(self))?.liveness).toBe('online');
    });

    test('a sweep judges as the rule does, whatever was before and however long the silence', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      // Far apart, so that a real clock's own drift crosses no edge.
      const timing = { ...livenessTiming(4_000_000, 1), joiningAfterMs: 20_000_000 };
      const silence = fc.constantFrom(0, 3_000_000, 9_000_000, 17_000_000, 30_000_000);
      const before: Liveness[] = ['joining', 'online', 'suspect', 'offline'];
      let n = 0;
      const check = async (liveness: Liveness, silentMs: number) => {
        n += 1;
        const node = newNode(n);
        await nodes.admit(node);
        if (liveness !== 'joining') await nodes.beat(node.id, beat);
        if (liveness === 'suspect') await subject.advance(7_000_000);
        if (liveness === 'suspect') await nodes.sweep(timing, self);
        if (liveness === 'offline') await nodes.leave(node.id, 1);
        const { lastBeatAt } = await requireEntry(nodes, n);
        expect((await requireEntry(nodes, n)).liveness).toBe(liveness);
        await subject.advance(silentMs);
        const silent = silentMs + (liveness === 'suspect' ? 7_000_000 : 0);
        const to = livenessAfter(liveness, silent, timing);
        const changes = await nodes.sweep(timing, self);
        const mine = changes.filter((change) => change.id === node.id);
        expect(mine).toEqual(to === liveness ? [] : [{ id: node.id, from: liveness, to, incarnation: 1 }]);
        expect(await requireEntry(nodes, n)).toMatchObject({ liveness: to, lastBeatAt });
      };
      await fc.assert(fc.asyncProperty(fc.constantFrom(...before), silence, check), { numRuns: 25 });
    });

    test('of sweeps at once one tells each change', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      for (let n = 0; n < 10; n += 1) {
        await nodes.admit(newNode(n));
        await nodes.beat(nodeId(n), beat);
      }
      await subject.advance(offlineAfterMs);
      const changes = (await Promise.all(Array.from({ length: 8 }, () => nodes.sweep(lanTiming, self)))).flat();
      expect(changes.map(({ id }) => id).toSorted()).toEqual(Array.from({ length: 10 }, (_, n) => nodeId(n)));
    });

    test('what a seed tells of a stranger is taken over as hearsay, and its verdict with it', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const node = told(
        { ...newNode(1), tier: 'sudo', group: 'blue' },
        { eligibility: 'draining', eligibilityVersion: 2 },
      );
      expect(await nodes.relay([node], self)).toEqual([
        { id: nodeId(1), from: 'unverified', to: 'online', incarnation: 1 },
      ]);
      const entry = await requireEntry(nodes, 1);
      expect(entry).toMatchObject({ ...node, observed: false, lastBeatAt: null, metrics: null });
      expect(await nodes.relay([node], self)).toEqual([]);
      expect(await requireEntry(nodes, 1)).toEqual(entry);
      expect(await nodes.relay([{ ...node, liveness: 'suspect' }], self)).toEqual([
        { id: nodeId(1), from: 'online', to: 'suspect', incarnation: 1 },
      ]);
      expect(await nodes.relay([], self)).toEqual([]);
    });

    test('one message may tell of a node twice', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const twice = [told(newNode(1)), told(newNode(1, { incarnation: 2 }), { liveness: 'suspect' })];
      expect(await nodes.relay(twice, self)).toHaveLength(2);
      expect(await requireEntry(nodes, 1)).toMatchObject({ liveness: 'suspect', record: { incarnation: 2 } });
    });

    test('of a node that beats here a seed tells its newer record and its eligibility, never its liveness', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      await nodes.beat(nodeId(1), beat);
      const verdict = told(newNode(1, { incarnation: 2 }), { liveness: 'offline', tier: 'root' });
      expect(await nodes.relay([verdict], self)).toEqual([]);
      const entry = await requireEntry(nodes, 1);
      expect(entry).toMatchObject({ liveness: 'online', tier: 'unprivileged', observed: true });
      expect(entry).toMatchObject({ record: verdict.record, signedRecord: verdict.signedRecord });
      await nodes.relay([told(newNode(1))], self);
      expect(await requireEntry(nodes, 1)).toEqual(entry);
    });

    test('a verdict on an earlier life says nothing of this one', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.relay([told(newNode(1, { incarnation: 2 }))], self);
      expect(await nodes.relay([told(newNode(1), { liveness: 'offline' })], self)).toEqual([]);
      expect((await requireEntry(nodes, 1)).liveness).toBe('online');
    });

    test('eligibility goes by its version, and of two at once the stricter one holds', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const steps: [Eligibility, number, Eligibility, number][] = [
        ['eligible', 2, 'eligible', 2],
        ['draining', 2, 'draining', 2],
        ['eligible', 1, 'draining', 2],
        ['eligible', 2, 'draining', 2],
        ['sealed', 2, 'sealed', 2],
        ['eligible', 2, 'sealed', 2],
        ['drained', 3, 'drained', 3],
        ['sealed', 2, 'drained', 3],
      ];
      await nodes.admit(newNode(1));
      await nodes.relay([told(newNode(2))], self);
      for (const [eligibility, eligibilityVersion, ...expected] of steps) {
        const facts = { eligibility, eligibilityVersion };
        await nodes.relay([told(newNode(1), facts), told(newNode(2), facts)], self);
        for (const n of [1, 2]) {
          const entry = await requireEntry(nodes, n);
          expect([entry.eligibility, entry.eligibilityVersion]).toEqual(expected);
        }
      }
    });

    test('a decision moves eligibility as the table says, notes who decided, and spreads where it changes', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      let n = 0;
      for (const from of Eligibility.options)
        for (const action of actions) {
          const pair = `${from}, ${action}`;
          const { id } = (await nodes.admit(newNode(++n))).entry;
          await nodes.beat(id, beat);
          await nodes.hearEligibility(id, { eligibility: from, version: 3 });
          const before = await requireEntry(nodes, n);
          expect(before, pair).toMatchObject({ eligibility: from, eligibilityVersion: 3, eligibilityNote: null });
          const { cursor } = await nodes.changesSince(undefined);
          const note = newNote({ reason: action, deadlineAt: '2026-01-02T03:14:05.678Z', force: true });
          const decided = await nodes.decide(id, { action, note });
          const to = eligibilityAfter(from, action);
          const after = await requireEntry(nodes, n);
          expect(decided?.entry, pair).toEqual(after);
          const status = to === undefined ? 'refused' : to === from ? 'unchanged' : 'changed';
          expect(decided, pair).toMatchObject({ status, from });
          if (status === 'refused') expect(after, pair).toEqual(before);
          else if (status === 'unchanged') expect(after, pair).toEqual({ ...before, eligibilityNote: note });
          else {
            const { revision } = after;
            const eligibilityVersion = to === 'sealed' ? 65_536 : 4; // a seal opens an era
            const changes = { eligibility: to, eligibilityVersion, eligibilityNote: note, revision };
            expect(after, pair).toEqual({ ...before, ...changes });
          }
          const { entries } = await nodes.changesSince(cursor);
          expect(entries, pair).toEqual(status === 'changed' ? [after] : []);
        }
      expect(await nodes.decide(nodeId(800), { action: 'drain', note: newNote() })).toBeUndefined();
    });

    test('a decision that its node does not hear counts above all that the node says by itself, also where it is the same', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      await nodes.hearEligibility(nodeId(1), { eligibility: 'draining', version: 7 });
      const { cursor } = await nodes.changesSince(undefined);
      const note = newNote();
      const drained = await nodes.decide(nodeId(1), { action: 'drain', note, elsewhere: true });
      expect(drained).toMatchObject({ status: 'changed', from: 'draining', entry: { eligibilityVersion: 11 } });
      expect((await nodes.changesSince(cursor)).entries).toEqual([await requireEntry(nodes, 1)]);
      for (const [eligibility, version] of [
        ['drained', 8],
        ['eligible', 9],
      ] as const)
        expect(await nodes.hearEligibility(nodeId(1), { eligibility, version })).toEqual(drained?.entry);
      await nodes.decide(nodeId(1), { action: 'seal', note, elsewhere: true });
      const sealed = await nodes.decide(nodeId(1), { action: 'seal', note, elsewhere: true });
      expect(sealed).toMatchObject({ status: 'unchanged', entry: { eligibilityVersion: 65_536 } });
    });

    test('of decisions at once each is taken on what the one before left', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      const decide = (action: EligibilityAction) => nodes.decide(nodeId(1), { action, note: newNote() });
      const drains = await Promise.all(Array.from({ length: 10 }, () => decide('drain')));
      expect(drains.map((each) => each?.status).toSorted()).toEqual(['changed', ...Array(9).fill('unchanged')]);
      expect(await requireEntry(nodes, 1)).toMatchObject({ eligibility: 'draining', eligibilityVersion: 1 });
      const [, , sealed] = await Promise.all([
        decide('mark_drained'),
        decide('undrain'),
        decide('seal'),
        decide('drain'),
      ]);
      expect(sealed).toMatchObject({ status: 'changed', entry: { eligibility: 'sealed' } });
      expect((await requireEntry(nodes, 1)).eligibility).toBe('sealed');
    });

    test('a decision and a beat at once both stay', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      await nodes.beat(nodeId(1), beat);
      for (let round = 1; round <= 10; round += 1) {
        const action = round % 2 ? 'drain' : 'undrain';
        await Promise.all([
          nodes.beat(nodeId(1), { ...beat, metrics: { ...metrics, uptimeMs: round } }),
          nodes.decide(nodeId(1), { action, note: newNote() }),
        ]);
        const eligibility = round % 2 ? 'draining' : 'eligible';
        const expected = { eligibility, eligibilityVersion: round, metrics: { uptimeMs: round } };
        expect(await requireEntry(nodes, 1)).toMatchObject(expected);
      }
    });

    test('what is heard of eligibility goes by its version, and a note stays only with what it explains', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      const note = newNote();
      await nodes.decide(nodeId(1), { action: 'drain', note });
      const steps: [Eligibility, number, Eligibility, number, typeof note | null][] = [
        ['eligible', 0, 'draining', 1, note],
        ['eligible', 1, 'draining', 1, note],
        ['draining', 2, 'draining', 2, note],
        ['drained', 3, 'drained', 3, null],
        ['sealed', 2, 'drained', 3, null],
        ['sealed', 3, 'sealed', 3, null],
        ['eligible', 3, 'sealed', 3, null],
        ['eligible', 4, 'eligible', 4, null],
      ];
      for (const [eligibility, version, ...expected] of steps) {
        const before = await requireEntry(nodes, 1);
        const heard = await nodes.hearEligibility(nodeId(1), { eligibility, version });
        const entry = await requireEntry(nodes, 1);
        expect(heard).toEqual(entry);
        expect([entry.eligibility, entry.eligibilityVersion, entry.eligibilityNote]).toEqual(expected);
        expect(entry.revision > before.revision).toBe(entry.eligibilityVersion > before.eligibilityVersion || entry.eligibility !== before.eligibility); // biome-ignore format: one question
      }
      expect(await nodes.hearEligibility(nodeId(2), { eligibility: 'sealed', version: 1 })).toBeUndefined();
    });

    test('the note of a decision stays here: what a seed tells over it has none', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      const note = newNote({ reason: null, actor: self });
      await nodes.decide(nodeId(1), { action: 'drain', note });
      await nodes.relay([told(newNode(1), { eligibility: 'draining', eligibilityVersion: 2 })], self);
      expect(await requireEntry(nodes, 1)).toMatchObject({ eligibilityVersion: 2, eligibilityNote: note });
      // But that the drain of its end: once others have decided the same it does not go with that life.
      await nodes.admit(newNode(2));
      await nodes.decide(nodeId(2), { action: 'drain', note: newNote({ origin: 'shutdown' }) });
      await nodes.hearEligibility(nodeId(2), { eligibility: 'draining', version: 4 });
      expect(await requireEntry(nodes, 2)).toMatchObject({ eligibility: 'draining', eligibilityNote: null });
      await nodes.relay([told(newNode(1), { eligibility: 'eligible', eligibilityVersion: 1 })], self);
      expect(await requireEntry(nodes, 1)).toMatchObject({ eligibility: 'draining', eligibilityNote: note });
      await nodes.relay([told(newNode(1), { eligibility: 'sealed', eligibilityVersion: 2 })], self);
      expect(await requireEntry(nodes, 1)).toMatchObject({ eligibility: 'sealed', eligibilityNote: null });
    });

    test('an operator changes what was granted, and only a change spreads', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const { entry } = await nodes.admit({ ...newNode(1), group: 'blue' });
      const steps = [
        [{ tier: 'sudo' }, 'sudo', 'blue', true],
        [{ group: 'red' }, 'sudo', 'red', true],
        [{ tier: 'sudo', group: 'red' }, 'sudo', 'red', false],
        [{}, 'sudo', 'red', false],
        [{ tier: 'unprivileged', group: null }, 'unprivileged', null, true],
      ] as const;
      for (const [change, tier, group, spreads] of steps) {
        const before = await requireEntry(nodes, 1);
        const edited = await nodes.edit(entry.id, change);
        expect(edited).toEqual(await requireEntry(nodes, 1));
        expect(edited).toEqual({ ...entry, tier, group, revision: edited?.revision });
        expect((edited?.revision ?? 0) > before.revision).toBe(spreads);
      }
      expect(await nodes.edit(nodeId(2), { tier: 'root' })).toBeUndefined();
    });

    test('a node that is taken out leaves a tombstone that spreads, and what it did stays', async () => {
      await using subject = await createSubject();
      const { nodes, outbox, inbox } = subject.stores;
      const { id } = (await nodes.admit(newNode(1))).entry;
      await nodes.beat(id, beat);
      const sent = await outbox.insert(newDirective({ sourceNodeId: self, targetNodeId: id }));
      const { row: came } = await inbox.admit(newArrival({ sourceNodeId: id, targetNodeId: self }));
      const { cursor } = await nodes.changesSince(undefined);
      const removed = await nodes.remove(id);
      expect(removed).toMatchObject({ id, removed: true });
      expect((await nodes.changesSince(cursor)).entries).toEqual([removed]);
      expect(await nodes.find(id)).toEqual(removed);
      expect(await nodes.list()).toEqual([]);
      expect(await nodes.beat(id, beat)).toEqual({ status: 'not_joined' });
      expect(await nodes.listSnapshots(id, 10)).toHaveLength(1);
      expect(await outbox.find(self, sent.id)).toEqual(sent);
      expect(await inbox.find(came)).toEqual(came);
      // There is nobody any more to decide about.
      expect(await nodes.remove(id)).toBeUndefined();
      expect(await nodes.remove(nodeId(2))).toBeUndefined();
      expect(await nodes.edit(id, { tier: 'root' })).toBeUndefined();
      expect(await nodes.decide(id, { action: 'seal', note: newNote() })).toBeUndefined();
      expect(await nodes.hearEligibility(id, { eligibility: 'sealed', version: 9 })).toBeUndefined();
      expect(await nodes.find(id)).toEqual(removed);
    });

    test('a sealed node that brings new trust is let in anew, with its rights, and nobody else is touched by it', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit({ ...newNode(1, { incarnation: 2 }), tier: 'root', group: 'blue' });
      await nodes.beat(nodeId(1), { ...beat, incarnation: 2 });
      await nodes.decide(nodeId(1), { action: 'seal', note: newNote() });
      const sealed = await requireEntry(nodes, 1);
      const life = { ...newNode(1, { incarnation: 3 }), tier: 'sudo', group: 'red' } as const;
      expect(await nodes.admit(life)).toEqual({ status: 'sealed', entry: sealed });
      const old = await nodes.admit(newNode(1, { incarnation: 1 }), { newTrust: true });
      expect(old).toEqual({ status: 'stale', entry: sealed });
      const { status, entry } = await nodes.admit(life, { newTrust: true });
      expect(status).toBe('admitted');
      const eligibilityVersion = sealed.eligibilityVersion + 1;
      expect(entry).toMatchObject({ ...life, liveness: 'joining', eligibility: 'eligible', eligibilityVersion });
      expect(entry).toMatchObject({ eligibilityNote: null, removed: false });
      expect(entry.revision).toBeGreaterThan(sealed.revision);
      // The seal that others still tell is of an earlier version.
      await nodes.relay([told(life, { eligibility: 'sealed', eligibilityVersion: 65_536 })], self);
      expect((await requireEntry(nodes, 1)).eligibility).toBe('eligible');
      // What is not out keeps the rights that it has.
      await nodes.decide(nodeId(1), { action: 'drain', note: newNote() });
      const known = await nodes.admit({ ...life, tier: 'unprivileged', group: null }, { newTrust: true });
      expect(known).toMatchObject({ status: 'unchanged', entry: { tier: 'sudo', group: 'red' } });
      expect(known.entry).toMatchObject({ eligibility: 'draining', eligibilityNote: newNote() });
      expect(known.entry.eligibilityVersion).toBe(eligibilityVersion + 1);
    });

    test('a teller does not lift its own seal: others do', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      await nodes.decide(nodeId(1), { action: 'seal', note: newNote() });
      const open = told(newNode(1), { eligibility: 'eligible', eligibilityVersion: 65_537 });
      await nodes.relay([open], self, nodeId(1));
      expect(await requireEntry(nodes, 1)).toMatchObject({ eligibility: 'sealed', eligibilityVersion: 65_536 });
      await nodes.relay([open], self, nodeId(2));
      expect(await requireEntry(nodes, 1)).toMatchObject({ eligibility: 'eligible', eligibilityVersion: 65_537 });
    });

    test('a removed node comes back with new rights; its own drain stands, and its seal asks for new trust', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      for (const [n, action, eligibility, eligibilityVersion] of [
        [1, 'undrain', 'eligible', 0],
        [2, 'drain', 'draining', 1],
        [3, 'seal', 'eligible', 65_537],
      ] as const) {
        await nodes.admit(newNode(n));
        await nodes.decide(nodeId(n), { action, note: newNote() });
        const removed = await nodes.remove(nodeId(n));
        const life = { ...newNode(n, { incarnation: 2 }), tier: 'sudo', group: 'red' } as const;
        if (action === 'seal') expect(await nodes.admit(life)).toEqual({ status: 'sealed', entry: removed });
        const { status, entry } = await nodes.admit(life, { newTrust: true });
        expect(status).toBe('admitted');
        expect(entry).toMatchObject({
          ...life,
          removed: false,
          eligibility,
          eligibilityVersion,
          eligibilityNote: null,
        });
      }
    });

    test('of ourselves a seed may tell what people decided, and nothing else', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const me = { ...newNode(1), id: self };
      const rumour = told({ ...newNode(1, { incarnation: 9 }), id: self }, { liveness: 'offline', removed: true });
      expect(await nodes.relay([rumour], self)).toEqual([]);
      expect(await nodes.find(self)).toBeUndefined();
      await nodes.admit(me);
      const drained = { ...rumour, eligibility: 'drained', eligibilityVersion: 1 } as const;
      expect(await nodes.relay([drained], self)).toEqual([]);
      expect(await nodes.find(self)).toMatchObject({
        ...me,
        liveness: 'joining',
        removed: false,
        eligibility: 'drained',
      });
    });

    test('a removed node is a tombstone that an old word does not raise, and a new admission does', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.relay([told(newNode(1))], self);
      await nodes.relay([told(newNode(1), { removed: true })], self);
      expect(await requireEntry(nodes, 1)).toMatchObject({ removed: true });
      await nodes.relay([told(newNode(1))], self);
      expect(await requireEntry(nodes, 1)).toMatchObject({ removed: true });
      expect(await nodes.beat(nodeId(1), beat)).toEqual({ status: 'not_joined' });
      expect(await nodes.list()).toEqual([]);
      expect(await nodes.count()).toBe(0);
      const admitted = await nodes.admit({ ...newNode(1, { incarnation: 2 }), tier: 'sudo' });
      expect(admitted).toMatchObject({ status: 'admitted', entry: { removed: false, tier: 'sudo', observed: true } });
      await nodes.relay([told(newNode(1), { removed: true })], self); // of its earlier life
      expect(await requireEntry(nodes, 1)).toMatchObject({ removed: false });
      await nodes.relay([told(newNode(2), { removed: true })], self);
      const life = told({ ...newNode(2, { incarnation: 2 }), tier: 'root' });
      await nodes.relay([life], self);
      expect(await requireEntry(nodes, 2)).toMatchObject({ removed: false, tier: 'root' });
    });

    test('with no seed in reach hearsay becomes unverified, never offline, until a seed tells again', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      await nodes.admit(newNode(1));
      await nodes.relay(
        [told(newNode(2)), told(newNode(3), { liveness: 'offline' }), told({ ...newNode(4), id: self })],
        self,
      );
      const change = { id: nodeId(2), incarnation: 1 };
      expect(await nodes.loseSight(self)).toEqual([{ ...change, from: 'online', to: 'unverified' }]);
      expect(await nodes.loseSight(self)).toEqual([]);
      expect((await nodes.list()).map(({ liveness }) => liveness)).toEqual(['joining', 'unverified', 'offline']);
      expect(await nodes.relay([told(newNode(2))], self)).toEqual([{ ...change, from: 'unverified', to: 'online' }]);
    });

    test('a reader without a cursor, or with one of another database, gets the whole; else what changed', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const databaseId = await nodes.databaseId();
      expect(await nodes.changesSince(undefined)).toEqual({
        cursor: { databaseId, revision: 0 },
        complete: true,
        entries: [],
      });
      await nodes.admit(newNode(1));
      await nodes.admit(newNode(2));
      const whole = await nodes.changesSince(undefined);
      expect(whole).toMatchObject({ complete: true });
      expect(whole.entries).toEqual([await requireEntry(nodes, 1), await requireEntry(nodes, 2)]);
      const { cursor } = whole;
      expect(await nodes.changesSince(cursor)).toEqual({ cursor, complete: false, entries: [] });
      await nodes.beat(nodeId(1), beat);
      await nodes.beat(nodeId(1), beat);
      const changed = await nodes.changesSince(cursor);
      expect(changed).toMatchObject({ complete: false, entries: [{ id: nodeId(1), liveness: 'online' }] });
      expect(changed.cursor.revision).toBeGreaterThan(cursor.revision);
      expect(await nodes.changesSince({ ...cursor, databaseId: newDatabaseId() })).toMatchObject({ complete: true });
      const ahead = { databaseId, revision: cursor.revision + 1_000 }; // told by a database that was restored since
      const again = await nodes.changesSince(ahead);
      expect(again.complete).toBe(true);
      expect(again.entries).toHaveLength(2);
    });

    test('a large registry comes in pages, each entry once, tombstones too', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const many = Array.from({ length: CHANGES_LIMIT + 120 }, (_, n) => told(newNode(n), { removed: n % 50 === 0 }));
      await nodes.relay(many, self);
      const first = await nodes.changesSince(undefined);
      expect(first.entries).toHaveLength(CHANGES_LIMIT);
      expect(first.complete).toBe(true);
      const second = await nodes.changesSince(first.cursor);
      expect(second.complete).toBe(false);
      const ids = [...first.entries, ...second.entries].map(({ id }) => id);
      expect(ids).toHaveLength(many.length);
      expect(new Set(ids).size).toBe(many.length);
      expect((await nodes.changesSince(second.cursor)).entries).toEqual([]);
    });

    test('a reader skips no change, however many write while it reads', async () => {
      await using subject = await createSubject();
      const { nodes } = subject.stores;
      const known = new Map<NodeId, NodeEntry>();
      let cursor: RegistryCursor | undefined;
      const read = async () => {
        const changes = await readAll(nodes, cursor);
        cursor = changes.cursor;
        for (const entry of changes.entries) known.set(entry.id, entry);
      };
      const live = async (n: number) => {
        await nodes.admit(newNode(n));
        await nodes.beat(nodeId(n), beat);
        await nodes.relay([told(newNode(100 + n)), told(newNode(200 + (n % 3), { recordVersion: n + 1 }))], self);
        await nodes.relay([told(newNode(n), { eligibility: 'draining', eligibilityVersion: 1 })], self);
        await nodes.leave(nodeId(n), 1);
      };
      let writing = true;
      const writers = Promise.all(Array.from({ length: 12 }, (_, n) => live(n))).finally(() => {
        writing = false;
      });
      while (writing) {
        await read();
        await new Promise((resolve) => setImmediate(resolve)); // an in-memory reader never lets the writers on otherwise
      }
      await writers;
      await read();
      for (const entry of await nodes.list()) expect(known.get(entry.id)).toEqual(entry);
      expect(known.size).toBe(27);
      const revisions = [...known.values()].map(({ revision }) => revision);
      expect(new Set(revisions).size).toBe(revisions.length);
    });
  });
}

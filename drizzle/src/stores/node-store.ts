/**
 * The registry on PostgreSQL. A beat of a node that is online is one statement; whatever changes a revision goes through
 * the registry's lock, reads what it decides on, asks the rules, and writes.
 */
import type { DatabaseId, NodeId } from '@skein/contracts';
import {
  admitInto,
  beatInto,
  CHANGES_LIMIT,
  decideInto,
  type EntryWrite,
  editInto,
  hearInto,
  type NodeEntry,
  type NodeStore,
  relayInto,
  removeInto,
} from '@skein/swarm';
import { and, asc, desc, eq, gt, lte, not } from 'drizzle-orm';
import type { Database } from '../connect.ts';
import { databaseIdentity, nodes, swarmResourceSnapshots as snapshots } from '../schema/index.ts';
import { lockEntries } from '../statements/registry/lock-entries.ts';
import { lockRegistry } from '../statements/registry/lock-registry.ts';
import {
  moveLiveness,
  type Verdict,
  verdictOfLeave,
  verdictOfLostSight,
  verdictOfSilence,
  wouldMove,
} from '../statements/registry/move-liveness.ts';
import { nextRevisions } from '../statements/registry/next-revisions.ts';
import { openIncarnation } from '../statements/registry/open-incarnation.ts';
import { takeBeat } from '../statements/registry/take-beat.ts';
import { writeEntry } from '../statements/registry/write-entry.ts';
import type { Sql } from '../statements/statement.ts';
import { createDecoder } from './decode.ts';

const decode = createDecoder(nodes);

function toEntry({ name: _, incarnation: __, beatCount: ___, ...entry }: typeof nodes.$inferSelect): NodeEntry {
  return entry;
}

export function createPostgresNodeStore({ sql, orm }: Pick<Database, 'sql' | 'orm'>): NodeStore {
  async function identity(): Promise<{ id: DatabaseId; registryRevision: number }> {
    const [row] = await orm.select().from(databaseIdentity);
    if (!row) throw new Error('the database has lost its identity'); // its only row was made by the migration
    return row;
  }

  /** Runs `change` alone among all that change the registry, on entries that no beat can touch meanwhile. */
  function alone<T>(
    ids: readonly NodeId[],
    change: (known: Map<NodeId, NodeEntry>, now: number, tx: Sql) => Promise<T>,
  ): Promise<T> {
    // postgres.js types a transaction's result as unwrapped, which for what is returned here is the same.
    return sql.begin(async (tx) => {
      const { now } = await lockRegistry(tx);
      const entries = (await lockEntries(tx, ids)).map((raw) => toEntry(decode(raw)));
      return change(new Map(entries.map((entry) => [entry.id, entry])), now, tx);
    }) as Promise<T>;
  }

  /** Writes entries, each change with a revision of its own. */
  async function write(tx: Sql, writes: readonly EntryWrite[]): Promise<NodeEntry[]> {
    const revised = writes.filter((each) => each.revised).length;
    let revision = revised ? (await nextRevisions(tx, revised)) - revised : 0;
    const entries = writes.map((each) => {
      if (each.revised) revision += 1;
      return each.revised ? { ...each.entry, revision } : each.entry;
    });
    await Promise.all(entries.map((entry) => writeEntry(tx, entry))); // one connection: they travel together
    return entries;
  }

  /** Writes what a rule makes of a known node: the entry as it is then. */
  function change(id: NodeId, rule: (known: NodeEntry | undefined) => { write?: EntryWrite } | undefined) {
    return alone([id], async (entries, _now, tx) => {
      const known = entries.get(id);
      const changed = rule(known);
      if (!changed?.write) return changed && known;
      return (await write(tx, [changed.write]))[0];
    });
  }

  async function move(verdictOf: (sql: Sql) => Verdict) {
    const [probe] = await wouldMove(sql, verdictOf(sql));
    if (!probe?.exists) return [];
    const moved = await sql.begin(async (tx) => {
      await lockRegistry(tx);
      return moveLiveness(tx, verdictOf(tx));
    });
    return moved.map(({ id, from, to, incarnation }) => ({ id, from, to, incarnation }));
  }

  return {
    async databaseId() {
      return (await identity()).id;
    },

    async openIncarnation(id, atLeast = 0) {
      const [opened] = await openIncarnation(sql, id, atLeast);
      if (!opened) throw new Error('an upsert without a row'); // it always returns one
      return opened.incarnation;
    },

    async admit(node, options) {
      return alone([node.id], async (entries, now, tx) => {
        const known = entries.get(node.id);
        const { status, write: written } = admitInto(known, node, now, options);
        const [entry = known] = written ? await write(tx, [written]) : [];
        if (!entry) throw new Error('an admission without a write leaves a known entry'); // admitInto's own promise
        return { status, entry };
      });
    },

    async find(id) {
      const [row] = await orm.select().from(nodes).where(eq(nodes.id, id));
      return row && toEntry(row);
    },

    async list() {
      const rows = await orm.select().from(nodes).where(not(nodes.removed)).orderBy(asc(nodes.name), asc(nodes.id));
      return rows.map(toEntry);
    },

    async count() {
      return orm.$count(nodes, not(nodes.removed));
    },

    async beat(id, beat) {
      const [taken] = await takeBeat(sql, id, beat);
      if (taken) return { status: 'accepted', change: undefined };
      return alone([id], async (entries, now, tx) => {
        const { outcome, write: written } = beatInto(entries.get(id), beat, now);
        if (written) {
          await write(tx, [written]);
          await takeBeat(tx, id, beat); // online by now: its metrics and its snapshot, as for any other beat
        }
        return outcome;
      });
    },

    async leave(id, incarnation) {
      return (await move((on) => verdictOfLeave(on, id, incarnation)))[0];
    },

    async sweep(timing, self) {
      return move((on) => verdictOfSilence(on, timing, self));
    },

    async relay(told, self, teller) {
      if (told.length === 0) return [];
      const ids = told.map((entry) => entry.id);
      return alone(ids, async (entries, now, tx) => {
        const writes = new Map<NodeId, EntryWrite>();
        const changes = told.flatMap((entry) => {
          const { change, write: written } = relayInto(entries.get(entry.id), entry, { self, teller }, now);
          if (written) {
            writes.set(entry.id, written);
            entries.set(entry.id, written.entry); // one message may tell of a node twice
          }
          return change ? [change] : [];
        });
        await write(tx, [...writes.values()]);
        return changes;
      });
    },

    async loseSight(self) {
      return move((on) => verdictOfLostSight(on, self));
    },

    async changesSince(cursor) {
      const { id: databaseId, registryRevision: head } = await identity();
      const complete = cursor?.databaseId !== databaseId || cursor.revision > head;
      const after = complete ? 0 : cursor.revision;
      if (after === head) return { cursor: { databaseId, revision: head }, complete, entries: [] };
      // Up to the head that was read first: what is revised in between belongs to the next call.
      const rows = await orm
        .select()
        .from(nodes)
        .where(and(gt(nodes.revision, after), lte(nodes.revision, head)))
        .orderBy(asc(nodes.revision))
        .limit(CHANGES_LIMIT + 1);
      const entries = rows.slice(0, CHANGES_LIMIT).map(toEntry);
      const reached = rows.length > entries.length ? (entries.at(-1)?.revision ?? after) : head;
      return { cursor: { databaseId, revision: reached }, complete, entries };
    },

    async decide(id, decision) {
      return alone([id], async (entries, _now, tx) => {
        const known = entries.get(id);
        const decided = decideInto(known, decision);
        if (!known || !decided) return undefined;
        const { status, from, write: written } = decided;
        const [entry = known] = written ? await write(tx, [written]) : [];
        return { status, from, entry };
      });
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

    async listSnapshots(id, limit) {
      const rows = await orm
        .select({ nodeId: snapshots.nodeId, takenAt: snapshots.takenAt, metrics: snapshots.metrics })
        .from(snapshots)
        .where(eq(snapshots.nodeId, id))
        .orderBy(desc(snapshots.beat))
        .limit(limit);
      return rows.map((row) => ({ ...row, takenAt: new Date(row.takenAt).toISOString() }));
    },
  };
}

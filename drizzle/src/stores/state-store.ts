/** Shared state on PostgreSQL: what changes a namespace goes through its lock, what reads waits for nobody. */
import type { NodeId, StateEntry } from '@skein/contracts';
import type { StateStore } from '@skein/swarm';
import { and, asc, eq, gt, inArray, not, type SQL, sql as text } from 'drizzle-orm';
import type { Database } from '../connect.ts';
import { sharedState as state } from '../schema/index.ts';
import { purgeTombstones } from '../statements/state/purge.ts';
import type { Sql } from '../statements/statement.ts';
import { mergeEntries, toStateView, writeEntry } from './state-entries.ts';

export function createPostgresStateStore({ sql, orm }: Pick<Database, 'sql' | 'orm'>): StateStore {
  const isIn = (nodeId: NodeId, namespace: string, ...more: (SQL | undefined)[]) =>
    and(eq(state.nodeId, nodeId), eq(state.namespace, namespace), ...more);

  // postgres.js types a transaction's result as unwrapped, which for what is returned here is the same.
  const inTransaction = <T>(work: (tx: Sql) => Promise<T>) => sql.begin(work) as Promise<T>;

  return {
    async merge(nodeId, namespace, entries) {
      return inTransaction((tx) => mergeEntries(tx, nodeId, namespace, entries));
    },

    async write(nodeId, namespace, key, value) {
      return inTransaction((tx) => writeEntry(tx, nodeId, namespace, { key, value }));
    },

    async find(nodeId, namespace, key) {
      const [row] = await orm
        .select()
        .from(state)
        .where(isIn(nodeId, namespace, eq(state.key, key)));
      return row && toStateView(row);
    },

    async findMany(nodeId, namespace, keys) {
      if (keys.length === 0) return [];
      const rows = await orm
        .select()
        .from(state)
        .where(isIn(nodeId, namespace, inArray(state.key, [...keys])));
      return rows.map(toStateView);
    },

    async list(nodeId, namespace) {
      const rows = await orm
        .select()
        .from(state)
        .where(isIn(nodeId, namespace, not(state.deleted)))
        .orderBy(asc(state.key));
      return rows.map(toStateView);
    },

    async changesSince(nodeId, namespace, since, limit) {
      const rows = await orm
        .select()
        .from(state)
        .where(isIn(nodeId, namespace, gt(state.revision, since)))
        .orderBy(asc(state.revision))
        .limit(limit + 1);
      const told = rows.slice(0, limit);
      return { entries: told.map(toEntry), cursor: told.at(-1)?.revision ?? since, more: rows.length > told.length };
    },

    async size(nodeId, namespace) {
      const [[live], tombstones] = await Promise.all([
        orm
          .select({
            entries: text<number>`count(*)::int`,
            bytes: text<number>`coalesce(sum(${state.bytes}), 0)::double precision`,
          })
          .from(state)
          .where(isIn(nodeId, namespace, not(state.deleted))),
        orm.$count(state, isIn(nodeId, namespace, text`${state.deleted}`)),
      ]);
      return { entries: 0, bytes: 0, ...live, tombstones };
    },

    async purge(nodeId) {
      const [gone] = await purgeTombstones(sql, nodeId);
      return gone?.count ?? 0;
    },
  };
}

function toEntry({ key, value, deleted, counter, writer: nodeId }: typeof state.$inferSelect): StateEntry {
  const version = { counter, nodeId };
  return deleted ? { key, deleted, version } : { key, value: value ?? null, version };
}

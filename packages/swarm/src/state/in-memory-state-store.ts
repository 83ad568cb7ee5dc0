/** Shared state in memory, for tests, simulations and throw-away nodes. */
import type { NodeId, StateEntry, StateEntryView } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import { entryBytes } from './entry-bytes.ts';
import { isLaterEntry, latestOfEach, nextVersion } from './state-rules.ts';
import { KEEP_TOMBSTONES_MS, type MergeOutcome, type StateStore } from './state-store.ts';

interface Row {
  entry: StateEntry;
  revision: number;
  updatedAt: number;
}

interface Copy {
  revision: number;
  rows: Map<string, Row>;
}

export interface InMemoryStateStore extends StateStore {
  /** Merges at once, for whoever stores something else in the same step. */
  mergeNow(nodeId: NodeId, namespace: string, entries: readonly StateEntry[]): MergeOutcome;
}

export function createInMemoryStateStore({ clock }: { clock: Pick<Clock, 'now'> }): InMemoryStateStore {
  const copies = new Map<string, Copy>();

  function copyOf(nodeId: NodeId, namespace: string): Copy {
    const key = `${nodeId} ${namespace}`;
    const copy = copies.get(key) ?? { revision: 0, rows: new Map() };
    copies.set(key, copy);
    return copy;
  }

  function put(copy: Copy, entry: StateEntry): Row {
    copy.revision += 1;
    const row = { entry, revision: copy.revision, updatedAt: clock.now() };
    copy.rows.set(entry.key, row);
    return row;
  }

  function mergeNow(nodeId: NodeId, namespace: string, entries: readonly StateEntry[]): MergeOutcome {
    const copy = copyOf(nodeId, namespace);
    const news = latestOfEach(entries).filter((entry) => {
      const known = copy.rows.get(entry.key);
      return isLaterEntry(entry, known && viewOf(namespace, known));
    });
    for (const entry of news) put(copy, entry);
    return { merged: news.map(({ key }) => key), revision: copy.revision };
  }

  return {
    mergeNow,

    async merge(nodeId, namespace, entries) {
      return mergeNow(nodeId, namespace, entries);
    },

    async write(nodeId, namespace, key, value) {
      const copy = copyOf(nodeId, namespace);
      const known = copy.rows.get(key);
      const version = nextVersion(known && viewOf(namespace, known), nodeId);
      const entry: StateEntry = value === undefined ? { key, deleted: true, version } : { key, value, version };
      return viewOf(namespace, put(copy, entry));
    },

    async find(nodeId, namespace, key) {
      const row = copyOf(nodeId, namespace).rows.get(key);
      return row && viewOf(namespace, row);
    },

    async findMany(nodeId, namespace, keys) {
      const { rows } = copyOf(nodeId, namespace);
      return [...new Set(keys)].flatMap((key) => {
        const row = rows.get(key);
        return row ? [viewOf(namespace, row)] : [];
      });
    },

    async list(nodeId, namespace) {
      return [...copyOf(nodeId, namespace).rows.values()]
        .map((row) => viewOf(namespace, row))
        .filter(({ deleted }) => !deleted)
        .sort((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key))); // as a database's "C" does
    },

    async changesSince(nodeId, namespace, since, limit) {
      const changed = [...copyOf(nodeId, namespace).rows.values()]
        .filter((row) => row.revision > since)
        .sort((a, b) => a.revision - b.revision);
      const told = changed.slice(0, limit);
      const cursor = told.at(-1)?.revision ?? since;
      return { entries: told.map(({ entry }) => entry), cursor, more: changed.length > told.length };
    },

    async size(nodeId, namespace) {
      const { rows } = copyOf(nodeId, namespace);
      const live = [...rows.values()].flatMap(({ entry }) =>
        'deleted' in entry ? [] : [entryBytes(entry.key, entry.value)],
      );
      const bytes = live.reduce((sum, each) => sum + each, 0);
      return { entries: live.length, bytes, tombstones: rows.size - live.length };
    },

    async purge(nodeId) {
      let gone = 0;
      for (const [key, { rows }] of copies) {
        if (!key.startsWith(`${nodeId} `)) continue;
        for (const [name, { entry, updatedAt }] of rows)
          if ('deleted' in entry && updatedAt + KEEP_TOMBSTONES_MS <= clock.now()) {
            rows.delete(name);
            gone += 1;
          }
      }
      return gone;
    },
  };
}

function viewOf(namespace: string, { entry, updatedAt }: Row): StateEntryView {
  const { key, version } = entry;
  const held = { namespace, key, version, updatedAt: new Date(updatedAt).toISOString() };
  return 'deleted' in entry ? { ...held, deleted: true } : { ...held, value: entry.value, deleted: false };
}

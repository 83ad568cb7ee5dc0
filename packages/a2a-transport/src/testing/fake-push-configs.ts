import type { PushConfigKey, PushConfigStore, StoredPushConfig } from '../push/push-config-store.ts';

/** A store that a test can look into, and make fail. */
export interface FakePushConfigs extends PushConfigStore {
  readonly rows: Map<string, StoredPushConfig>;
  /** Thrown by the next calls of `delivered` and `failed`, one each. */
  readonly failures: Error[];
}

export function createFakePushConfigs(): FakePushConfigs {
  const rows = new Map<string, StoredPushConfig>();
  const failures: Error[] = [];
  let versions = 0;
  const keyOf = (taskId: string, id: string) => JSON.stringify([taskId, id]);
  const sorted = () => [...rows.values()].sort((a, b) => compare(a.taskId, b.taskId) || compare(a.id, b.id));
  const owned = (owner: string, taskId: string) =>
    sorted().filter((row) => row.owner === owner && row.taskId === taskId);
  const update = ({ taskId, id, version }: PushConfigKey, change: (row: StoredPushConfig) => StoredPushConfig) => {
    const failure = failures.shift();
    if (failure) throw failure;
    const row = rows.get(keyOf(taskId, id));
    if (row?.version === version) rows.set(keyOf(taskId, id), change(row));
  };
  return {
    rows,
    failures,
    async put({ after, ...config }) {
      versions += 1;
      const row = { ...config, version: `${versions}`, delivered: after, failures: 0, state: 'active' as const };
      rows.set(keyOf(config.taskId, config.id), row);
      return row;
    },
    async find(owner, taskId, id) {
      return owned(owner, taskId).find((row) => row.id === id);
    },
    async list(owner, taskId, { afterId, limit }) {
      return owned(owner, taskId)
        .filter((row) => afterId === undefined || row.id > afterId)
        .slice(0, limit);
    },
    async remove(owner, taskId, id) {
      if (rows.get(keyOf(taskId, id))?.owner === owner) rows.delete(keyOf(taskId, id));
    },
    async unfinished(after, limit) {
      const beyond = (row: StoredPushConfig) =>
        !after || (compare(row.taskId, after.taskId) || compare(row.id, after.id)) > 0;
      return sorted()
        .filter((row) => row.state === 'active' && beyond(row))
        .slice(0, limit);
    },
    async delivered(key, seq, last) {
      update(key, ({ lastFailure: _, ...row }) => ({
        ...row,
        delivered: seq,
        failures: 0,
        state: last ? 'done' : row.state,
      }));
    },
    async failed(key, { reason, disable }) {
      update(key, (row) => ({
        ...row,
        failures: row.failures + 1,
        lastFailure: reason,
        state: disable ? 'disabled' : row.state,
      }));
    },
  };
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

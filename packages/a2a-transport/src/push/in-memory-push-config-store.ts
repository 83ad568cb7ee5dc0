import type { NewPushConfig, PushConfigKey, PushConfigStore, StoredPushConfig } from './push-config-store.ts';

interface InMemoryPushConfigStoreOptions {
  /** Configurations kept. Beyond it one that nothing is delivered to any more is forgotten, or where none is, the oldest. @default 10_000 */
  maxConfigs?: number;
}

/** Push configurations for as long as the process lives, in bounded memory. */
export function createInMemoryPushConfigStore({
  maxConfigs = 10_000,
}: InMemoryPushConfigStoreOptions = {}): PushConfigStore {
  // By task, the tasks in the order of their first put. Forgetting looks through them for one that nothing is delivered
  // to: through all of them only where every one is active.
  const byTask = new Map<string, Map<string, StoredPushConfig>>();
  let count = 0;
  let versions = 0;

  const owned = (owner: string, taskId: string) =>
    [...(byTask.get(taskId)?.values() ?? [])].filter((row) => row.owner === owner).sort(byId);
  const drop = (row: Pick<StoredPushConfig, 'taskId' | 'owner' | 'id'>) => {
    const rows = byTask.get(row.taskId);
    if (!rows?.delete(keyOf(row))) return;
    count -= 1;
    if (rows.size === 0) byTask.delete(row.taskId);
  };
  const forgetOne = () => {
    let oldest: StoredPushConfig | undefined;
    for (const rows of byTask.values()) {
      for (const row of rows.values()) {
        oldest ??= row;
        if (row.state !== 'active') return drop(row);
      }
    }
    if (oldest) drop(oldest);
  };
  const change = (key: PushConfigKey, to: (row: StoredPushConfig) => StoredPushConfig) => {
    const rows = byTask.get(key.taskId);
    for (const row of rows?.values() ?? []) {
      if (row.version === key.version && row.id === key.id && row.state === 'active') rows?.set(keyOf(row), to(row));
    }
  };

  return {
    async put({ after, ...config }: NewPushConfig) {
      versions += 1;
      drop(config);
      if (count >= maxConfigs) forgetOne();
      const row = { ...config, version: String(versions), delivered: after, failures: 0, state: 'active' as const };
      const rows = byTask.get(config.taskId) ?? new Map<string, StoredPushConfig>();
      byTask.set(config.taskId, rows.set(keyOf(row), row));
      count += 1;
      return row;
    },
    async find(owner, taskId, id) {
      return byTask.get(taskId)?.get(keyOf({ owner, id }));
    },
    async list(owner, taskId, { afterId, limit }) {
      const rows = owned(owner, taskId).filter(({ id }) => afterId === undefined || id > afterId);
      return rows.slice(0, limit);
    },
    async remove(owner, taskId, id) {
      drop({ owner, taskId, id });
    },
    async unfinished(after, limit) {
      const rows = [...byTask.values()].flatMap((ofOne) => [...ofOne.values()]);
      return rows
        .filter((row) => row.state === 'active' && (!after || inOrder(row, after) > 0))
        .sort(inOrder)
        .slice(0, limit);
    },
    async delivered(key, seq, last) {
      change(key, ({ lastFailure: _, ...row }) => ({
        ...row,
        delivered: Math.max(row.delivered, seq),
        failures: 0,
        state: last ? 'done' : row.state,
      }));
    },
    async failed(key, { reason, disable }) {
      change(key, (row) => ({
        ...row,
        failures: row.failures + 1,
        lastFailure: reason,
        state: disable ? 'disabled' : row.state,
      }));
    },
  };
}

type Place = Pick<PushConfigKey, 'taskId' | 'id'>;

const keyOf = ({ owner, id }: Pick<StoredPushConfig, 'owner' | 'id'>) => JSON.stringify([owner, id]);
const compare = (a: string, b: string) => Number(a > b) - Number(a < b);
const byId = (a: Place, b: Place) => compare(a.id, b.id);
const inOrder = (a: Place, b: Place) => compare(a.taskId, b.taskId) || byId(a, b);

/** Push configurations on PostgreSQL. What receivers have taken at the same moment is noted by one statement. */
import type { PushConfigKey, PushConfigStore, StoredPushConfig } from '@skein/a2a-transport';
import type { TaskPushNotificationConfig } from '@skein/contracts/a2a';
import type { Clock } from '@skein/contracts/runtime';
import { and, asc, eq, gt, type SQL, sql as text } from 'drizzle-orm';
import { createCoalescer } from '../coalesce.ts';
import type { Database } from '../connect.ts';
import { pushConfigs as configs } from '../schema/index.ts';
import { type DeliveryRow, noteDeliveries } from '../statements/a2a/note-deliveries.ts';
import { putPushConfig } from '../statements/a2a/put-push-config.ts';
import { fromColumn, toColumn } from './column-text.ts';
import { createDecoder } from './decode.ts';
import { isOutage, sayingUnavailable, withinPatience } from './unavailable.ts';

const decode = createDecoder(configs);
// As text of the statement itself: only so is the partial index known to hold the answer.
const isActive = text`${configs.state} = 'active'`;

function toStored(row: typeof configs.$inferSelect): StoredPushConfig {
  return {
    owner: fromColumn(row.owner),
    taskId: fromColumn(row.taskId),
    id: fromColumn(row.id),
    version: String(row.version),
    config: JSON.parse(row.config) as TaskPushNotificationConfig, // what `put` wrote
    protocolVersion: row.protocolVersion,
    delivered: row.delivered,
    failures: row.failures,
    ...(row.lastFailure !== null && { lastFailure: fromColumn(row.lastFailure) }),
    state: row.state,
  };
}

/** `agent`: whose tasks' configurations. The clock bounds how long a call waits for its answer. */
export function createPostgresPushConfigStore(
  { sql, orm }: Pick<Database, 'sql' | 'orm'>,
  clock: Pick<Clock, 'sleep'>,
  { agent }: { agent: string },
): PushConfigStore {
  const isOfTask = (taskId: string) => and(eq(configs.agent, agent), eq(configs.taskId, toColumn(taskId)));
  const isOwned = (owner: string, taskId: string) => and(isOfTask(taskId), eq(configs.owner, toColumn(owner)));
  const isStill = ({ taskId, id, version }: PushConfigKey) =>
    and(isOfTask(taskId), eq(configs.id, toColumn(id)), eq(configs.version, Number(version)), isActive);
  const select = (where: SQL | undefined) => orm.select().from(configs).where(where);

  const deliver = createCoalescer<DeliveryRow, void>({
    clock,
    write: async (rows) => {
      await withinPatience(() => orm.execute(noteDeliveries(agent, rows)), clock);
      return rows.map(() => undefined);
    },
    keyOf: ({ taskId, id }) => `${taskId}\n${id}`,
    sizeOf: ({ taskId, id }) => taskId.length + id.length,
    isOutage,
  });

  const store: Omit<PushConfigStore, 'delivered'> = {
    async put({ owner, taskId, id, config, protocolVersion, after }) {
      const [raw] = await putPushConfig(sql, agent, {
        ...{ taskId: toColumn(taskId), owner: toColumn(owner), id: toColumn(id) },
        ...{ config: JSON.stringify(config), protocolVersion, after },
      });
      if (!raw) throw new Error('a put without a row'); // it inserts or updates one
      return toStored(decode(raw));
    },

    async find(owner, taskId, id) {
      const [row] = await select(and(isOwned(owner, taskId), eq(configs.id, toColumn(id))));
      return row && toStored(row);
    },

    async list(owner, taskId, { afterId, limit }) {
      const isBeyond = afterId === undefined ? undefined : gt(configs.id, toColumn(afterId));
      const rows = await select(and(isOwned(owner, taskId), isBeyond))
        .orderBy(asc(configs.id))
        .limit(limit);
      return rows.map(toStored);
    },

    async remove(owner, taskId, id) {
      await orm.delete(configs).where(and(isOwned(owner, taskId), eq(configs.id, toColumn(id))));
    },

    async unfinished(after, limit) {
      const isBeyond =
        after && text`(${configs.taskId}, ${configs.id}) > (${toColumn(after.taskId)}, ${toColumn(after.id)})`;
      const rows = await select(and(eq(configs.agent, agent), isActive, isBeyond))
        .orderBy(asc(configs.taskId), asc(configs.id))
        .limit(limit);
      return rows.map(toStored);
    },

    async failed(key, { reason, disable }) {
      const failures = text`${configs.failures} + 1`;
      const state = disable ? 'disabled' : 'active';
      await orm
        .update(configs)
        .set({ failures, lastFailure: toColumn(reason), state })
        .where(isStill(key));
    },
  };

  return {
    ...sayingUnavailable(store, clock),
    async delivered({ taskId, id, version }, seq, last) {
      await deliver({ taskId: toColumn(taskId), id: toColumn(id), version, seq, last });
    },
  };
}

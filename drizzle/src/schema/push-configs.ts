import { sql } from 'drizzle-orm';
import { bigint, check, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { idText, instant } from './column-types.ts';
import { isOneOf } from './directive-checks.ts';

/** Where updates of A2A tasks are posted, with the receivers' credentials, and how far each has come in the task's log. */
export const pushConfigs = pgTable(
  'push_configs',
  {
    agent: idText().notNull(),
    taskId: idText('task_id').notNull(),
    owner: idText().notNull(),
    id: idText().notNull(),
    /** Rises with each put: a write under an older one changes nothing. */
    version: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    config: text().notNull(),
    protocolVersion: text('protocol_version').$type<'1.0' | '0.3'>().notNull(),
    delivered: bigint({ mode: 'number' }).notNull(),
    failures: integer().notNull(),
    lastFailure: text('last_failure'),
    state: text().$type<'active' | 'done' | 'disabled'>().notNull(),
    putAt: instant('put_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.taskId, table.agent, table.owner, table.id] }),
    index('push_configs_active').on(table.agent, table.taskId, table.id).where(sql`${table.state} = 'active'`),
    index('push_configs_age').on(table.putAt),
    check('push_configs_state', isOneOf(table.state, ['active', 'done', 'disabled'])),
  ],
);

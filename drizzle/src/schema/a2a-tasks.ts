import type { TaskState } from '@skein/contracts/a2a';
import { sql } from 'drizzle-orm';
import { bigint, boolean, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { idText, instant } from './column-types.ts';

/**
 * Plain A2A tasks of the agents that share this database, as they stand after event `seq`. JSON is kept as the text it
 * came as: nobody asks the database what is in it, and columns say what lists are made by. Words that others choose are
 * stored as `toColumn` writes them.
 */
export const a2aTasks = pgTable(
  'a2a_tasks',
  {
    agent: idText().notNull(),
    id: idText().notNull(),
    owner: idText().notNull(),
    contextId: idText('context_id'),
    state: text().$type<TaskState>().notNull(),
    /** ISO 8601 as the task says it, so that lists are in the order of cursors; empty where it says nothing. */
    statusAt: idText('status_at').notNull(),
    seq: bigint({ mode: 'number' }).notNull(),
    running: boolean().notNull(),
    /** When the database heard of its end. */
    endedAt: instant('ended_at'),
    task: text().notNull(),
    /**
     * Events 1 to `first_seq`, those of the step that made the task, as a JSON array: most tasks have no others. Of a task
     * that ended with that step they point into `task`; see `event-text.ts`.
     */
    firstEvents: text('first_events'),
    firstSeq: bigint('first_seq', { mode: 'number' }).notNull(),
  },
  (table) => [
    // The id comes first, here alone: while a table is new, its planner takes any index that begins alike for as good.
    primaryKey({ columns: [table.id, table.agent] }),
    index('a2a_tasks_list').on(
      table.agent,
      table.owner,
      table.statusAt.desc().nullsFirst(),
      table.id.desc().nullsFirst(),
    ),
    index('a2a_tasks_context').on(table.contextId, table.agent).where(sql`${table.contextId} is not null`),
    index('a2a_tasks_running').on(table.agent, table.id).where(sql`${table.running}`),
    index('a2a_tasks_ended').on(table.endedAt).where(sql`${table.endedAt} is not null`),
  ],
);

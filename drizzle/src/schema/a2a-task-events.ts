import { bigint, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { idText } from './column-types.ts';

/** What happened to A2A tasks after they were made: the events of one step a row, as a JSON array. */
export const a2aTaskEvents = pgTable(
  'a2a_task_events',
  {
    agent: idText().notNull(),
    taskId: idText('task_id').notNull(),
    /** Number of the last event of the row. */
    toSeq: bigint('to_seq', { mode: 'number' }).notNull(),
    fromSeq: bigint('from_seq', { mode: 'number' }).notNull(),
    events: text().notNull(),
  },
  (table) => [primaryKey({ columns: [table.agent, table.taskId, table.toSeq] })],
);

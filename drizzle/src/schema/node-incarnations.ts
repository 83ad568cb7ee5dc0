import type { NodeId } from '@skein/contracts';
import { integer, pgTable } from 'drizzle-orm/pg-core';
import { idText } from './column-types.ts';

/** The last life of each node whose home this database is. */
export const nodeIncarnations = pgTable('node_incarnations', {
  nodeId: idText('node_id').$type<NodeId>().primaryKey(),
  incarnation: integer().notNull(),
});

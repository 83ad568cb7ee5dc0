import type { DirectiveId, DirectiveSide, NodeId } from '@skein/contracts';
import { bigint, index, pgTable, text } from 'drizzle-orm/pg-core';
import { idText, instant } from './column-types.ts';

/** The audit trail of both ends: append only, one row a transition, written by the statement that makes it. */
export const swarmDirectiveEvents = pgTable(
  'swarm_directive_events',
  {
    id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
    side: text().$type<DirectiveSide>().notNull(),
    sourceNodeId: idText('source_node_id').$type<NodeId>().notNull(),
    directiveId: idText('directive_id').$type<DirectiveId>().notNull(),
    at: instant().notNull(),
    from: text('from_state'),
    to: text('to_state').notNull(),
    reason: text(),
  },
  (table) => [index('swarm_directive_events_trail').on(table.sourceNodeId, table.directiveId, table.id)],
);

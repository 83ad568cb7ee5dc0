import type { NodeId, NodeMetrics } from '@skein/contracts';
import { bigint, integer, pgTable, primaryKey } from 'drizzle-orm/pg-core';
import { idText, instant, json } from './column-types.ts';

/** A ring: beat n overwrites slot n mod 1,440 of its node, so that keeping a day's worth costs no deletion. */
export const swarmResourceSnapshots = pgTable(
  'swarm_resource_snapshots',
  {
    nodeId: idText('node_id').$type<NodeId>().notNull(),
    slot: integer().notNull(),
    /** The beat that wrote it: the order of a node's snapshots. */
    beat: bigint({ mode: 'number' }).notNull(),
    takenAt: instant('taken_at').notNull(),
    metrics: json().$type<NodeMetrics>().notNull(),
  },
  (table) => [primaryKey({ columns: [table.nodeId, table.slot] })],
);

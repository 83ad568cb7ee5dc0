import type { NodeId, StateEntryView } from '@skein/contracts';
import { sql } from 'drizzle-orm';
import { bigint, boolean, index, pgTable, primaryKey } from 'drizzle-orm/pg-core';
import { idText, instant, json } from './column-types.ts';

/** The revision of each node's copy of a namespace: handed out under its row's lock, so that none commits out of order. */
export const stateNamespaces = pgTable(
  'state_namespaces',
  {
    nodeId: idText('node_id').$type<NodeId>().notNull(),
    namespace: idText().notNull(),
    revision: bigint({ mode: 'number' }).notNull(),
  },
  (table) => [primaryKey({ columns: [table.nodeId, table.namespace] })],
);

/** Entries, and tombstones of deleted ones. `bytes` is the size of key and value, so that a sum needs no parsing. */
export const sharedState = pgTable(
  'shared_state',
  {
    nodeId: idText('node_id').$type<NodeId>().notNull(),
    namespace: idText().notNull(),
    key: idText().notNull(),
    value: json().$type<StateEntryView['value']>(),
    deleted: boolean().notNull(),
    counter: bigint({ mode: 'number' }).notNull(),
    writer: idText().$type<NodeId>().notNull(),
    revision: bigint({ mode: 'number' }).notNull(),
    bytes: bigint({ mode: 'number' }).notNull(),
    updatedAt: instant('updated_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.nodeId, table.namespace, table.key] }),
    index('shared_state_changes').on(table.nodeId, table.namespace, table.revision),
    // What a namespace holds is counted at each write: of the live entries and of the deleted ones, each from its own.
    index('shared_state_live').on(table.nodeId, table.namespace, table.bytes).where(sql`not ${table.deleted}`),
    index('shared_state_deleted').on(table.nodeId, table.namespace).where(sql`${table.deleted}`),
    index('shared_state_tombstones').on(table.nodeId, table.updatedAt).where(sql`${table.deleted}`),
  ],
);

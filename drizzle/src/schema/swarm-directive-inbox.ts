import {
  type DirectiveId,
  type DirectiveKind,
  type DirectiveResult,
  type EffectClass,
  InboxState,
  type NodeId,
  type Order,
  type Priority,
} from '@skein/contracts';
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, pgTable, primaryKey, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { idText, instant, json } from './column-types.ts';
import { endIsWhole, isOneOf } from './directive-checks.ts';

const openStates = ['received', 'awaiting_approval', 'leased', 'running'] satisfies InboxState[];
const heldStates = ['leased', 'running'] satisfies InboxState[];

/** The receiver's inbox: the primary key finds a duplicate, and by its id alone what anybody sent. References nothing. */
export const swarmDirectiveInbox = pgTable(
  'swarm_directive_inbox',
  {
    sourceNodeId: idText('source_node_id').$type<NodeId>().notNull(),
    id: idText().$type<DirectiveId>().notNull(),
    seq: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    rowId: idText('row_id').notNull(),
    targetNodeId: idText('target_node_id').$type<NodeId>().notNull(),
    /** Null, with payload and hash, on a tombstone. */
    kind: text().$type<DirectiveKind>(),
    payload: json().$type<Order['payload']>(),
    payloadHash: text('payload_hash'),
    priority: text().$type<Priority>().notNull(),
    effect: text().$type<EffectClass>().notNull(),
    parentDirectiveId: idText('parent_directive_id').$type<DirectiveId>(),
    state: text().$type<InboxState>().notNull(),
    epoch: integer().notNull(),
    starts: integer().notNull(),
    leasedBy: text('leased_by'),
    leaseExpiresAt: instant('lease_expires_at'),
    receivedAt: instant('received_at').notNull(),
    deadlineAt: instant('deadline_at').notNull(),
    startedAt: instant('started_at'),
    endedAt: instant('ended_at'),
    result: json().$type<DirectiveResult>(),
    acknowledged: boolean().notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.sourceNodeId] }),
    uniqueIndex('swarm_directive_inbox_row_id').on(table.rowId),
    index('swarm_directive_inbox_newest').on(table.targetNodeId, table.receivedAt),
    // Each sender's in the order of A2A's lists: by the moment that the status tells, which is in whole milliseconds.
    index('swarm_directive_inbox_status').on(
      table.targetNodeId,
      table.sourceNodeId,
      sql`date_trunc('milliseconds', timezone('UTC', coalesce(${table.endedAt}, ${table.startedAt}, ${table.receivedAt})))`,
      table.rowId,
    ),
    index('swarm_directive_inbox_claim')
      .on(table.targetNodeId, table.priority, table.receivedAt, table.seq)
      .where(sql`${table.state} = 'received'`),
    index('swarm_directive_inbox_deadline')
      .on(table.targetNodeId, table.deadlineAt)
      .where(isOneOf(table.state, openStates)),
    index('swarm_directive_inbox_held').on(table.targetNodeId).where(isOneOf(table.state, heldStates)),
    check('swarm_directive_inbox_state', isOneOf(table.state, InboxState.options)),
    check('swarm_directive_inbox_end', endIsWhole(table.state, table.endedAt, table.result, openStates)),
  ],
);

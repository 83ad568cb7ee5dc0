import {
  type BroadcastId,
  type CancelCause,
  type DatabaseId,
  type DirectiveId,
  type DirectiveKind,
  type DirectiveResult,
  type EffectClass,
  FinalStatus,
  type NodeId,
  type Order,
  type Placement,
  type Priority,
} from '@skein/contracts';
import type { OutboxRow, OutboxState } from '@skein/swarm';
import { sql } from 'drizzle-orm';
import { bigint, boolean, check, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core';
import { idText, instant, json } from './column-types.ts';
import { endIsWhole, isOneOf } from './directive-checks.ts';

const openStates = ['queued', 'sending', 'accepted'] satisfies OutboxState[];
/** Spelled out again: drizzle-kit cannot load @skein/swarm, so that only its types may be asked here. */
const states = [...openStates, ...FinalStatus.options] satisfies OutboxState[];

/** The sender's outbox. References nothing: what was sent outlives the nodes that it was sent to. */
export const swarmDirectives = pgTable(
  'swarm_directives',
  {
    sourceNodeId: idText('source_node_id').$type<NodeId>().notNull(),
    id: idText().$type<DirectiveId>().notNull(),
    /** Breaks ties of age: rows of one transaction have one hour. */
    seq: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    targetNodeId: idText('target_node_id').$type<NodeId>().notNull(),
    kind: text().$type<DirectiveKind>().notNull(),
    payload: json().$type<Order['payload']>().notNull(),
    payloadHash: text('payload_hash').notNull(),
    priority: text().$type<Priority>().notNull(),
    effect: text().$type<EffectClass>().notNull(),
    ttlMs: integer('ttl_ms').notNull(),
    parentDirectiveId: idText('parent_directive_id').$type<DirectiveId>(),
    broadcastId: idText('broadcast_id').$type<BroadcastId>(),
    placement: json().$type<Placement>(),
    state: text().$type<OutboxState>().notNull(),
    attempts: integer().notNull(),
    attemptOpen: boolean('attempt_open').notNull(),
    heard: text().$type<NonNullable<OutboxRow['heard']>>(),
    taskId: text('task_id'),
    peerDatabaseId: text('peer_database_id').$type<DatabaseId>(),
    cancelRequested: text('cancel_requested').$type<CancelCause>(),
    acknowledged: boolean().notNull(),
    createdAt: instant('created_at').notNull(),
    deadlineAt: instant('deadline_at').notNull(),
    dueAt: instant('due_at').notNull(),
    endedAt: instant('ended_at'),
    result: json().$type<DirectiveResult>(),
  },
  (table) => [
    primaryKey({ columns: [table.id, table.sourceNodeId] }),
    index('swarm_directives_newest').on(table.sourceNodeId, table.createdAt),
    index('swarm_directives_claim')
      .on(table.sourceNodeId, table.priority, table.createdAt, table.seq)
      .where(sql`${table.state} = 'queued'`),
    index('swarm_directives_deadline').on(table.sourceNodeId, table.deadlineAt).where(isOneOf(table.state, openStates)),
    index('swarm_directives_waiting')
      .on(table.sourceNodeId, table.dueAt)
      .where(sql`${table.endedAt} is null and (${table.state} = 'accepted' or ${table.cancelRequested} is not null)`),
    index('swarm_directives_broadcast')
      .on(table.sourceNodeId, table.broadcastId, table.seq)
      .where(sql`${table.broadcastId} is not null`),
    index('swarm_directives_unacknowledged')
      .on(table.sourceNodeId, table.endedAt)
      .where(sql`${table.endedAt} is not null and not ${table.acknowledged} and ${table.state} <> 'unknown'`),
    check('swarm_directives_state', isOneOf(table.state, states)),
    check('swarm_directives_end', endIsWhole(table.state, table.endedAt, table.result, openStates)),
  ],
);

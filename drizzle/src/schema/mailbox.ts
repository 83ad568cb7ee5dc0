import type { MailId, MailProvenance, NodeId } from '@skein/contracts';
import type { Message } from '@skein/contracts/a2a';
import { sql } from 'drizzle-orm';
import { bigint, check, index, pgTable, text, uniqueIndex } from 'drizzle-orm/pg-core';
import { idText, instant, json } from './column-types.ts';
import { isOneOf } from './directive-checks.ts';

/** Messages that wait for agents and sessions. `key` makes a message that comes twice one message. */
export const mailbox = pgTable(
  'mailbox',
  {
    id: idText().$type<MailId>().primaryKey(),
    seq: bigint({ mode: 'number' }).notNull().generatedAlwaysAsIdentity(),
    nodeId: idText('node_id').$type<NodeId>().notNull(),
    recipientKind: text('recipient_kind').$type<'agent' | 'session'>().notNull(),
    recipient: idText().notNull(),
    contextId: idText('context_id'),
    key: idText().notNull(),
    message: json().$type<Message>().notNull(),
    provenance: json().$type<MailProvenance>().notNull(),
    /** Of the message as JSON text: a sum needs no parsing, and reads no message. */
    bytes: bigint({ mode: 'number' }).notNull().default(0),
    receivedAt: instant('received_at').notNull(),
    acknowledgedAt: instant('acknowledged_at'),
  },
  (table) => [
    uniqueIndex('mailbox_once').on(table.nodeId, table.recipientKind, table.recipient, table.key),
    index('mailbox_order').on(table.nodeId, table.recipientKind, table.recipient, table.seq),
    index('mailbox_thread')
      .on(table.nodeId, table.recipientKind, table.recipient, table.contextId, table.seq)
      .where(sql`${table.contextId} is not null`),
    index('mailbox_waiting')
      .on(table.nodeId, table.recipientKind, table.recipient, table.seq, table.bytes)
      .where(sql`${table.acknowledgedAt} is null`),
    index('mailbox_age').on(table.nodeId, table.receivedAt),
    check('mailbox_recipient_kind', isOneOf(table.recipientKind, ['agent', 'session'])),
  ],
);

/** Mailboxes on PostgreSQL. */
import type { Mail, NodeId, Recipient } from '@skein/contracts';
import { countOfPage, MAX_LISTED, type MailStore } from '@skein/swarm';
import { and, asc, eq, gt, inArray, isNull, type SQL, sql as text } from 'drizzle-orm';
import type { Database } from '../connect.ts';
import { mailbox } from '../schema/index.ts';
import { acknowledge } from '../statements/mail/acknowledge.ts';
import { deliver, recipientColumns } from '../statements/mail/deliver.ts';
import { measureLoad } from '../statements/mail/measure-load.ts';
import { purgeMail } from '../statements/mail/purge.ts';
import { createDecoder } from './decode.ts';

const decode = createDecoder(mailbox);
const iso = (ms: number) => new Date(ms).toISOString();
const toRecipient = (kind: 'agent' | 'session', name: string): Recipient =>
  kind === 'agent' ? { agent: name } : { session: name };

function toMail(row: typeof mailbox.$inferSelect): Mail {
  return {
    id: row.id,
    recipient: toRecipient(row.recipientKind, row.recipient),
    contextId: row.contextId,
    message: row.message,
    provenance: row.provenance,
    sequence: row.seq,
    receivedAt: iso(row.receivedAt),
    acknowledgedAt: row.acknowledgedAt === null ? null : iso(row.acknowledgedAt),
  };
}

const isWaiting = isNull(mailbox.acknowledgedAt);
/** What a group of mail comes to. */
const counts = {
  messages: text<number>`count(*)::int`,
  unacknowledged: text<number>`count(*) filter (where ${isWaiting})::int`,
  lastReceivedAt: text`max(${mailbox.receivedAt})`.mapWith(mailbox.receivedAt),
};
const latestFirst = text`max(${mailbox.seq}) desc`;

export function createPostgresMailStore({ sql, orm }: Pick<Database, 'sql' | 'orm'>): MailStore {
  function inMailbox(nodeId: NodeId, recipient: Recipient, ...more: (SQL | undefined)[]) {
    const { kind, name } = recipientColumns(recipient);
    return and(...[eq(mailbox.nodeId, nodeId), eq(mailbox.recipientKind, kind), eq(mailbox.recipient, name)], ...more);
  }

  return {
    async deliver(mail) {
      for (;;) {
        const [raw] = await deliver(sql, mail);
        // Without a row the same mail was delivered while we waited: now it can be seen.
        if (raw) return { status: raw.fresh ? 'delivered' : 'duplicate', mail: toMail(decode(raw)) };
      }
    },

    async list(nodeId, recipient, { after = 0, limit, contextId, all = false }) {
      const isInThread = contextId === undefined ? undefined : eq(mailbox.contextId, contextId);
      const heads = await orm
        .select({ seq: mailbox.seq, bytes: mailbox.bytes })
        .from(mailbox)
        .where(inMailbox(nodeId, recipient, gt(mailbox.seq, after), isInThread, all ? undefined : isWaiting))
        .orderBy(asc(mailbox.seq))
        .limit(limit);
      const page = heads.slice(0, countOfPage(heads.map(({ bytes }) => bytes))).map(({ seq }) => seq);
      if (page.length === 0) return [];
      const rows = await orm
        .select()
        .from(mailbox)
        .where(inMailbox(nodeId, recipient, inArray(mailbox.seq, page)))
        .orderBy(asc(mailbox.seq));
      return rows.map(toMail);
    },

    async find(nodeId, id) {
      const [row] = await orm
        .select()
        .from(mailbox)
        .where(and(eq(mailbox.nodeId, nodeId), eq(mailbox.id, id)));
      return row && toMail(row);
    },

    async acknowledge(nodeId, recipient, ids) {
      if (ids.length === 0) return [];
      const held = new Set((await acknowledge(sql, nodeId, recipient, ids)).map((raw) => raw.id));
      return [...new Set(ids)].filter((id) => held.has(id));
    },

    async threads(nodeId, recipient) {
      const threads = await orm
        .select({ contextId: mailbox.contextId, ...counts })
        .from(mailbox)
        .where(inMailbox(nodeId, recipient))
        .groupBy(mailbox.contextId)
        .orderBy(latestFirst)
        .limit(MAX_LISTED);
      return threads.map((thread) => ({ ...thread, lastReceivedAt: iso(thread.lastReceivedAt) }));
    },

    async mailboxes(nodeId) {
      const { recipientKind: kind, recipient: name } = mailbox;
      const boxes = await orm
        .select({ kind, name, ...counts })
        .from(mailbox)
        .where(eq(mailbox.nodeId, nodeId))
        .groupBy(kind, name)
        .orderBy(latestFirst)
        .limit(MAX_LISTED);
      return boxes.map(({ kind, name, ...box }) => ({
        ...box,
        recipient: toRecipient(kind, name),
        lastReceivedAt: iso(box.lastReceivedAt),
      }));
    },

    async countWaiting(nodeId, recipient) {
      return orm.$count(mailbox, inMailbox(nodeId, recipient, isWaiting));
    },

    async load(nodeId, recipient) {
      const [load] = await measureLoad(sql, nodeId, recipient);
      if (!load) throw new Error('a sum without a row'); // an aggregate gives one
      const { messages, bytes, nodeMessages, nodeBytes, mailboxes } = load;
      return { messages, bytes, node: { messages: nodeMessages, bytes: nodeBytes, mailboxes } };
    },

    async purge(nodeId) {
      const [gone] = await purgeMail(sql, nodeId);
      return gone?.count ?? 0;
    },
  };
}

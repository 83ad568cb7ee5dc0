/** Mailboxes in memory, for tests, simulations and throw-away nodes. */
import type { Mail, MailThread, NodeId, Recipient } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import { countOfPage, mailBytes } from './mail-bounds.ts';
import { KEEP_ACKNOWLEDGED_MAIL_MS, KEEP_MAIL_MS, MAX_LISTED, type MailStore, type NewMail } from './mail-store.ts';

interface Row {
  nodeId: NodeId;
  key: string;
  mail: Mail;
}

export interface InMemoryMailStore extends MailStore {
  /** Delivers at once, for whoever stores something else in the same step. */
  deliverNow(mail: NewMail): { status: 'delivered' | 'duplicate'; mail: Mail };
}

export function createInMemoryMailStore({ clock }: { clock: Pick<Clock, 'now'> }): InMemoryMailStore {
  let rows: Row[] = []; // in the order of arrival
  let sequence = 0;

  const inMailbox = (nodeId: NodeId, recipient: Recipient) =>
    rows.filter((row) => row.nodeId === nodeId && isSameRecipient(row.mail.recipient, recipient));

  function deliverNow({ nodeId, key, id, recipient, contextId, message, provenance }: NewMail) {
    const known = inMailbox(nodeId, recipient).find((row) => row.key === key);
    if (known) return { status: 'duplicate', mail: known.mail } as const;
    sequence += 1;
    const receivedAt = new Date(clock.now()).toISOString();
    const mail = { id, recipient, contextId, message, provenance, sequence, receivedAt, acknowledgedAt: null };
    rows.push({ nodeId, key, mail });
    return { status: 'delivered', mail } as const;
  }

  return {
    deliverNow,

    async deliver(mail) {
      return deliverNow(mail);
    },

    async list(nodeId, recipient, { after = 0, limit, contextId, all = false }) {
      const page = inMailbox(nodeId, recipient)
        .map(({ mail }) => mail)
        .filter((mail) => mail.sequence > after && (all || mail.acknowledgedAt === null))
        .filter((mail) => contextId === undefined || mail.contextId === contextId)
        .slice(0, limit);
      return page.slice(0, countOfPage(page.map(({ message }) => mailBytes(message))));
    },

    async find(nodeId, id) {
      return rows.find((row) => row.nodeId === nodeId && row.mail.id === id)?.mail;
    },

    async acknowledge(nodeId, recipient, ids) {
      const acknowledgedAt = new Date(clock.now()).toISOString();
      const held = new Map(inMailbox(nodeId, recipient).map((row) => [row.mail.id, row]));
      return [...new Set(ids)].filter((id) => {
        const row = held.get(id);
        if (row?.mail.acknowledgedAt === null) row.mail = { ...row.mail, acknowledgedAt };
        return row !== undefined;
      });
    },

    async threads(nodeId, recipient) {
      const mails = inMailbox(nodeId, recipient).map(({ mail }) => mail);
      const threads = latestFirst(mails, (mail) => mail.contextId);
      return threads.slice(0, MAX_LISTED).map((thread) => ({ contextId: thread[0].contextId, ...countsOf(thread) }));
    },

    async mailboxes(nodeId) {
      const mails = rows.filter((row) => row.nodeId === nodeId).map(({ mail }) => mail);
      const boxes = latestFirst(mails, ({ recipient }) => JSON.stringify(recipient));
      return boxes.slice(0, MAX_LISTED).map((box) => ({ recipient: box[0].recipient, ...countsOf(box) }));
    },

    async countWaiting(nodeId, recipient) {
      return inMailbox(nodeId, recipient).filter(({ mail }) => mail.acknowledgedAt === null).length;
    },

    async load(nodeId, recipient) {
      const isWaiting = ({ mail }: Row) => mail.acknowledgedAt === null;
      const here = rows.filter((row) => row.nodeId === nodeId && isWaiting(row));
      const mailboxes = new Set(here.map(({ mail }) => JSON.stringify(mail.recipient))).size;
      return { ...loadOf(inMailbox(nodeId, recipient).filter(isWaiting)), node: { ...loadOf(here), mailboxes } };
    },

    async purge(nodeId) {
      const isOlder = (moment: string | null, ageMs: number) =>
        moment !== null && Date.parse(moment) + ageMs <= clock.now();
      const kept = rows.filter(
        ({ nodeId: holder, mail }) =>
          holder !== nodeId ||
          !(isOlder(mail.acknowledgedAt, KEEP_ACKNOWLEDGED_MAIL_MS) || isOlder(mail.receivedAt, KEEP_MAIL_MS)),
      );
      const gone = rows.length - kept.length;
      rows = kept;
      return gone;
    },
  };
}

function loadOf(rows: readonly Row[]): { messages: number; bytes: number } {
  return { messages: rows.length, bytes: rows.reduce((sum, { mail }) => sum + mailBytes(mail.message), 0) };
}

function isSameRecipient(a: Recipient, b: Recipient): boolean {
  return 'agent' in a ? 'agent' in b && a.agent === b.agent : 'session' in b && a.session === b.session;
}

/** Groups of mail, none empty, the one with the latest mail first. */
function latestFirst(mails: readonly Mail[], keyOf: (mail: Mail) => string | null): [Mail, ...Mail[]][] {
  const groups = new Map<string | null, [Mail, ...Mail[]]>();
  for (const mail of mails) {
    const group = groups.get(keyOf(mail));
    if (group) group.push(mail);
    else groups.set(keyOf(mail), [mail]);
  }
  const lastOf = (group: readonly Mail[]) => group.at(-1)?.sequence ?? 0;
  return [...groups.values()].sort((a, b) => lastOf(b) - lastOf(a));
}

function countsOf(mails: readonly [Mail, ...Mail[]]): Omit<MailThread, 'contextId'> {
  const unacknowledged = mails.filter((mail) => mail.acknowledgedAt === null).length;
  return { messages: mails.length, unacknowledged, lastReceivedAt: (mails.at(-1) ?? mails[0]).receivedAt };
}

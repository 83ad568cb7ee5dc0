/** The sender's book on PostgreSQL. What races is a statement of its own; what only reads is drizzle's. */
import type { DirectiveStatus, FinalStatus, Order } from '@skein/contracts';
import { FinalStatus as FinalStatuses } from '@skein/contracts';
import {
  DEFAULT_POLL_MS,
  endedBeforeStart,
  endUnknown,
  type NewDirective,
  type OutboxRow,
  type OutboxStore,
  SwarmError,
} from '@skein/swarm';
import {
  and,
  asc,
  desc,
  eq,
  inArray,
  isNotNull,
  isNull,
  lte,
  ne,
  not,
  notInArray,
  or,
  type SQL,
  sql as text,
} from 'drizzle-orm';
import type { Database } from '../connect.ts';
import { swarmDirectives as directives } from '../schema/index.ts';
import { accept } from '../statements/outbox/accept.ts';
import { claimForSending } from '../statements/outbox/claim-for-sending.ts';
import { insertDirective } from '../statements/outbox/insert.ts';
import { nextDue } from '../statements/outbox/next-due.ts';
import { purgeOutbox } from '../statements/outbox/purge.ts';
import { recover } from '../statements/outbox/recover.ts';
import { requestCancel } from '../statements/outbox/request-cancel.ts';
import { requeue } from '../statements/outbox/requeue.ts';
import { requeueLost } from '../statements/outbox/requeue-lost.ts';
import { retarget } from '../statements/outbox/retarget.ts';
import { settle } from '../statements/outbox/settle.ts';
import { sweep } from '../statements/outbox/sweep.ts';
import type { Sql } from '../statements/statement.ts';
import { createDecoder, type RawRow } from './decode.ts';
import { readTrail } from './directive-trail.ts';

const decode = createDecoder(directives);

function toRow({ kind, payload, seq: _, ...row }: typeof directives.$inferSelect): OutboxRow {
  // Kind and payload were written together, from one order.
  return { ...row, order: { kind, payload } as Order };
}

const fromRaw = (raw: RawRow): OutboxRow => toRow(decode(raw));
const now = text`skein_now()`;
/** Its end is unknown, and its receiver may still tell it. */
const isAskable = and(eq(directives.state, 'unknown'), not(directives.acknowledged));

async function insert(sql: Sql, directive: NewDirective): Promise<OutboxRow> {
  const [raw] = await insertDirective(sql, directive);
  if (!raw) throw new SwarmError('DIRECTIVE_CONFLICT', `directive ${directive.id} exists already`);
  return fromRaw(raw);
}

export function createPostgresOutboxStore({ sql, orm }: Pick<Database, 'sql' | 'orm'>): OutboxStore {
  const isMine = (sourceNodeId: OutboxRow['sourceNodeId'], ...more: (SQL | undefined)[]) =>
    and(eq(directives.sourceNodeId, sourceNodeId), ...more);

  return {
    async insert(directive) {
      return insert(sql, directive);
    },

    async insertMany(directives) {
      // One connection: they travel together, and are numbered in the order in which they were given.
      return sql.begin((tx) => Promise.all(directives.map((directive) => insert(tx, directive))));
    },

    async listBroadcast(sourceNodeId, broadcastId) {
      const rows = await orm
        .select()
        .from(directives)
        .where(isMine(sourceNodeId, eq(directives.broadcastId, broadcastId)))
        .orderBy(asc(directives.seq));
      return rows.map(toRow);
    },

    async retarget(sourceNodeId, id, to) {
      const [raw] = await retarget(sql, sourceNodeId, id, to);
      return raw && fromRaw(raw);
    },

    async find(sourceNodeId, id) {
      const [row] = await orm
        .select()
        .from(directives)
        .where(isMine(sourceNodeId, eq(directives.id, id)));
      return row && toRow(row);
    },

    async list(sourceNodeId, { status, limit }) {
      const rows = await orm
        .select()
        .from(directives)
        .where(isMine(sourceNodeId, status && hasStatus(status)))
        .orderBy(desc(directives.createdAt), desc(directives.seq))
        .limit(limit);
      return rows.map(toRow);
    },

    async claimForSending(sourceNodeId, options) {
      const claimed = await claimForSending(sql, sourceNodeId, options);
      return claimed.map((raw) => ({ ...fromRaw(raw), remainingMs: Math.floor(Number(raw.remaining_ms)) }));
    },

    async requeue(row, options) {
      await requeue(sql, row, options);
    },

    async accept(sourceNodeId, id, { pollDelayMs = DEFAULT_POLL_MS, ...receiver }) {
      await accept(sql, sourceNodeId, id, { ...receiver, pollDelayMs });
    },

    async hear(sourceNodeId, id, heard, pollDelayMs) {
      await orm
        .update(directives)
        .set({ heard, dueAt: inMs(pollDelayMs) })
        .where(isMine(sourceNodeId, eq(directives.id, id), eq(directives.state, 'accepted')));
    },

    async postpone(sourceNodeId, ids, delayMs) {
      if (ids.length === 0) return;
      await orm
        .update(directives)
        .set({ dueAt: inMs(delayMs) })
        .where(isMine(sourceNodeId, inArray(directives.id, [...ids]), or(isNull(directives.endedAt), isAskable)));
    },

    async settle(sourceNodeId, id, result, { nothingOwed = false } = {}) {
      const [raw] = await settle(sql, sourceNodeId, id, result, nothingOwed);
      if (!raw) throw new SwarmError('DIRECTIVE_NOT_FOUND', `there is no directive ${id}`);
      return { status: raw.outcome === 'settled' ? 'settled' : 'already_final', row: fromRaw(raw) };
    },

    async requestCancel(sourceNodeId, id) {
      const [raw] = await requestCancel(sql, sourceNodeId, id, endedBeforeStart('caller'));
      if (!raw) return undefined;
      // The statement's own three words.
      return { status: raw.outcome as 'settled' | 'requested' | 'already_final', row: fromRaw(raw) };
    },

    async sweep(sourceNodeId, options) {
      const swept = await sweep(sql, sourceNodeId, options, {
        timedOut: endedBeforeStart('deadline'),
        cancelled: endedBeforeStart('caller'),
        unknown: endUnknown,
      });
      const fated = (fate: string) => swept.filter((raw) => raw.fate === fate).map(fromRaw);
      return { expired: fated('expired'), overdue: fated('overdue'), lost: fated('lost') };
    },

    async listDue(sourceNodeId, limit) {
      const isSent = not(and(eq(directives.state, 'queued'), not(directives.attemptOpen)) ?? text`false`);
      const awaits = or(eq(directives.state, 'accepted'), isNotNull(directives.cancelRequested));
      const isWaiting = or(and(isNull(directives.endedAt), awaits), isAskable);
      const rows = await orm
        .select()
        .from(directives)
        .where(isMine(sourceNodeId, isWaiting, lte(directives.dueAt, now), isSent))
        .orderBy(asc(directives.dueAt), asc(directives.seq))
        .limit(limit);
      return rows.map(toRow);
    },

    async listUnacknowledged(sourceNodeId, { limit, exceptTargets }) {
      const isOwed = and(isNotNull(directives.endedAt), not(directives.acknowledged), ne(directives.state, 'unknown'));
      const rows = await orm
        .select()
        .from(directives)
        .where(isMine(sourceNodeId, isOwed, notInArray(directives.targetNodeId, [...exceptTargets])))
        .orderBy(asc(directives.endedAt), asc(directives.seq))
        .limit(limit);
      return rows.map(toRow);
    },

    async markAcknowledged(sourceNodeId, ids) {
      if (ids.length === 0) return;
      await orm
        .update(directives)
        .set({ acknowledged: true })
        .where(isMine(sourceNodeId, inArray(directives.id, [...ids]), isNotNull(directives.endedAt)));
    },

    async requeueLost(sourceNodeId, inHand) {
      const [back] = await requeueLost(sql, sourceNodeId, inHand);
      return back?.count ?? 0;
    },

    async recover(sourceNodeId) {
      const [back] = await recover(sql, sourceNodeId);
      return back?.count ?? 0;
    },

    async nextDueInMs(sourceNodeId) {
      const [next] = await nextDue(sql, sourceNodeId);
      return next?.inMs ?? undefined;
    },

    async purge(sourceNodeId) {
      const [gone] = await purgeOutbox(sql, sourceNodeId);
      return gone?.count ?? 0;
    },

    async events(sourceNodeId, id) {
      return readTrail(orm, 'outbox', { sourceNodeId, id });
    },
  };
}

const inMs = (ms: number) => text`skein_now() + ${ms}::double precision * interval '1 ms'`;

/** `outboxStatus` the other way about: which rows show this status. */
function hasStatus(status: DirectiveStatus): SQL | undefined {
  const { state, heard } = directives;
  const isAccepted = eq(state, 'accepted');
  const rows = {
    pending: eq(state, 'queued'),
    dispatched: or(eq(state, 'sending'), and(isAccepted, isNull(heard))),
    running: and(isAccepted, eq(heard, 'running')),
    awaiting_approval: and(isAccepted, eq(heard, 'awaiting_approval')),
  } satisfies Record<Exclude<DirectiveStatus, FinalStatus>, SQL | undefined>;
  const final = FinalStatuses.safeParse(status);
  return final.success ? eq(state, final.data) : rows[status as keyof typeof rows]; // what is not final is one of these
}

/** The receiver's book on PostgreSQL. What races is a statement of its own; what only reads is drizzle's. */
import { type DirectiveStatus, InboxState, isFinal, type NodeId, type Order } from '@skein/contracts';
import {
  endedBeforeStart,
  type FencedWrite,
  type InboxKey,
  type InboxRow,
  type InboxStore,
  inboxStatus,
  lostWithItsWorker,
  MAX_LISTED_RUNNING,
  refused,
} from '@skein/swarm';
import { and, asc, desc, eq, inArray, lte, ne, or, type SQL, sql as text } from 'drizzle-orm';
import type { Database } from '../connect.ts';
import { swarmDirectiveInbox as inbox } from '../schema/index.ts';
import { acknowledge } from '../statements/inbox/acknowledge.ts';
import { admit } from '../statements/inbox/admit.ts';
import { cancel } from '../statements/inbox/cancel.ts';
import { claim } from '../statements/inbox/claim.ts';
import { end } from '../statements/inbox/end.ts';
import { expire } from '../statements/inbox/expire.ts';
import { finish } from '../statements/inbox/finish.ts';
import { listOf } from '../statements/inbox/list-of.ts';
import { purgeInbox } from '../statements/inbox/purge.ts';
import { recoverLost } from '../statements/inbox/recover-lost.ts';
import { release, releaseLapsed } from '../statements/inbox/release.ts';
import { renew } from '../statements/inbox/renew.ts';
import { start } from '../statements/inbox/start.ts';
import { applyEffect } from './apply-effect.ts';
import { createDecoder, type RawRow } from './decode.ts';
import { readTrail } from './directive-trail.ts';

const decode = createDecoder(inbox);

function toRow({ kind, payload, seq: _, ...row }: typeof inbox.$inferSelect): InboxRow {
  // Kind and payload were written together, from one order; a tombstone has neither.
  return { ...row, order: kind === null ? null : ({ kind, payload } as Order) };
}

const fromRaw = (raw: RawRow): InboxRow => toRow(decode(raw));

function fencedWrite([raw]: readonly RawRow[]): FencedWrite {
  return raw ? { status: 'done', row: fromRaw(raw) } : { status: 'fenced' };
}

const now = text`skein_now()`;
/** Null where nothing waits, which greatest() alone would take for 0. */
const msUntilFirstDeadline = text<number | null>`case when min(${inbox.deadlineAt}) is not null then
  greatest(0, ceil(extract(epoch from min(${inbox.deadlineAt}) - skein_now()) * 1000))
end::double precision`;
const isHeld = inArray(inbox.state, ['leased', 'running']);

export function createPostgresInboxStore({ sql, orm }: Pick<Database, 'sql' | 'orm'>): InboxStore {
  const at = ({ sourceNodeId, id }: InboxKey) => and(eq(inbox.sourceNodeId, sourceNodeId), eq(inbox.id, id));
  const isMine = (targetNodeId: NodeId, ...more: (SQL | undefined)[]) =>
    and(eq(inbox.targetNodeId, targetNodeId), ...more);
  const inOrder = [asc(inbox.receivedAt), asc(inbox.seq)];
  const select = (where: SQL | undefined) => orm.select().from(inbox).where(where);

  return {
    async admit(arrival) {
      const { refusal, remainingMs, payloadHash } = arrival;
      const born = refusal ? refused(refusal) : remainingMs <= 0 ? endedBeforeStart('deadline') : null;
      for (;;) {
        const [raw] = await admit(sql, arrival, born);
        if (!raw) continue; // another arrival of it committed while we waited: now it can be seen
        const row = fromRaw(raw);
        if (raw.fresh) return { status: born?.status ?? 'received', row };
        const same = row.payloadHash === null || row.payloadHash === payloadHash;
        return { status: same ? 'duplicate' : 'conflict', row };
      }
    },

    async find(key) {
      const [row] = await select(at(key));
      return row && toRow(row);
    },

    async findById(targetNodeId, id) {
      const [row] = await select(isMine(targetNodeId, eq(inbox.id, id)))
        .orderBy(desc(inbox.receivedAt), desc(inbox.seq))
        .limit(1);
      return row && toRow(row);
    },

    async findMany(sourceNodeId, ids) {
      if (ids.length === 0) return [];
      const rows = await select(and(eq(inbox.sourceNodeId, sourceNodeId), inArray(inbox.id, [...ids])));
      return rows.map(toRow);
    },

    async findByRowId(rowId) {
      const [row] = await select(eq(inbox.rowId, rowId));
      return row && toRow(row);
    },

    async list(targetNodeId, { status, limit }) {
      const rows = await select(isMine(targetNodeId, status && hasStatus(status)))
        .orderBy(desc(inbox.receivedAt), desc(inbox.seq))
        .limit(limit);
      return rows.map(toRow);
    },

    async listOf(sourceNodeId, targetNodeId, query) {
      const raw = await listOf(sql, sourceNodeId, targetNodeId, query);
      const rows = raw.filter((each) => each.row_id !== null).map(fromRaw);
      return { rows: rows.slice(0, query.limit), total: raw[0]?.total ?? 0, more: rows.length > query.limit };
    },

    async listRunning(targetNodeId) {
      // isHeld as well: it names the index.
      const rows = await select(isMine(targetNodeId, isHeld, eq(inbox.state, 'running')))
        .orderBy(...inOrder)
        .limit(MAX_LISTED_RUNNING);
      return rows.map(toRow);
    },

    async counts(targetNodeId) {
      const [counted] = await orm
        .select({
          queued: text<number>`count(*) filter (where ${inbox.state} <> 'running')::int`,
          running: text<number>`count(*) filter (where ${inbox.state} = 'running')::int`,
        })
        .from(inbox)
        .where(isMine(targetNodeId, text`${inbox.state} in ('received', 'awaiting_approval', 'leased', 'running')`));
      return counted ?? { queued: 0, running: 0 };
    },

    async claim(targetNodeId, options) {
      return (await claim(sql, targetNodeId, options)).map(fromRaw);
    },

    async start(key, epoch) {
      const [raw] = await start(sql, key, epoch);
      if (!raw) return { status: 'fenced' };
      return { status: 'done', row: fromRaw(raw), remainingMs: Math.floor(Number(raw.remaining_ms)) };
    },

    async renew(held, leaseMs) {
      if (held.length === 0) return [];
      const renewed = await renew(sql, held, leaseMs);
      const kept = new Set(renewed.map((raw) => `${raw.source_node_id} ${raw.id}`));
      return held
        .filter(({ sourceNodeId, id }) => !kept.has(`${sourceNodeId} ${id}`))
        .map(({ sourceNodeId, id }) => ({ sourceNodeId, id }));
    },

    async finish(key, epoch, result, effects = []) {
      if (effects.length === 0) return fencedWrite(await finish(sql, key, epoch, result));
      return sql.begin(async (tx) => {
        // The row first: held until the commit, it lets nobody take the work over while its effects are stored.
        const finished = fencedWrite(await finish(tx, key, epoch, result));
        if (finished.status === 'done') for (const effect of effects) await applyEffect(tx, effect);
        return finished;
      });
    },

    async end(key, epoch, result) {
      return fencedWrite(await end(sql, key, epoch, result));
    },

    async cancel(key, { cause, ...tombstone }) {
      for (;;) {
        const [raw] = await cancel(sql, key, tombstone, endedBeforeStart(cause));
        if (!raw) continue; // it arrived while we waited: now it can be ended
        const row = fromRaw(raw);
        if (raw.ended) return { status: 'ended', row };
        return { status: isFinal(row.state) ? 'already_final' : 'held', row };
      }
    },

    async expire(targetNodeId) {
      return (await expire(sql, targetNodeId, endedBeforeStart('deadline'))).map(fromRaw);
    },

    async listOverdue(targetNodeId) {
      const isOver = or(lte(inbox.deadlineAt, now), lte(inbox.leaseExpiresAt, now));
      const rows = await select(isMine(targetNodeId, isHeld, eq(inbox.state, 'running'), isOver)).orderBy(...inOrder);
      return rows.map(toRow);
    },

    async releaseLapsed(targetNodeId) {
      return (await releaseLapsed(sql, targetNodeId)).map(fromRaw);
    },

    async recoverLost(key, epoch, error, left) {
      return fencedWrite(await recoverLost(sql, key, epoch, lostWithItsWorker(error, left)));
    },

    async listHeldByOthers(targetNodeId, leasedBy) {
      const rows = await select(isMine(targetNodeId, isHeld, ne(inbox.leasedBy, leasedBy))).orderBy(...inOrder);
      return rows.map(toRow);
    },

    async release(key, epoch) {
      return fencedWrite(await release(sql, key, epoch));
    },

    async acknowledge(sourceNodeId, ids) {
      if (ids.length === 0) return [];
      const ended = new Set((await acknowledge(sql, sourceNodeId, ids)).map((raw) => raw.id));
      return ids.filter((id) => ended.has(id));
    },

    async nextDeadlineInMs(targetNodeId) {
      const [next] = await orm
        .select({ inMs: msUntilFirstDeadline })
        .from(inbox)
        .where(isMine(targetNodeId, text`${inbox.state} in ('received', 'awaiting_approval')`));
      return next?.inMs ?? undefined;
    },

    async purge(targetNodeId) {
      const [gone] = await purgeInbox(sql, targetNodeId);
      return gone?.count ?? 0;
    },

    async events(key) {
      return readTrail(orm, 'inbox', key);
    },
  };
}

/** `inboxStatus` the other way about: which states show this status. */
function hasStatus(status: DirectiveStatus): SQL {
  return inArray(
    inbox.state,
    InboxState.options.filter((state) => inboxStatus(state) === status),
  );
}

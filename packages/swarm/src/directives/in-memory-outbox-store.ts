/** The sender's book in memory, for tests, simulations and throw-away nodes. The clock handed in is its store's clock. */
import { type DirectiveEvent, type DirectiveId, isFinal, type NodeId } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import { SwarmError } from '../errors.ts';
import { canOutboxMove, outboxStatus, requireOutboxMove } from './outbox-lifecycle.ts';
import { DEFAULT_POLL_MS, type NewDirective, type OutboxRow, type OutboxStore } from './outbox-store.ts';
import { agedRank } from './priority.ts';
import { endedBeforeStart, endUnknown, neverTaken } from './results.ts';
import { KEEP_ACKNOWLEDGED_MS, KEEP_UNACKNOWLEDGED_MS } from './retention.ts';

export function createInMemoryOutboxStore({ clock }: { clock: Pick<Clock, 'now'> }): OutboxStore {
  const rows = new Map<string, OutboxRow>(); // in the order of arrival, which breaks ties of age
  const trails = new Map<string, DirectiveEvent[]>();

  const keyOf = (row: Pick<OutboxRow, 'sourceNodeId' | 'id'>) => `${row.sourceNodeId} ${row.id}`;
  const find = (sourceNodeId: NodeId, id: DirectiveId) => rows.get(keyOf({ sourceNodeId, id }));
  const ofSource = (sourceNodeId: NodeId) => [...rows.values()].filter((row) => row.sourceNodeId === sourceNodeId);
  const openOf = (sourceNodeId: NodeId) => ofSource(sourceNodeId).filter((row) => !isFinal(row.state));

  /** Those whose receiver may still have something to say. */
  const askableOf = (sourceNodeId: NodeId) =>
    ofSource(sourceNodeId).filter((row) => !isFinal(row.state) || (row.state === 'unknown' && !row.acknowledged));

  function write(row: OutboxRow, patch: Partial<OutboxRow>): OutboxRow {
    const next = { ...row, ...patch };
    rows.set(keyOf(row), next);
    return next;
  }

  function record(row: OutboxRow, from: string | null, reason: string | null): void {
    const trail = trails.get(keyOf(row)) ?? [];
    trail.push({ at: new Date(clock.now()).toISOString(), side: 'outbox', from, to: row.state, reason });
    trails.set(keyOf(row), trail);
  }

  function move(row: OutboxRow, patch: Partial<OutboxRow> & Pick<OutboxRow, 'state'>, reason: string | null) {
    requireOutboxMove(row.state, patch.state);
    const next = write(row, patch);
    record(next, row.state, reason);
    return next;
  }

  function end(row: OutboxRow, result: NonNullable<OutboxRow['result']>, acknowledged: boolean): OutboxRow {
    const patch = { state: result.status, result, endedAt: clock.now(), acknowledged };
    return move(row, patch, result.error?.reason ?? null);
  }

  /** The sender alone decides: the receiver never had it, so there is nobody to acknowledge to. */
  const endUnsent = (row: OutboxRow, cause: 'caller' | 'deadline') =>
    end(row, cause === 'caller' ? endedBeforeStart(cause) : neverTaken(lastReason(row)), true);
  const lastReason = (row: OutboxRow) =>
    trails.get(keyOf(row))?.findLast(({ from, to }) => from === 'sending' && to === 'queued')?.reason ?? null;
  const isUnsent = (row: OutboxRow) => row.state === 'queued' && !row.attemptOpen;

  /** Before anything is written: all of a broadcast are inserted, or none. */
  function refuseKnown(directives: readonly NewDirective[]): void {
    const taken = new Set<string>();
    for (const directive of directives) {
      const key = keyOf(directive);
      if (taken.has(key) || rows.has(key))
        throw new SwarmError('DIRECTIVE_CONFLICT', `directive ${directive.id} exists already`);
      taken.add(key);
    }
  }

  function insert(directive: NewDirective): OutboxRow {
    const now = clock.now();
    const row: OutboxRow = {
      ...directive,
      state: 'queued',
      attempts: 0,
      attemptOpen: false,
      heard: null,
      taskId: null,
      peerDatabaseId: null,
      cancelRequested: null,
      acknowledged: false,
      createdAt: now,
      deadlineAt: now + directive.ttlMs,
      dueAt: now,
      endedAt: null,
      result: null,
    };
    rows.set(keyOf(row), row);
    record(row, null, null);
    return row;
  }

  return {
    async insert(directive) {
      refuseKnown([directive]);
      return insert(directive);
    },

    async insertMany(directives) {
      refuseKnown(directives);
      return directives.map(insert);
    },

    async listBroadcast(sourceNodeId, broadcastId) {
      return ofSource(sourceNodeId).filter((row) => row.broadcastId === broadcastId);
    },

    async retarget(sourceNodeId, id, { targetNodeId, placement }) {
      const row = find(sourceNodeId, id);
      if (!row || !isUnsent(row)) return undefined;
      const moved = write(row, { targetNodeId, placement, dueAt: clock.now() });
      record(moved, row.state, 'moved');
      return moved;
    },

    async find(sourceNodeId, id) {
      return find(sourceNodeId, id);
    },

    async list(sourceNodeId, { status, limit }) {
      return ofSource(sourceNodeId)
        .reverse()
        .filter((row) => !status || outboxStatus(row.state, row.heard) === status)
        .sort((a, b) => b.createdAt - a.createdAt)
        .slice(0, limit);
    },

    async claimForSending(sourceNodeId, { limit, exceptTargets }) {
      const now = clock.now();
      const rankOf = (row: OutboxRow) => agedRank(row.priority, now - row.createdAt);
      return openOf(sourceNodeId)
        .filter((row) => row.state === 'queued' && row.dueAt <= now && row.deadlineAt > now)
        .filter((row) => !row.cancelRequested && !exceptTargets.includes(row.targetNodeId))
        .sort((a, b) => rankOf(b) - rankOf(a) || a.createdAt - b.createdAt)
        .slice(0, limit)
        .map((row) => ({
          ...move(row, { state: 'sending', attempts: row.attempts + 1 }, null),
          remainingMs: row.deadlineAt - now,
        }));
    },

    async requeue({ sourceNodeId, id, attempts }, { open, delayMs, reason }) {
      const row = find(sourceNodeId, id);
      if (row?.state !== 'sending' || row.attempts !== attempts) return;
      const attemptOpen = open || row.attemptOpen;
      // Nothing is out any more and an end was asked for: the next sweep gives it that end, without waiting.
      const endsNow = row.cancelRequested !== null && !attemptOpen;
      move(row, { state: 'queued', attemptOpen, dueAt: clock.now() + (endsNow ? 0 : delayMs) }, reason);
    },

    async accept(sourceNodeId, id, { taskId, databaseId, pollDelayMs = DEFAULT_POLL_MS }) {
      const row = find(sourceNodeId, id);
      if (!row || !canOutboxMove(row.state, 'accepted')) return;
      const dueAt = clock.now() + (row.cancelRequested ? 0 : pollDelayMs);
      move(row, { state: 'accepted', taskId, peerDatabaseId: databaseId, dueAt }, null);
    },

    async hear(sourceNodeId, id, heard, pollDelayMs) {
      const row = find(sourceNodeId, id);
      if (row?.state === 'accepted') write(row, { heard, dueAt: clock.now() + pollDelayMs });
    },

    async postpone(sourceNodeId, ids, delayMs) {
      for (const row of askableOf(sourceNodeId)) if (ids.includes(row.id)) write(row, { dueAt: clock.now() + delayMs });
    },

    async settle(sourceNodeId, id, result, { nothingOwed = false } = {}) {
      const row = find(sourceNodeId, id);
      if (!row) throw new SwarmError('DIRECTIVE_NOT_FOUND', `there is no directive ${id}`);
      if (!canOutboxMove(row.state, result.status)) return { status: 'already_final', row };
      return { status: 'settled', row: end(row, result, nothingOwed || row.attempts === 0) };
    },

    async requestCancel(sourceNodeId, id) {
      const row = find(sourceNodeId, id);
      if (!row) return undefined;
      if (isFinal(row.state)) return { status: 'already_final', row };
      const noted = write(row, { cancelRequested: row.cancelRequested ?? 'caller', dueAt: clock.now() });
      return isUnsent(row)
        ? { status: 'settled', row: endUnsent(noted, 'caller') }
        : { status: 'requested', row: noted };
    },

    async sweep(sourceNodeId, { unknownAfterMs, askAgainMs }) {
      const now = clock.now();
      const open = openOf(sourceNodeId);
      const isLost = (row: OutboxRow) => row.deadlineAt + unknownAfterMs <= now;
      const sent = open.filter((row) => !isUnsent(row));
      return {
        expired: open
          .filter((row) => isUnsent(row) && (row.deadlineAt <= now || row.cancelRequested))
          .map((row) => endUnsent(row, row.cancelRequested ?? 'deadline')),
        overdue: sent
          .filter((row) => row.deadlineAt <= now && !row.cancelRequested && !isLost(row))
          .map((row) => write(row, { cancelRequested: 'deadline', dueAt: now })),
        lost: sent.filter(isLost).map((row) => end(write(row, { dueAt: now + askAgainMs }), endUnknown, false)),
      };
    },

    async listDue(sourceNodeId, limit) {
      return askableOf(sourceNodeId)
        .filter((row) => row.dueAt <= clock.now() && !isUnsent(row))
        .filter((row) => row.state === 'accepted' || row.state === 'unknown' || row.cancelRequested)
        .sort((a, b) => a.dueAt - b.dueAt)
        .slice(0, limit);
    },

    async listUnacknowledged(sourceNodeId, { limit, exceptTargets }) {
      return ofSource(sourceNodeId)
        .filter((row) => !exceptTargets.includes(row.targetNodeId))
        .filter((row) => isFinal(row.state) && row.state !== 'unknown' && !row.acknowledged)
        .sort((a, b) => Number(a.endedAt) - Number(b.endedAt))
        .slice(0, limit);
    },

    async markAcknowledged(sourceNodeId, ids) {
      for (const row of ofSource(sourceNodeId))
        if (ids.includes(row.id) && isFinal(row.state)) write(row, { acknowledged: true });
    },

    async requeueLost(sourceNodeId, inHand) {
      const lost = openOf(sourceNodeId).filter((row) => row.state === 'sending' && !inHand.includes(row.id));
      for (const row of lost) move(row, { state: 'queued', attemptOpen: true, dueAt: clock.now() }, 'attempt_lost');
      return lost.length;
    },

    async recover(sourceNodeId) {
      const dueAt = clock.now();
      const held = openOf(sourceNodeId).filter((row) => row.state !== 'queued');
      for (const row of held) {
        if (row.state === 'sending') move(row, { state: 'queued', attemptOpen: true, dueAt }, 'sender_restarted');
        else write(row, { dueAt });
      }
      return held.length;
    },

    async nextDueInMs(sourceNodeId) {
      const now = clock.now();
      const moments = askableOf(sourceNodeId).map((row) => {
        if (row.cancelRequested || row.state === 'unknown') return row.dueAt;
        return row.state === 'sending' ? row.deadlineAt : Math.min(row.dueAt, row.deadlineAt);
      });
      return moments.length ? Math.max(0, moments.reduce((a, b) => Math.min(a, b)) - now) : undefined;
    },

    async purge(sourceNodeId) {
      const now = clock.now();
      const old = ofSource(sourceNodeId).filter((row) => {
        const keepMs = row.acknowledged ? KEEP_ACKNOWLEDGED_MS : KEEP_UNACKNOWLEDGED_MS;
        return isFinal(row.state) && row.deadlineAt + keepMs <= now;
      });
      for (const row of old) {
        rows.delete(keyOf(row));
        trails.delete(keyOf(row));
      }
      return old.length;
    },

    async events(sourceNodeId, id) {
      return [...(trails.get(keyOf({ sourceNodeId, id })) ?? [])];
    },
  };
}

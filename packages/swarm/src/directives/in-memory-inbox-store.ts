/** The receiver's book in memory, for tests, simulations and throw-away nodes. The clock handed in is its store's clock. */
import { type DirectiveEvent, isFinal, type NodeId } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import type { Effect } from './effects.ts';
import { inboxStatus, requireInboxMove, stateAfterLostWorker } from './inbox-lifecycle.ts';
import {
  type Arrival,
  type FencedWrite,
  type InboxKey,
  type InboxRow,
  type InboxStore,
  MAX_LISTED_RUNNING,
  type ShownState,
  statusAt,
} from './inbox-store.ts';
import { agedRank } from './priority.ts';
import { endedBeforeStart, lostWithItsWorker, refused } from './results.ts';
import { KEEP_ACKNOWLEDGED_MS, KEEP_UNACKNOWLEDGED_MS } from './retention.ts';

type Move = Partial<InboxRow> & Pick<InboxRow, 'state'>;

export interface InMemoryInboxStoreDependencies {
  clock: Pick<Clock, 'now'>;
  /** Stores effects in one step: all of them or, where it throws, none. @default work without effects alone can be finished */
  apply?: (effects: readonly Effect[]) => void;
  /** What the registry says of the node that claims. @default everyone is */
  isEligible?: (nodeId: NodeId) => boolean;
}

export function createInMemoryInboxStore({
  clock,
  apply = withoutEffects,
  isEligible = () => true,
}: InMemoryInboxStoreDependencies): InboxStore {
  const rows = new Map<string, InboxRow>(); // in the order of arrival, which breaks ties of age
  const trails = new Map<string, DirectiveEvent[]>();

  const keyOf = (key: InboxKey) => `${key.sourceNodeId} ${key.id}`;
  const find = (key: InboxKey) => rows.get(keyOf(key));
  const of = (targetNodeId: string) => [...rows.values()].filter((row) => row.targetNodeId === targetNodeId);
  const isLapsed = (row: InboxRow) => row.leaseExpiresAt === null || row.leaseExpiresAt <= clock.now();
  const isPastDeadline = (row: InboxRow) => row.deadlineAt <= clock.now();
  const isHeld = (row: InboxRow) => row.state === 'leased' || row.state === 'running';

  function write(row: InboxRow, from: string | null, reason: string | null): InboxRow {
    rows.set(keyOf(row), row);
    const trail = trails.get(keyOf(row)) ?? [];
    trail.push({ at: new Date(clock.now()).toISOString(), side: 'inbox', from, to: row.state, reason });
    trails.set(keyOf(row), trail);
    return row;
  }

  function move(row: InboxRow, patch: Move, reason: string | null = null): InboxRow {
    requireInboxMove(row.state, patch.state);
    return write({ ...row, ...patch }, row.state, reason);
  }

  /** An end by force fences whoever still holds the row. */
  function end(row: InboxRow, result: NonNullable<InboxRow['result']>, epoch = row.epoch + 1): InboxRow {
    // `unknown` is the sender's alone: the lifecycle's table refuses it here as any other state that it does not hold.
    const patch = { state: result.status as InboxRow['state'], result, epoch, endedAt: clock.now(), ...unheld };
    return move(row, patch, result.error?.reason ?? null);
  }

  function putBack(row: InboxRow, reason: string): InboxRow {
    return move(row, { state: 'received', epoch: row.epoch + 1, ...unheld }, reason);
  }

  /** Writes to claimed work only where the caller's epoch is the row's and `may` agrees. */
  function fenced(
    key: InboxKey,
    epoch: number,
    may: (row: InboxRow) => boolean,
    write: (row: InboxRow) => InboxRow,
  ): FencedWrite {
    const row = find(key);
    return row && row.epoch === epoch && may(row) ? { status: 'done', row: write(row) } : { status: 'fenced' };
  }

  function born(arrival: Omit<Arrival, 'order' | 'payloadHash' | 'refusal'>): Omit<InboxRow, 'state'> {
    const { rowId, sourceNodeId, id, targetNodeId, priority, effect, parentDirectiveId, remainingMs } = arrival;
    const now = clock.now();
    return {
      ...{ rowId, sourceNodeId, id, targetNodeId, priority, effect, parentDirectiveId },
      ...{ order: null, payloadHash: null, epoch: 0, starts: 0, ...unheld },
      ...{ receivedAt: now, deadlineAt: now + Math.max(0, remainingMs), startedAt: null, endedAt: null },
      ...{ result: null, acknowledged: false },
    };
  }

  return {
    async admit(arrival) {
      const known = find(arrival);
      if (known) {
        const same = known.payloadHash === null || known.payloadHash === arrival.payloadHash;
        return { status: same ? 'duplicate' : 'conflict', row: known };
      }
      const { order, payloadHash, refusal } = arrival;
      const row = { ...born(arrival), order, payloadHash };
      const result = refusal ? refused(refusal) : arrival.remainingMs <= 0 ? endedBeforeStart('deadline') : null;
      const status = result?.status ?? 'received';
      const endedAt = result ? row.receivedAt : null;
      return { status, row: write({ ...row, state: status, result, endedAt }, null, result?.error?.reason ?? null) };
    },

    async find(key) {
      return find(key);
    },

    async findMany(sourceNodeId, ids) {
      return [...new Set(ids)].flatMap((id) => find({ sourceNodeId, id }) ?? []);
    },

    async findById(targetNodeId, id) {
      return of(targetNodeId)
        .reverse()
        .find((row) => row.id === id);
    },

    async findByRowId(rowId) {
      return [...rows.values()].find((row) => row.rowId === rowId);
    },

    async list(targetNodeId, { status, limit }) {
      return of(targetNodeId)
        .reverse()
        .filter((row) => !status || inboxStatus(row.state) === status)
        .sort((a, b) => b.receivedAt - a.receivedAt)
        .slice(0, limit);
    },

    async listOf(sourceNodeId, targetNodeId, { id, states, since = 0, after, limit }) {
      const matching = of(targetNodeId)
        .filter((row) => row.sourceNodeId === sourceNodeId && (id === undefined || row.id === id))
        .filter((row) => statusAt(row) >= since && (!states || states.some(isShown(row))))
        .sort((a, b) => statusAt(b) - statusAt(a) || (a.rowId < b.rowId ? 1 : -1));
      const isBeyond = (row: InboxRow) =>
        !after || statusAt(row) < after.statusAt || (statusAt(row) === after.statusAt && row.rowId < after.rowId);
      const rest = matching.filter(isBeyond);
      return { rows: rest.slice(0, limit), total: matching.length, more: rest.length > limit };
    },

    async listRunning(targetNodeId) {
      return of(targetNodeId)
        .filter((row) => row.state === 'running')
        .sort((a, b) => a.receivedAt - b.receivedAt)
        .slice(0, MAX_LISTED_RUNNING);
    },

    async counts(targetNodeId) {
      const open = of(targetNodeId).filter((row) => !isFinal(row.state));
      const running = open.filter((row) => row.state === 'running').length;
      return { queued: open.length - running, running };
    },

    async claim(targetNodeId, { limit, leasedBy, leaseMs }) {
      if (!isEligible(targetNodeId)) return [];
      const now = clock.now();
      const rankOf = (row: InboxRow) => agedRank(row.priority, now - row.receivedAt);
      return of(targetNodeId)
        .filter((row) => row.state === 'received' && !isPastDeadline(row))
        .sort((a, b) => rankOf(b) - rankOf(a) || a.receivedAt - b.receivedAt)
        .slice(0, limit)
        .map((row) => {
          return move(row, { state: 'leased', epoch: row.epoch + 1, leasedBy, leaseExpiresAt: now + leaseMs });
        });
    },

    async start(key, epoch) {
      const startedAt = clock.now();
      const started = fenced(
        key,
        epoch,
        (row) => row.state === 'leased' && !isLapsed(row) && !isPastDeadline(row),
        (row) => move(row, { state: 'running', starts: row.starts + 1, startedAt }),
      );
      return started.status === 'done' ? { ...started, remainingMs: started.row.deadlineAt - startedAt } : started;
    },

    async renew(held, leaseMs) {
      return held
        .filter(({ epoch, ...key }) => {
          const row = find(key);
          if (row?.epoch !== epoch || !isHeld(row) || isLapsed(row)) return true;
          rows.set(keyOf(key), { ...row, leaseExpiresAt: clock.now() + leaseMs });
          return false;
        })
        .map(({ sourceNodeId, id }) => ({ sourceNodeId, id }));
    },

    async finish(key, epoch, result, effects = []) {
      const may = (row: InboxRow) => row.state === 'running' && !isLapsed(row);
      return fenced(key, epoch, may, (row) => {
        if (effects.length > 0) apply(effects); // first: where it throws the row is still running
        return end(row, result, epoch);
      });
    },

    async end(key, epoch, result) {
      const may = (row: InboxRow) => isHeld(row) && (row.state === 'running' || result.status !== 'interrupted');
      return fenced(key, epoch, may, (row) => end(row, result));
    },

    async cancel(key, { targetNodeId, rowId, cause }) {
      const row = find(key);
      const result = endedBeforeStart(cause);
      if (!row) {
        const parentless = { priority: 'normal', effect: 'amo', parentDirectiveId: null, remainingMs: 0 } as const;
        const tombstone = born({ ...key, targetNodeId, rowId, ...parentless });
        const dead = { ...tombstone, state: result.status, result, endedAt: clock.now() };
        return { status: 'ended', row: write(dead, null, result.error?.reason ?? null) };
      }
      if (isFinal(row.state)) return { status: 'already_final', row };
      return isHeld(row) ? { status: 'held', row } : { status: 'ended', row: end(row, result) };
    },

    async expire(targetNodeId) {
      return of(targetNodeId)
        .filter((row) => isPastDeadline(row) && !isFinal(row.state) && row.state !== 'running')
        .filter((row) => row.state !== 'leased' || isLapsed(row))
        .map((row) => end(row, endedBeforeStart('deadline')));
    },

    async listOverdue(targetNodeId) {
      return of(targetNodeId).filter((row) => row.state === 'running' && (isPastDeadline(row) || isLapsed(row)));
    },

    async releaseLapsed(targetNodeId) {
      return of(targetNodeId)
        .filter((row) => row.state === 'leased' && isLapsed(row))
        .map((row) => putBack(row, 'lease_lapsed'));
    },

    async recoverLost(key, epoch, error, left) {
      return fenced(
        key,
        epoch,
        (row) => row.state === 'running',
        (row) =>
          stateAfterLostWorker(row.effect, row.starts) === 'received' && !isPastDeadline(row)
            ? putBack(row, error.reason)
            : end(row, lostWithItsWorker(error, left)),
      );
    },

    async listHeldByOthers(targetNodeId, leasedBy) {
      return of(targetNodeId).filter((row) => isHeld(row) && row.leasedBy !== leasedBy);
    },

    async release(key, epoch) {
      return fenced(
        key,
        epoch,
        (row) => row.state === 'leased',
        (row) => putBack(row, 'released'),
      );
    },

    async acknowledge(sourceNodeId, ids) {
      const ended = ids.filter((id) => isFinal(find({ sourceNodeId, id })?.state ?? 'absent'));
      for (const id of ended) {
        const row = find({ sourceNodeId, id });
        if (row) rows.set(keyOf(row), { ...row, acknowledged: true });
      }
      return ended;
    },

    async nextDeadlineInMs(targetNodeId) {
      const waiting = of(targetNodeId).filter((row) => row.state === 'received' || row.state === 'awaiting_approval');
      const first = waiting.reduce((at, row) => Math.min(at, row.deadlineAt), Number.POSITIVE_INFINITY);
      return waiting.length ? Math.max(0, first - clock.now()) : undefined;
    },

    async purge(targetNodeId) {
      const old = of(targetNodeId).filter((row) => {
        const keepMs = row.acknowledged ? KEEP_ACKNOWLEDGED_MS : KEEP_UNACKNOWLEDGED_MS;
        return isFinal(row.state) && row.deadlineAt + keepMs <= clock.now();
      });
      for (const row of old) {
        rows.delete(keyOf(row));
        trails.delete(keyOf(row));
      }
      return old.length;
    },

    async events(key) {
      return [...(trails.get(keyOf(key)) ?? [])];
    },
  };
}

function isShown(row: InboxRow) {
  return ({ state, started }: ShownState): boolean => row.state === state && started === row.starts > 0;
}

function withoutEffects(): void {
  throw new Error('this inbox was made without a place for effects');
}

const unheld = { leasedBy: null, leaseExpiresAt: null };

import type { DirectiveResult, FinalStatus } from '@skein/contracts';
import {
  agedRank,
  type ClaimedRow,
  canOutboxMove,
  DEFAULT_POLL_MS,
  OUTBOX_STATES,
  type OutboxRow,
  type OutboxState,
  type OutboxStore,
  outboxStatus,
} from '@skein/swarm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateSubject } from '../subject.ts';
import {
  DAY_MS,
  MINUTE_MS,
  newBroadcastId,
  newDatabaseId,
  newDirective,
  newId,
  newPlacement,
  nodeId,
  receiver,
  resultOf,
  sender,
  stranger,
  TTL_MS,
} from './samples.ts';

const anyone = { limit: 10, exceptTargets: [] };
const noContact = { unknownAfterMs: MINUTE_MS, askAgainMs: 30_000 };
const refusedFor = (delayMs: number) => ({ open: false, delayMs, reason: 'overloaded' });
const lostFor = (delayMs: number) => ({ open: true, delayMs, reason: 'timeout' });
const atReceiver = { taskId: 'task-1', databaseId: newDatabaseId() };

/** A row in this state, the only one of the sender that can be claimed or has been. */
async function reach(outbox: OutboxStore, state: OutboxState): Promise<OutboxRow> {
  const row = await outbox.insert(newDirective());
  if (state === 'queued') return row;
  const [claimed] = await outbox.claimForSending(sender, anyone);
  expect(claimed?.id).toBe(row.id);
  if (state === 'accepted') await outbox.accept(sender, row.id, atReceiver);
  else if (state !== 'sending') await outbox.settle(sender, row.id, resultOf(state));
  return requireRow(outbox, row);
}

async function requireRow(outbox: OutboxStore, { sourceNodeId, id }: Pick<OutboxRow, 'sourceNodeId' | 'id'>) {
  const row = await outbox.find(sourceNodeId, id);
  if (!row) throw new Error('the row is gone');
  return row;
}

/** Whatever the port offers that leads to this state. */
const waysTo: Record<OutboxState, (outbox: OutboxStore, row: OutboxRow) => Promise<unknown>> = {
  queued: (outbox, row) => outbox.requeue(row, lostFor(0)),
  sending: (outbox) => outbox.claimForSending(sender, anyone),
  accepted: (outbox, row) => outbox.accept(sender, row.id, atReceiver),
  ...settleTo('completed', 'failed', 'cancelled', 'timed_out', 'rejected', 'interrupted', 'unknown'),
};

function settleTo<S extends FinalStatus>(...statuses: S[]) {
  const way = (status: S) => (outbox: OutboxStore, row: OutboxRow) =>
    outbox.settle(sender, row.id, resultOf(status, { output: 'second' }));
  // One entry for each status that was given.
  return Object.fromEntries(statuses.map((status) => [status, way(status)])) as Record<S, ReturnType<typeof way>>;
}

export function outboxStoreSuite(name: string, createSubject: CreateSubject): void {
  describe(`outbox store on ${name}`, () => {
    test('a new directive is queued as it was given, due at once, and its id is taken', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const own = { parentDirectiveId: newId(), broadcastId: newBroadcastId(), placement: newPlacement() };
      const directive = newDirective(own);
      const row = await outbox.insert(directive);
      expect(row).toMatchObject({ ...directive, state: 'queued', attempts: 0, attemptOpen: false, result: null });
      expect(row.deadlineAt - row.createdAt).toBe(directive.ttlMs);
      expect(row.dueAt).toBe(row.createdAt);
      expect(await outbox.find(sender, directive.id)).toEqual(row);
      await expect(outbox.insert(directive)).rejects.toMatchObject({ code: 'DIRECTIVE_CONFLICT' });
    });

    test('of one id inserted twenty times at once one insert wins', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const directive = newDirective();
      const inserts = await Promise.allSettled(Array.from({ length: 20 }, () => outbox.insert(directive)));
      expect(inserts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      expect(await outbox.events(sender, directive.id)).toHaveLength(1);
    });

    test('a broadcast is inserted whole and in its order, and listed so', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const broadcastId = newBroadcastId();
      const directives = Array.from({ length: 40 }, (_, n) => newDirective({ broadcastId, targetNodeId: nodeId(n) }));
      await outbox.insert(newDirective({ broadcastId: newBroadcastId() }));
      await outbox.insert(newDirective());
      const rows = await outbox.insertMany(directives);
      expect(rows).toMatchObject(directives);
      for (const row of rows) expect(row).toMatchObject({ state: 'queued', attempts: 0, dueAt: row.createdAt });
      expect(await outbox.listBroadcast(sender, broadcastId)).toEqual(rows);
      expect(await outbox.listBroadcast(stranger, broadcastId)).toEqual([]);
      expect(await outbox.listBroadcast(sender, newBroadcastId())).toEqual([]);
      expect(await outbox.events(sender, rows[39]?.id ?? newId())).toMatchObject([{ from: null, to: 'queued' }]);
      expect(await outbox.insertMany([])).toEqual([]);
      const claimed = await outbox.claimForSending(sender, { limit: 42, exceptTargets: [] });
      expect(claimed.slice(2).map(({ id }) => id)).toEqual(directives.map(({ id }) => id));
    });

    test('of a broadcast of which one id is taken nothing is inserted', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const known = await outbox.insert(newDirective());
      const broadcastId = newBroadcastId();
      const [first, second] = [newDirective({ broadcastId }), newDirective({ broadcastId })];
      for (const directives of [
        [first, second, { ...second, id: known.id }],
        [first, second, first],
      ])
        await expect(outbox.insertMany(directives)).rejects.toMatchObject({ code: 'DIRECTIVE_CONFLICT' });
      expect(await outbox.listBroadcast(sender, broadcastId)).toEqual([]);
      expect(await outbox.find(sender, first.id)).toBeUndefined();
      expect(await outbox.events(sender, first.id)).toEqual([]);
      expect(await requireRow(outbox, known)).toEqual(known);
    });

    test('what waits is moved to another node at once, keeps everything else, and its trail says so', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const own = { placement: newPlacement(), broadcastId: newBroadcastId(), parentDirectiveId: newId() };
      const { id } = await outbox.insert(newDirective(own));
      const [claimed] = await outbox.claimForSending(sender, anyone);
      await outbox.requeue({ sourceNodeId: sender, id, attempts: claimed?.attempts ?? 0 }, refusedFor(5 * MINUTE_MS));
      const waiting = await requireRow(outbox, { sourceNodeId: sender, id });
      const placement = newPlacement({ nodeId: nodeId(7), moves: 1 });
      const moved = await outbox.retarget(sender, id, { targetNodeId: nodeId(7), placement });
      const { dueAt, ...rest } = waiting;
      expect(moved).toMatchObject({ ...rest, targetNodeId: nodeId(7), placement, attempts: 1 });
      expect(moved?.dueAt).toBeLessThan(dueAt);
      expect(await requireRow(outbox, waiting)).toEqual(moved);
      expect((await outbox.events(sender, id)).at(-1)).toMatchObject({ from: 'queued', to: 'queued', reason: 'moved' });
      expect(await outbox.claimForSending(sender, anyone)).toMatchObject([
        { id, targetNodeId: nodeId(7), attempts: 2 },
      ]);
    });

    test('what its receiver may have is never moved, nor what has ended', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const to = { targetNodeId: nodeId(7), placement: newPlacement({ nodeId: nodeId(7) }) };
      const open = await reach(outbox, 'sending');
      await outbox.requeue(open, lostFor(MINUTE_MS));
      const rows = [await requireRow(outbox, open)];
      for (const state of OUTBOX_STATES) if (state !== 'queued') rows.push(await reach(outbox, state));
      for (const row of rows) {
        expect(await outbox.retarget(sender, row.id, to), row.state).toBeUndefined();
        expect(await requireRow(outbox, row), row.state).toEqual(row);
      }
      const queued = await reach(outbox, 'queued');
      expect(await outbox.retarget(stranger, queued.id, to)).toBeUndefined();
      expect(await outbox.retarget(sender, newId(), to)).toBeUndefined();
      expect(await requireRow(outbox, queued)).toEqual(queued);
    });

    test('of moves and claims of one row at once it is sent once, to where it stands', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      for (let round = 0; round < 15; round += 1) {
        const { id, targetNodeId } = await outbox.insert(newDirective());
        const moveTo = (n: number) =>
          outbox.retarget(sender, id, { targetNodeId: nodeId(n), placement: newPlacement({ nodeId: nodeId(n) }) });
        const claim = () => outbox.claimForSending(sender, anyone);
        const claims: Promise<ClaimedRow[]>[] = [];
        const asked: Promise<OutboxRow | undefined>[] = [];
        // Now the one comes first, now the other.
        if (round % 3 !== 0) claims.push(claim());
        asked.push(moveTo(7));
        claims.push(claim());
        if (round % 2 === 0) asked.push(moveTo(8));
        const claimed = [...(await Promise.all(claims)).flat()];
        const moves = (await Promise.all(asked)).filter((row) => row !== undefined);
        claimed.push(...(await claim()));
        expect(claimed).toMatchObject([{ id, attempts: 1, state: 'sending' }]);
        const row = await requireRow(outbox, { sourceNodeId: sender, id });
        expect(claimed[0]?.targetNodeId).toBe(row.targetNodeId);
        expect([targetNodeId, ...moves.map((move) => move.targetNodeId)]).toContain(row.targetNodeId);
        if (moves.length > 0) expect(row.targetNodeId).not.toBe(targetNodeId);
        expect(await outbox.events(sender, id)).toHaveLength(2 + moves.length);
        await outbox.settle(sender, id, resultOf('failed')); // out of the next claim's way
      }
    });

    test("another node's rows are not there, to no method", async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const { id } = await outbox.insert(newDirective());
      expect(await outbox.find(stranger, id)).toBeUndefined();
      expect(await outbox.list(stranger, { limit: 10 })).toEqual([]);
      expect(await outbox.claimForSending(stranger, anyone)).toEqual([]);
      expect(await outbox.requestCancel(stranger, id)).toBeUndefined();
      expect(await outbox.nextDueInMs(stranger)).toBeUndefined();
      await outbox.accept(stranger, id, atReceiver);
      await outbox.postpone(stranger, [id], DAY_MS);
      await expect(outbox.settle(stranger, id, resultOf('failed'))).rejects.toMatchObject({
        code: 'DIRECTIVE_NOT_FOUND',
      });
      await subject.advance(40 * DAY_MS);
      expect(await outbox.sweep(stranger, noContact)).toEqual({ expired: [], overdue: [], lost: [] });
      expect(await outbox.purge(stranger)).toBe(0);
      expect(await outbox.events(stranger, id)).toEqual([]);
      expect((await requireRow(outbox, { sourceNodeId: sender, id })).state).toBe('queued');
    });

    test('every move of the table is taken, every other is refused, and the trail tells which', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      for (const from of OUTBOX_STATES)
        for (const to of OUTBOX_STATES) {
          const before = await reach(outbox, from);
          const trailBefore = await outbox.events(sender, before.id);
          await waysTo[to](outbox, before);
          const after = await requireRow(outbox, before);
          const trail = await outbox.events(sender, before.id);
          const pair = `${from} → ${to}`;
          if (canOutboxMove(from, to)) {
            expect(after.state, pair).toBe(to);
            expect(trail.slice(trailBefore.length), pair).toMatchObject([{ side: 'outbox', from, to }]);
          } else {
            expect(after, pair).toEqual(before);
            expect(trail, pair).toEqual(trailBefore);
          }
          await outbox.settle(sender, before.id, resultOf('failed')); // out of the next claim's way
        }
    });

    test('a result comes back as it was stored, and only `unknown` is ever replaced, once', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const { id } = await reach(outbox, 'sending');
      const unknown = await outbox.settle(sender, id, resultOf('unknown'));
      expect(unknown).toMatchObject({ status: 'settled', row: { state: 'unknown', acknowledged: false } });
      const completed: DirectiveResult & { status: 'completed' } = resultOf('completed');
      const settled = await outbox.settle(sender, id, completed);
      expect(settled).toMatchObject({ status: 'settled', row: { result: completed } });
      expect(settled.row.endedAt).toBeGreaterThanOrEqual(settled.row.createdAt);
      const again = await outbox.settle(sender, id, resultOf('failed'));
      expect(again).toEqual({ status: 'already_final', row: settled.row });
    });

    test('of settlements at once one wins, and the others are shown what it wrote', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const { id } = await reach(outbox, 'accepted');
      const statuses = ['completed', 'failed', 'cancelled', 'timed_out', 'rejected', 'interrupted'] as const;
      const outcomes = await Promise.all(statuses.map((status) => outbox.settle(sender, id, resultOf(status))));
      expect(outcomes.filter(({ status }) => status === 'settled')).toHaveLength(1);
      const { state } = await requireRow(outbox, { sourceNodeId: sender, id });
      for (const { row } of outcomes) expect(row.state).toBe(state);
    });

    test('a claim counts the attempt and tells what is left of the time to live', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      await outbox.insert(newDirective());
      await subject.advance(MINUTE_MS);
      const [claimed] = await outbox.claimForSending(sender, anyone);
      expect(claimed).toMatchObject({ state: 'sending', attempts: 1, attemptOpen: false });
      const left = claimed?.remainingMs ?? 0;
      expect(left).toBeLessThanOrEqual(TTL_MS - MINUTE_MS);
      expect(left).toBeGreaterThanOrEqual(TTL_MS - MINUTE_MS - subject.driftMs);
    });

    test('a claim leaves what is not due, past its deadline, to be cancelled, or for a target that is excepted', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const excepted = await outbox.insert(newDirective({ targetNodeId: stranger }));
      const held = await outbox.insert(newDirective());
      await outbox.claimForSending(sender, { limit: 10, exceptTargets: [stranger] });
      await outbox.requeue({ ...held, attempts: 1 }, refusedFor(2 * MINUTE_MS));
      const open = await outbox.insert(newDirective());
      await outbox.claimForSending(sender, { limit: 10, exceptTargets: [stranger] });
      await outbox.requeue({ ...open, attempts: 1 }, lostFor(0));
      await outbox.requestCancel(sender, open.id);
      const late = await outbox.insert(newDirective({ ttlMs: MINUTE_MS }));
      await subject.advance(MINUTE_MS);
      expect(await outbox.claimForSending(sender, { limit: 10, exceptTargets: [stranger] })).toEqual([]);
      expect((await outbox.claimForSending(sender, anyone)).map(({ id }) => id)).toEqual([excepted.id]);
      await subject.advance(MINUTE_MS);
      expect((await outbox.claimForSending(sender, anyone)).map(({ id }) => id)).toEqual([held.id]);
      expect((await requireRow(outbox, late)).state).toBe('queued');
    });

    test('claims come by aged rank, then by age, whatever the priorities and the hours of arrival', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      // Steps of ten seconds: a real clock's own drift takes no row over an edge of thirty that it had not reached.
      const arrival = fc.record({
        priority: fc.constantFrom('low', 'normal', 'high', 'critical'),
        thenMs: fc.constantFrom(0, 0, 10_000, 30_000, 70_000),
      });
      const check = async (arrivals: { priority: 'low' | 'normal' | 'high' | 'critical'; thenMs: number }[]) => {
        const waiting: { row: OutboxRow; waitedMs: number }[] = [];
        for (const { priority, thenMs } of arrivals) {
          waiting.push({ row: await outbox.insert(newDirective({ priority, ttlMs: DAY_MS })), waitedMs: 0 });
          if (thenMs) await subject.advance(thenMs);
          for (const each of waiting) each.waitedMs += thenMs;
        }
        const rank = ({ row, waitedMs }: (typeof waiting)[number]) => agedRank(row.priority, waitedMs);
        const expected = waiting.toSorted((a, b) => rank(b) - rank(a)).map(({ row }) => row.id); // a stable sort
        const half = Math.ceil(expected.length / 2);
        const claimed = [
          ...(await outbox.claimForSending(sender, { limit: half, exceptTargets: [] })),
          ...(await outbox.claimForSending(sender, { limit: 100, exceptTargets: [] })),
        ];
        for (const row of claimed) await outbox.settle(sender, row.id, resultOf('completed'));
        expect(claimed.map(({ id }) => id)).toEqual(expected);
      };
      await fc.assert(fc.asyncProperty(fc.array(arrival, { maxLength: 10 }), check), { numRuns: 20 });
    });

    test('twenty claims at once never hand out a row twice, nor forget one', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const ids = await Promise.all(Array.from({ length: 60 }, async () => (await outbox.insert(newDirective())).id));
      const claims = await Promise.all(
        Array.from({ length: 20 }, () => outbox.claimForSending(sender, { limit: 2, exceptTargets: [] })),
      );
      const claimed = claims.flat().map(({ id }) => id);
      expect(new Set(claimed).size).toBe(claimed.length);
      const rest = await outbox.claimForSending(sender, { limit: 100, exceptTargets: [] });
      expect([...claimed, ...rest.map(({ id }) => id)].toSorted()).toEqual(ids.toSorted());
    });

    test('a refused attempt stays closed, a lost one stays open, and a late answer calls back no later attempt', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const row = await reach(outbox, 'sending');
      await outbox.requeue(row, refusedFor(0));
      expect(await requireRow(outbox, row)).toMatchObject({ state: 'queued', attemptOpen: false, attempts: 1 });
      await outbox.claimForSending(sender, anyone);
      await outbox.requeue(row, lostFor(0)); // attempt 1 again
      expect(await requireRow(outbox, row)).toMatchObject({ state: 'sending', attempts: 2, attemptOpen: false });
      await outbox.requeue({ ...row, attempts: 2 }, lostFor(0));
      expect(await requireRow(outbox, row)).toMatchObject({ state: 'queued', attemptOpen: true });
      await outbox.claimForSending(sender, anyone);
      await outbox.requeue({ ...row, attempts: 3 }, refusedFor(MINUTE_MS));
      const refused = await requireRow(outbox, row);
      expect(refused).toMatchObject({ state: 'queued', attemptOpen: true, attempts: 3 });
      expect(Math.abs(refused.dueAt - row.createdAt - MINUTE_MS)).toBeLessThanOrEqual(subject.driftMs);
      expect((await outbox.events(sender, row.id)).at(-1)).toMatchObject({ reason: 'overloaded' });
    });

    test('an accepted row keeps its task, is polled in its time, and shows what was heard', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const row = await reach(outbox, 'accepted');
      expect(row).toMatchObject({ taskId: 'task-1', peerDatabaseId: atReceiver.databaseId, heard: null });
      const untilPoll = (await outbox.nextDueInMs(sender)) ?? -1;
      expect(untilPoll).toBeGreaterThanOrEqual(0);
      expect(untilPoll).toBeLessThanOrEqual(DEFAULT_POLL_MS);
      await subject.advance(MINUTE_MS);
      expect(await outbox.nextDueInMs(sender)).toBe(0);
      expect((await outbox.listDue(sender, 10)).map(({ id }) => id)).toEqual([row.id]);
      await outbox.hear(sender, row.id, 'running', 2 * MINUTE_MS);
      expect(await outbox.listDue(sender, 10)).toEqual([]);
      expect((await outbox.list(sender, { status: 'running', limit: 10 })).map(({ id }) => id)).toEqual([row.id]);
      await outbox.postpone(sender, [row.id], 0);
      expect(await outbox.listDue(sender, 10)).toHaveLength(1);
      await outbox.postpone(sender, [], DAY_MS);
      await outbox.settle(sender, row.id, resultOf('completed'));
      await outbox.hear(sender, row.id, null, 0);
      expect(await requireRow(outbox, row)).toMatchObject({ heard: 'running', state: 'completed' });
      expect(await outbox.listDue(sender, 10)).toEqual([]);
    });

    test('a list shows the newest first, at most the limit, and each row under its status alone', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const rows: OutboxRow[] = [];
      for (const state of OUTBOX_STATES.toReversed()) {
        rows.unshift(await reach(outbox, state));
        await subject.advance(MINUTE_MS / 60);
      }
      const idsOf = (listed: OutboxRow[]) => listed.map(({ id }) => id);
      expect(idsOf(await outbox.list(sender, { limit: 100 }))).toEqual(idsOf(rows));
      expect(idsOf(await outbox.list(sender, { limit: 2 }))).toEqual(idsOf(rows.slice(0, 2)));
      const statuses = new Set(rows.map((row) => outboxStatus(row.state, row.heard)));
      for (const status of statuses) {
        const expected = rows.filter((row) => outboxStatus(row.state, row.heard) === status);
        expect(idsOf(await outbox.list(sender, { status, limit: 100 })), status).toEqual(idsOf(expected));
      }
      expect(await outbox.list(sender, { status: 'awaiting_approval', limit: 100 })).toEqual([]);
    });

    test('a cancellation ends at once what nobody can have, and is noted for the rest', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const unsent = await outbox.insert(newDirective());
      const settled = await outbox.requestCancel(sender, unsent.id);
      const result = { status: 'cancelled', started: false, error: { reason: 'cancelled_by_caller' } };
      expect(settled).toMatchObject({ status: 'settled', row: { state: 'cancelled', result, acknowledged: true } });
      expect(await outbox.requestCancel(sender, unsent.id)).toEqual({ status: 'already_final', row: settled?.row });
      expect(await outbox.listUnacknowledged(sender, { limit: 10, exceptTargets: [] })).toEqual([]);
      for (const state of ['sending', 'accepted'] as const) {
        const row = await reach(outbox, state);
        const requested = await outbox.requestCancel(sender, row.id);
        expect(requested).toMatchObject({ status: 'requested', row: { state, cancelRequested: 'caller' } });
        expect((await outbox.listDue(sender, 10)).map(({ id }) => id)).toContain(row.id);
        expect(await outbox.nextDueInMs(sender)).toBe(0);
      }
      expect(await outbox.requestCancel(sender, newId())).toBeUndefined();
    });

    test('a cancelled send that was refused ends by the next sweep, as its cause says', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const row = await reach(outbox, 'sending');
      await outbox.requestCancel(sender, row.id);
      await outbox.requeue(row, refusedFor(5 * MINUTE_MS));
      expect(await outbox.nextDueInMs(sender)).toBe(0);
      expect(await outbox.listDue(sender, 10)).toEqual([]); // nobody to ask: the receiver never had it
      const { expired } = await outbox.sweep(sender, noContact);
      expect(expired).toMatchObject([{ id: row.id, state: 'cancelled', acknowledged: true }]);
      expect((await outbox.events(sender, row.id)).at(-1)).toMatchObject({ from: 'queued', to: 'cancelled' });
    });

    test('past the deadline the sender ends what it never sent, and asks for the end of what it did', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const accepted = await reach(outbox, 'accepted');
      const sending = await reach(outbox, 'sending');
      const open = await reach(outbox, 'sending');
      await outbox.requeue(open, lostFor(0));
      const refused = await outbox.insert(newDirective());
      await outbox.claimForSending(sender, { limit: 10, exceptTargets: [] });
      await outbox.requeue({ ...open, attempts: 2 }, lostFor(0));
      await outbox.requeue({ ...refused, attempts: 1 }, refusedFor(0));
      expect(await outbox.sweep(sender, noContact)).toEqual({ expired: [], overdue: [], lost: [] });
      await subject.advance(TTL_MS);
      expect(await outbox.claimForSending(sender, anyone)).toEqual([]);
      const { expired, overdue, lost } = await outbox.sweep(sender, noContact);
      expect(expired).toMatchObject([
        { id: refused.id, state: 'timed_out', result: { error: { reason: 'ttl_expired' }, started: false } },
      ]);
      const { reason: lastReason } = refusedFor(0);
      expect(expired[0]?.result?.error).toMatchObject({
        metadata: { lastReason },
        message: `its time to live ended before it started; why it was put off last: ${lastReason}`,
      });
      const unsent = await outbox.insert(newDirective({ ttlMs: 1_000 }));
      await subject.advance(1_000);
      expect((await outbox.sweep(sender, noContact)).expired).toMatchObject([
        { id: unsent.id, result: { error: { message: 'its time to live ended before it started' } } },
      ]);
      expect(overdue.map(({ id, state, cancelRequested }) => ({ id, state, cancelRequested }))).toEqual([
        { id: accepted.id, state: 'accepted', cancelRequested: 'deadline' },
        { id: sending.id, state: 'sending', cancelRequested: 'deadline' },
        { id: open.id, state: 'queued', cancelRequested: 'deadline' },
      ]);
      expect(lost).toEqual([]);
      expect(await outbox.listDue(sender, 10)).toHaveLength(3);
      expect(await outbox.sweep(sender, noContact)).toEqual({ expired: [], overdue: [], lost: [] });
      await subject.advance(MINUTE_MS);
      const later = await outbox.sweep(sender, noContact);
      expect(later.lost.map(({ id, state }) => ({ id, state }))).toEqual(
        [accepted, sending, open].map(({ id }) => ({ id, state: 'unknown' })),
      );
      expect(later.lost[0]?.result).toMatchObject({ status: 'unknown', error: { reason: 'no_contact' } });
      expect(await outbox.listUnacknowledged(sender, { limit: 10, exceptTargets: [] })).toEqual([]);
      // Nobody could be asked: it is asked again, until the receiver answers or nothing is owed any more.
      expect(await outbox.listDue(sender, 10)).toEqual([]);
      await subject.advance(noContact.askAgainMs);
      expect((await outbox.listDue(sender, 10)).map(({ id }) => id)).toEqual([accepted.id, sending.id, open.id]);
      await outbox.postpone(sender, [accepted.id, sending.id, open.id], MINUTE_MS);
      expect(await outbox.listDue(sender, 10)).toEqual([]);
      await outbox.settle(sender, accepted.id, resultOf('completed'));
      await outbox.settle(sender, open.id, resultOf('failed'), { nothingOwed: true });
      await subject.advance(MINUTE_MS);
      expect((await outbox.listDue(sender, 10)).map(({ id }) => id)).toEqual([sending.id]);
      expect((await outbox.listUnacknowledged(sender, { limit: 10, exceptTargets: [] })).map(({ id }) => id)).toEqual([
        accepted.id,
      ]);
    });

    test('what is unknown because the receiver forgot it is not asked about again', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const row = await reach(outbox, 'accepted');
      await outbox.settle(sender, row.id, resultOf('unknown'), { nothingOwed: true });
      await subject.advance(MINUTE_MS);
      expect(await outbox.listDue(sender, 10)).toEqual([]);
      expect(await outbox.nextDueInMs(sender)).toBeUndefined();
    });

    test('a send that nobody has in hand any more is queued again, its outcome open', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const [inHand, lost] = [await reach(outbox, 'sending'), await reach(outbox, 'sending')];
      expect(await outbox.requeueLost(sender, [inHand.id])).toBe(1);
      expect(await requireRow(outbox, lost)).toMatchObject({ state: 'queued', attemptOpen: true });
      expect(await requireRow(outbox, inHand)).toMatchObject({ state: 'sending' });
      expect(await outbox.requeueLost(sender, [inHand.id])).toBe(0);
      expect((await outbox.claimForSending(sender, anyone)).map(({ id }) => id)).toEqual([lost.id]);
    });

    test('what was put off is due at once where that is asked for', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const row = await outbox.insert(newDirective());
      const [claimed] = await outbox.claimForSending(sender, anyone);
      await outbox.requeue({ ...row, attempts: claimed?.attempts ?? 0 }, lostFor(5 * MINUTE_MS));
      expect(await outbox.claimForSending(sender, anyone)).toEqual([]);
      await outbox.postpone(stranger, [row.id], 0);
      expect(await outbox.claimForSending(sender, anyone)).toEqual([]);
      await outbox.postpone(sender, [row.id], 0);
      expect((await outbox.claimForSending(sender, anyone)).map(({ id }) => id)).toEqual([row.id]);
    });

    test('acknowledgements of a peer that does not take them hold up nobody else’s', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const row = await reach(outbox, 'completed');
      expect(await outbox.listUnacknowledged(sender, { limit: 10, exceptTargets: [row.targetNodeId] })).toEqual([]);
      const refused = await reach(outbox, 'sending');
      await outbox.settle(sender, refused.id, resultOf('rejected'), { nothingOwed: true });
      expect(await outbox.listUnacknowledged(sender, { limit: 10, exceptTargets: [] })).toMatchObject([{ id: row.id }]);
    });

    test('what was sent and has ended is to be acknowledged, oldest first, until it is', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const first = await reach(outbox, 'completed');
      await subject.advance(MINUTE_MS);
      const second = await reach(outbox, 'failed');
      const open = await reach(outbox, 'sending');
      const unsent = await outbox.insert(newDirective());
      await outbox.settle(sender, unsent.id, resultOf('rejected'));
      const ids = async (limit: number) =>
        (await outbox.listUnacknowledged(sender, { limit, exceptTargets: [] })).map(({ id }) => id);
      expect(await ids(10)).toEqual([first.id, second.id]);
      expect(await ids(1)).toEqual([first.id]);
      await outbox.markAcknowledged(sender, [first.id, open.id]);
      await outbox.markAcknowledged(sender, []);
      expect(await ids(10)).toEqual([second.id]);
      await outbox.settle(sender, open.id, resultOf('completed'));
      expect(await ids(10)).toEqual([second.id, open.id]);
    });

    test('after a restart what was being sent is queued with an open attempt, and what was accepted is due', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const accepted = await reach(outbox, 'accepted');
      await outbox.hear(sender, accepted.id, 'running', 5 * MINUTE_MS);
      const sending = await reach(outbox, 'sending');
      const queued = await reach(outbox, 'queued');
      expect(await outbox.recover(sender)).toBe(2);
      expect(await requireRow(outbox, sending)).toMatchObject({ state: 'queued', attemptOpen: true });
      expect(await requireRow(outbox, queued)).toEqual(queued);
      expect((await outbox.listDue(sender, 10)).map(({ id }) => id)).toEqual([accepted.id]);
      expect((await outbox.claimForSending(sender, anyone)).map(({ id }) => id)).toEqual([sending.id, queued.id]);
    });

    test('the next moment is the nearest of what is due and what ends, and none where nothing waits', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const about = async (ms: number) => {
        const inMs = (await outbox.nextDueInMs(sender)) ?? Number.NaN;
        expect(inMs).toBeLessThanOrEqual(ms);
        expect(inMs).toBeGreaterThanOrEqual(Math.max(0, ms - subject.driftMs));
      };
      expect(await outbox.nextDueInMs(sender)).toBeUndefined();
      const row = await reach(outbox, 'sending');
      await about(TTL_MS); // while it is being sent only its deadline counts
      await outbox.requeue(row, refusedFor(3 * MINUTE_MS));
      await about(3 * MINUTE_MS);
      await outbox.insert(newDirective({ ttlMs: 2 * MINUTE_MS }));
      await about(0);
      await outbox.claimForSending(sender, anyone);
      await about(2 * MINUTE_MS);
      await subject.advance(2 * MINUTE_MS);
      await about(0);
      await outbox.sweep(sender, noContact);
      await outbox.postpone(
        sender,
        (await outbox.listDue(sender, 10)).map(({ id }) => id),
        MINUTE_MS / 2,
      );
      await about(MINUTE_MS / 2);
    });

    test('what ended is kept for seven days after its deadline where it is acknowledged, else thirty', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const acknowledged = await reach(outbox, 'completed');
      await outbox.markAcknowledged(sender, [acknowledged.id]);
      const owed = await reach(outbox, 'completed');
      const open = await reach(outbox, 'sending');
      await subject.advance(7 * DAY_MS);
      expect(await outbox.purge(sender)).toBe(0);
      await subject.advance(TTL_MS);
      expect(await outbox.purge(sender)).toBe(1);
      expect(await outbox.find(sender, acknowledged.id)).toBeUndefined();
      expect(await outbox.events(sender, acknowledged.id)).toEqual([]);
      await subject.advance(23 * DAY_MS);
      expect(await outbox.purge(sender)).toBe(1);
      expect(await outbox.find(sender, owed.id)).toBeUndefined();
      expect(await requireRow(outbox, open)).toBeDefined();
    });

    test('the trail tells the whole way, with reasons and in order', async () => {
      await using subject = await createSubject();
      const { outbox } = subject.stores;
      const row = await reach(outbox, 'sending');
      await outbox.requeue(row, lostFor(0));
      await outbox.claimForSending(sender, { limit: 1, exceptTargets: [] });
      await outbox.accept(sender, row.id, { taskId: 'task-1', databaseId: null });
      await outbox.settle(sender, row.id, resultOf('failed'));
      const trail = await outbox.events(sender, row.id);
      expect(trail.map(({ from, to, reason }) => [from, to, reason])).toEqual([
        [null, 'queued', null],
        ['queued', 'sending', null],
        ['sending', 'queued', 'timeout'],
        ['queued', 'sending', null],
        ['sending', 'accepted', null],
        ['accepted', 'failed', 'failed_by_test'],
      ]);
      expect(trail.every(({ at }) => Date.parse(at) >= row.createdAt)).toBe(true);
      expect(row.targetNodeId).toBe(receiver);
    });
  });
}

import { InboxState } from '@skein/contracts';
import {
  agedRank,
  canInboxMove,
  type Effect,
  type EligibilityAction,
  type InboxKey,
  type InboxRow,
  type InboxStore,
  inboxStatus,
  type SwarmStores,
  startLimit,
} from '@skein/swarm';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { CreateSubject } from '../subject.ts';
import {
  DAY_MS,
  MINUTE_MS,
  newArrival,
  newId,
  newMail,
  newNode,
  newNote,
  receiver,
  resultOf,
  sender,
  stranger,
  TTL_MS,
} from './samples.ts';

const worker = { limit: 10, leasedBy: 'life-1', leaseMs: MINUTE_MS };
const workerDied = { reason: 'worker_lost', message: 'the worker is gone' };
const askedBy = (cause: 'caller' | 'deadline') => ({ targetNodeId: receiver, rowId: crypto.randomUUID(), cause });

async function requireRow(inbox: InboxStore, { sourceNodeId, id }: InboxKey): Promise<InboxRow> {
  const row = await inbox.find({ sourceNodeId, id });
  if (!row) throw new Error('the row is gone');
  return row;
}

async function claimOne(inbox: InboxStore): Promise<InboxRow> {
  const [row] = await inbox.claim(receiver, { ...worker, limit: 1 });
  if (!row) throw new Error('there was nothing to claim');
  return row;
}

/** A row in this state, the only one that can be claimed. No writer of the port makes awaiting_approval yet. */
async function reach(inbox: InboxStore, state: InboxState, effect: InboxRow['effect'] = 'alo'): Promise<InboxRow> {
  const refusal = state === 'rejected' ? { reason: 'not_allowed', message: 'no' } : null;
  const arrival = newArrival({ effect, refusal });
  const { row } = await inbox.admit(arrival);
  if (state === 'received' || state === 'rejected') return row;
  const { epoch } = await claimOne(inbox);
  if (state === 'leased') return requireRow(inbox, row);
  await inbox.start(row, epoch);
  if (state === 'completed' || state === 'failed') await inbox.finish(row, epoch, resultOf(state));
  else if (state === 'timed_out' || state === 'cancelled' || state === 'interrupted')
    await inbox.end(row, epoch, resultOf(state));
  return requireRow(inbox, row);
}

/** Whatever the port offers that leads to this state, one after the other. */
const waysTo: Record<InboxState, (inbox: InboxStore, row: InboxRow) => Promise<unknown>> = {
  received: async (inbox, row) => {
    await inbox.release(row, row.epoch);
    await inbox.recoverLost(row, row.epoch, workerDied);
  },
  awaiting_approval: async () => {},
  leased: (inbox) => inbox.claim(receiver, worker),
  running: (inbox, row) => inbox.start(row, row.epoch),
  completed: (inbox, row) => inbox.finish(row, row.epoch, resultOf('completed')),
  failed: (inbox, row) => inbox.finish(row, row.epoch, resultOf('failed')),
  cancelled: async (inbox, row) => {
    await inbox.end(row, row.epoch, resultOf('cancelled'));
    await inbox.cancel(row, askedBy('caller'));
  },
  timed_out: async (inbox, row) => {
    await inbox.end(row, row.epoch, resultOf('timed_out'));
    await inbox.cancel(row, askedBy('deadline'));
  },
  rejected: async () => {},
  interrupted: (inbox, row) => inbox.end(row, row.epoch, resultOf('interrupted')),
};
const withoutWriter: InboxState[] = ['awaiting_approval'];

/** One of each kind, with a name to look for. */
function newEffects(key: string): Effect[] {
  const version = { counter: 1, nodeId: sender };
  return [
    { type: 'deliver', mail: newMail({ key }) },
    { type: 'merge', nodeId: receiver, namespace: 'memory', entries: [{ key, value: 42, version }] },
  ];
}

/** Which of these effects are stored, by their names. */
async function storedEffects({ mail, state }: SwarmStores): Promise<{ delivered: number; merged: string[] }> {
  const delivered = await mail.list(receiver, { session: 'inbox' }, { limit: 100 });
  const merged = await state.list(receiver, 'memory');
  return { delivered: delivered.length, merged: merged.map(({ key }) => key) };
}

export function inboxStoreSuite(name: string, createSubject: CreateSubject): void {
  describe(`inbox store on ${name}`, () => {
    test('an arrival is received as it came, with a deadline by the clock of the store', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const { refusal: _, remainingMs, ...arrival } = newArrival({ parentDirectiveId: newId() });
      const { status, row } = await inbox.admit({ ...arrival, remainingMs, refusal: null });
      expect(status).toBe('received');
      expect(row).toMatchObject({ ...arrival, state: 'received', epoch: 0, starts: 0, result: null });
      expect(row.deadlineAt - row.receivedAt).toBe(remainingMs);
      expect(await inbox.find(arrival)).toEqual(row);
      expect(await inbox.findById(receiver, arrival.id)).toEqual(row);
      expect(await inbox.findById(stranger, arrival.id)).toBeUndefined();
      expect(await inbox.findByRowId(arrival.rowId)).toEqual(row);
      expect(await inbox.findByRowId('not a uuid')).toBeUndefined();
      expect(await inbox.findMany(sender, [arrival.id, newId(), arrival.id])).toEqual([row]);
      expect(await inbox.findMany(stranger, [arrival.id])).toEqual([]);
      expect(await inbox.findMany(sender, [])).toEqual([]);
    });

    test('what the policy refused is born rejected, and what came too late timed out', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const refusal = { reason: 'not_allowed', message: 'no', metadata: { kind: 'execute_task' } };
      const rejected = await inbox.admit(newArrival({ refusal, remainingMs: 0 }));
      const unstarted = { started: false, metrics: { durationMs: 0, tokensIn: 0 } };
      expect(rejected).toMatchObject({ status: 'rejected', row: { state: 'rejected', result: unstarted } });
      expect(rejected.row.result?.error).toEqual(refusal);
      for (const remainingMs of [0, -5]) {
        const late = await inbox.admit(newArrival({ remainingMs }));
        expect(late).toMatchObject({ status: 'timed_out', row: { state: 'timed_out', result: unstarted } });
        expect(late.row.result?.error?.reason).toBe('ttl_expired');
        expect(late.row.endedAt).toBe(late.row.receivedAt);
      }
      expect(await inbox.claim(receiver, worker)).toEqual([]);
    });

    test('the same directive is a duplicate whatever became of it, and another payload under its id a conflict', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const arrival = newArrival();
      await inbox.admit(arrival);
      const { epoch } = await claimOne(inbox);
      const again = { ...arrival, rowId: crypto.randomUUID(), remainingMs: 1 };
      expect(await inbox.admit(again)).toMatchObject({ status: 'duplicate', row: { rowId: arrival.rowId, epoch } });
      await inbox.start(arrival, epoch);
      await inbox.finish(arrival, epoch, resultOf('completed'));
      expect(await inbox.admit(again)).toMatchObject({ status: 'duplicate', row: { state: 'completed' } });
      const other = { ...again, payloadHash: 'b'.repeat(64), refusal: workerDied };
      expect(await inbox.admit(other)).toMatchObject({ status: 'conflict', row: { state: 'completed' } });
      expect((await inbox.admit({ ...other, sourceNodeId: stranger, refusal: null })).status).toBe('received');
      expect(await inbox.events(arrival)).toHaveLength(4);
    });

    test('of twenty arrivals of one directive at once one is received and the others are duplicates of it', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const arrival = newArrival();
      const admissions = await Promise.all(
        Array.from({ length: 20 }, () => inbox.admit({ ...arrival, rowId: crypto.randomUUID() })),
      );
      expect(admissions.filter(({ status }) => status === 'received')).toHaveLength(1);
      expect(admissions.filter(({ status }) => status === 'duplicate')).toHaveLength(19);
      expect(new Set(admissions.map(({ row }) => row.rowId)).size).toBe(1);
      expect(await inbox.events(arrival)).toHaveLength(1);
    });

    test('every move of the table is taken, every other is refused, and the trail tells which', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const states = InboxState.options.filter((state) => !withoutWriter.includes(state));
      for (const from of states)
        for (const to of states) {
          const before = await reach(inbox, from);
          const trailBefore = await inbox.events(before);
          await waysTo[to](inbox, before);
          const after = await requireRow(inbox, before);
          const trail = await inbox.events(before);
          const pair = `${from} → ${to}`;
          if (canInboxMove(from, to)) {
            expect(after.state, pair).toBe(to);
            expect(trail.slice(trailBefore.length), pair).toMatchObject([{ side: 'inbox', from, to }]);
            expect(after.endedAt === null, pair).toBe(after.result === null);
          } else {
            expect(after, pair).toEqual(before);
            expect(trail, pair).toEqual(trailBefore);
          }
          await inbox.cancel(after, askedBy('caller')); // out of the next claim's way
          await inbox.end(after, after.epoch, resultOf('cancelled'));
        }
    });

    test('claims come by aged rank, then by arrival, whatever the priorities and the hours', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const arriving = fc.record({
        priority: fc.constantFrom('low', 'normal', 'high', 'critical'),
        thenMs: fc.constantFrom(0, 0, 10_000, 30_000, 70_000),
      });
      const check = async (arrivals: { priority: 'low' | 'normal' | 'high' | 'critical'; thenMs: number }[]) => {
        const waiting: { row: InboxRow; waitedMs: number }[] = [];
        for (const { priority, thenMs } of arrivals) {
          const { row } = await inbox.admit(newArrival({ priority, remainingMs: DAY_MS }));
          waiting.push({ row, waitedMs: 0 });
          if (thenMs) await subject.advance(thenMs);
          for (const each of waiting) each.waitedMs += thenMs;
        }
        const rank = ({ row, waitedMs }: (typeof waiting)[number]) => agedRank(row.priority, waitedMs);
        const expected = waiting.toSorted((a, b) => rank(b) - rank(a)).map(({ row }) => row.id); // a stable sort
        const claimed = [
          ...(await inbox.claim(receiver, { ...worker, limit: Math.ceil(expected.length / 2) })),
          ...(await inbox.claim(receiver, { ...worker, limit: 100 })),
        ];
        for (const row of claimed) await inbox.end(row, row.epoch, resultOf('cancelled'));
        expect(claimed.map(({ id }) => id)).toEqual(expected);
      };
      await fc.assert(fc.asyncProperty(fc.array(arriving, { maxLength: 10 }), check), { numRuns: 20 });
    });

    test('twenty claims at once never hand out a row twice, nor forget one', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const ids = await Promise.all(Array.from({ length: 60 }, async () => (await inbox.admit(newArrival())).row.id));
      const claims = await Promise.all(
        Array.from({ length: 20 }, (_, n) => inbox.claim(receiver, { ...worker, limit: 2, leasedBy: `life-${n}` })),
      );
      const claimed = claims.flat().map(({ id }) => id);
      expect(new Set(claimed).size).toBe(claimed.length);
      const rest = await inbox.claim(receiver, { ...worker, limit: 100 });
      expect([...claimed, ...rest.map(({ id }) => id)].toSorted()).toEqual(ids.toSorted());
    });

    test("a claim takes a lease on this node's work alone, and nothing past its deadline", async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const { row } = await inbox.admit(newArrival());
      const late = await inbox.admit(newArrival({ remainingMs: MINUTE_MS }));
      await subject.advance(MINUTE_MS);
      expect(await inbox.claim(stranger, worker)).toEqual([]);
      const [claimed, ...more] = await inbox.claim(receiver, worker);
      expect(claimed).toMatchObject({ id: row.id, state: 'leased', epoch: 1, leasedBy: 'life-1', starts: 0 });
      expect(more).toEqual([]);
      const leasedFor = (claimed?.leaseExpiresAt ?? 0) - row.receivedAt - MINUTE_MS;
      expect(Math.abs(leasedFor - worker.leaseMs)).toBeLessThanOrEqual(subject.driftMs);
      expect(await inbox.expire(receiver)).toMatchObject([{ id: late.row.id, state: 'timed_out', starts: 0 }]);
    });

    test('a start is counted, and fenced past the lease, past the deadline, and to another epoch', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const row = await reach(inbox, 'leased');
      expect(await inbox.start(row, row.epoch + 1)).toEqual({ status: 'fenced' });
      expect(await inbox.start(row, row.epoch - 1)).toEqual({ status: 'fenced' });
      expect(await inbox.start({ ...row, sourceNodeId: stranger }, row.epoch)).toEqual({ status: 'fenced' });
      const started = await inbox.start(row, row.epoch);
      expect(started).toMatchObject({ status: 'done', row: { state: 'running', starts: 1, epoch: row.epoch } });
      if (started.status !== 'done') return;
      expect(started.remainingMs).toBeLessThanOrEqual(TTL_MS);
      expect(started.remainingMs).toBeGreaterThanOrEqual(TTL_MS - subject.driftMs);
      expect(started.row.startedAt).toBeGreaterThanOrEqual(row.receivedAt);
      const lapsed = await reach(inbox, 'leased');
      await subject.advance(MINUTE_MS);
      expect(await inbox.start(lapsed, lapsed.epoch)).toEqual({ status: 'fenced' });
      await inbox.admit(newArrival({ remainingMs: MINUTE_MS }));
      const [late] = await inbox.claim(receiver, { ...worker, leaseMs: DAY_MS });
      await subject.advance(MINUTE_MS);
      expect(late && (await inbox.start(late, late.epoch))).toEqual({ status: 'fenced' });
    });

    test('a lease is renewed while it is held, and said to be lost once it lapsed or was taken', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const running = await reach(inbox, 'running');
      const leased = await reach(inbox, 'leased');
      const taken = await reach(inbox, 'running');
      await inbox.recoverLost(taken, taken.epoch, workerDied);
      await subject.advance(MINUTE_MS / 2);
      const key = ({ sourceNodeId, id }: InboxRow) => ({ sourceNodeId, id });
      expect(await inbox.renew([running, leased, taken], MINUTE_MS)).toEqual([key(taken)]);
      await subject.advance(MINUTE_MS / 2);
      expect(await inbox.renew([running], MINUTE_MS)).toEqual([]);
      await subject.advance(MINUTE_MS);
      expect(await inbox.renew([running, leased], MINUTE_MS)).toEqual([key(running), key(leased)]);
      expect(await inbox.finish(running, running.epoch, resultOf('completed'))).toEqual({ status: 'fenced' });
      expect(await inbox.renew([], MINUTE_MS)).toEqual([]);
    });

    test('a result comes back as it was stored', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const row = await reach(inbox, 'running');
      for (const output of ['42', 42, null, 'a\0b', { stdout: '\ud800', list: ['1', 2] }]) {
        const next = output === '42' ? row : await reach(inbox, 'running');
        const result = resultOf('completed', { output });
        const finished = await inbox.finish(next, next.epoch, { ...result, output });
        expect(finished).toMatchObject({ status: 'done', row: { leasedBy: null, leaseExpiresAt: null } });
        expect((await requireRow(inbox, next)).result).toEqual({ ...result, output });
      }
    });

    test('whatever raises the epoch fences every write of the worker that held the row', async () => {
      const takeovers: Record<string, (inbox: InboxStore, row: InboxRow) => Promise<unknown>> = {
        end: (inbox, row) => inbox.end(row, row.epoch, resultOf('cancelled')),
        'recoverLost, to another start': (inbox, row) => inbox.recoverLost(row, row.epoch, workerDied),
        'recoverLost, then claimed again': async (inbox, row) => {
          await inbox.recoverLost(row, row.epoch, workerDied);
          await claimOne(inbox);
        },
        'recoverLost, then started again': async (inbox, row) => {
          await inbox.recoverLost(row, row.epoch, workerDied);
          await inbox.start(row, (await claimOne(inbox)).epoch);
        },
      };
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      for (const [how, takeOver] of Object.entries(takeovers)) {
        const held = await reach(inbox, 'running');
        await takeOver(inbox, held);
        const after = await requireRow(inbox, held);
        expect(after.epoch, how).toBeGreaterThan(held.epoch);
        const writes = [
          inbox.start(held, held.epoch),
          inbox.finish(held, held.epoch, resultOf('completed')),
          inbox.end(held, held.epoch, resultOf('timed_out')),
          inbox.recoverLost(held, held.epoch, workerDied),
          inbox.release(held, held.epoch),
        ];
        for (const write of writes) expect(await write, how).toEqual({ status: 'fenced' });
        expect(await inbox.renew([held], DAY_MS), how).toHaveLength(1);
        expect(await requireRow(inbox, held), how).toEqual(after);
        await inbox.cancel(held, askedBy('caller'));
        await inbox.end(held, after.epoch, resultOf('cancelled'));
      }
    });

    test('effects are stored with the result that they belong to, and none with one that is fenced', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const lost = await reach(inbox, 'running', 'tx');
      await inbox.recoverLost(lost, lost.epoch, workerDied);
      const again = await claimOne(inbox);
      const refused = [
        inbox.finish(lost, lost.epoch, resultOf('completed'), newEffects('of the lost worker')),
        inbox.finish(again, again.epoch, resultOf('completed'), newEffects('before its start')),
        inbox.finish({ ...again, id: newId() }, again.epoch, resultOf('completed'), newEffects('of nothing')),
      ];
      for (const write of refused) expect(await write).toEqual({ status: 'fenced' });
      expect(await storedEffects(subject.stores)).toEqual({ delivered: 0, merged: [] });
      await inbox.start(again, again.epoch);
      const finish = () => inbox.finish(again, again.epoch, resultOf('completed'), newEffects('of the result'));
      expect(await finish()).toMatchObject({ status: 'done', row: { state: 'completed', result: { output: '42' } } });
      expect(await finish()).toEqual({ status: 'fenced' });
      expect(await storedEffects(subject.stores)).toEqual({ delivered: 1, merged: ['of the result'] });
      const lapsed = await reach(inbox, 'running', 'tx');
      await subject.advance(MINUTE_MS);
      const late = inbox.finish(lapsed, lapsed.epoch, resultOf('completed'), newEffects('past its lease'));
      expect(await late).toEqual({ status: 'fenced' });
      expect(await storedEffects(subject.stores)).toEqual({ delivered: 1, merged: ['of the result'] });
    });

    test('of finishes with effects and an end at once one wins, and only its effects are stored', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const expected: string[] = [];
      for (let round = 0; round < 10; round += 1) {
        const row = await reach(inbox, 'running', 'tx');
        const names = [`${round}: one`, `${round}: other`];
        const [one, other] = names.map(newEffects);
        const outcomes = await Promise.all([
          inbox.finish(row, row.epoch, resultOf('completed'), one),
          round % 2 ? inbox.end(row, row.epoch, resultOf('timed_out')) : ({ status: 'fenced' } as const),
          inbox.finish(row, row.epoch, resultOf('failed'), other),
        ]);
        expect(outcomes.filter((outcome) => outcome.status === 'done')).toHaveLength(1);
        if (outcomes[0]?.status === 'done') expected.push(names[0] ?? '');
        if (outcomes[2]?.status === 'done') expected.push(names[1] ?? '');
        const { delivered, merged } = await storedEffects(subject.stores);
        expect(merged).toEqual(expected.toSorted());
        expect(delivered).toBe(expected.length);
      }
    });

    test('a node claims while its own entry is eligible, or where it has none', async () => {
      await using subject = await createSubject();
      const { inbox, nodes } = subject.stores;
      await inbox.admit(newArrival());
      await inbox.admit(newArrival());
      expect((await claimOne(inbox)).state).toBe('leased');
      await nodes.admit(newNode(2));
      await nodes.admit(newNode(1)); // another's drain is not its own
      await nodes.decide(sender, { action: 'drain', note: newNote() });
      const steps: [EligibilityAction, number][] = [
        ['drain', 0],
        ['mark_drained', 0],
        ['undrain', 1],
        ['seal', 0],
        ['unseal', 1],
      ];
      for (const [action, expected] of steps) {
        await nodes.decide(receiver, { action, note: newNote() });
        const claimed = await inbox.claim(receiver, worker);
        expect(claimed, action).toHaveLength(expected);
        for (const row of claimed) await inbox.release(row, row.epoch);
      }
      const { eligibilityVersion = 0 } = (await nodes.find(receiver)) ?? {};
      await nodes.hearEligibility(receiver, { eligibility: 'draining', version: eligibilityVersion + 1 });
      expect(await inbox.claim(receiver, worker)).toEqual([]);
      expect(await inbox.counts(receiver)).toEqual({ queued: 2, running: 0 });
    });

    test('once a drain has committed no claim commits any more, however many are under way', async () => {
      await using subject = await createSubject();
      const { inbox, nodes } = subject.stores;
      await nodes.admit(newNode(2));
      const leased = async () => (await inbox.list(receiver, { limit: 1_000 })).filter((row) => row.state === 'leased');
      for (let round = 0; round < 8; round += 1) {
        for (let n = 0; n < 12; n += 1) await inbox.admit(newArrival());
        let isDrained = false;
        const lateClaims: Promise<InboxRow[]>[] = [];
        const claimOn = async () => {
          for (let n = 0; n < 4; n += 1) {
            const isLate = isDrained;
            const claim = inbox.claim(receiver, { ...worker, limit: 1 });
            if (isLate) lateClaims.push(claim);
            await claim;
          }
        };
        const claiming = Promise.all(Array.from({ length: 6 }, claimOn));
        await new Promise((resolve) => setImmediate(resolve)); // some are under way, some are still to come
        await nodes.decide(receiver, { action: 'drain', note: newNote() });
        isDrained = true;
        const before = (await leased()).map(({ id }) => id);
        await claiming;
        lateClaims.push(inbox.claim(receiver, worker));
        expect((await Promise.all(lateClaims)).flat()).toEqual([]);
        expect((await leased()).map(({ id }) => id)).toEqual(before);
        await nodes.decide(receiver, { action: 'undrain', note: newNote() });
        for (const row of await leased()) await inbox.end(row, row.epoch, resultOf('cancelled'));
        for (const row of await inbox.claim(receiver, { ...worker, limit: 100 }))
          await inbox.end(row, row.epoch, resultOf('cancelled'));
      }
    });

    test('of a finish and an end at once one wins, and what it wrote stays', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      for (let round = 0; round < 10; round += 1) {
        const row = await reach(inbox, 'running');
        const outcomes = await Promise.all([
          inbox.finish(row, row.epoch, resultOf('completed')),
          inbox.end(row, row.epoch, resultOf('timed_out')),
          inbox.finish(row, row.epoch, resultOf('failed')),
          inbox.recoverLost(row, row.epoch, workerDied),
        ]);
        const won = outcomes.filter((outcome) => outcome.status === 'done');
        expect(won).toHaveLength(1);
        const after = await requireRow(inbox, row);
        expect(won[0]?.row.state).toBe(after.state);
        if (after.state === 'received') await inbox.cancel(row, askedBy('caller'));
      }
    });

    test('a cancellation of what never came leaves a tombstone, and a late send is a duplicate of it', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      for (const [cause, state, reason] of [
        ['caller', 'cancelled', 'cancelled_by_caller'],
        ['deadline', 'timed_out', 'ttl_expired'],
      ] as const) {
        const arrival = newArrival();
        const { status, row } = await inbox.cancel(arrival, askedBy(cause));
        expect(status).toBe('ended');
        expect(row).toMatchObject({ state, order: null, payloadHash: null, starts: 0, targetNodeId: receiver });
        expect(row.result).toMatchObject({ status: state, started: false, error: { reason } });
        expect(await inbox.cancel(arrival, askedBy('caller'))).toEqual({ status: 'already_final', row });
        expect(await inbox.admit(arrival)).toEqual({ status: 'duplicate', row });
        expect(await inbox.events(arrival)).toMatchObject([{ from: null, to: state, reason }]);
      }
      expect(await inbox.claim(receiver, worker)).toEqual([]);
    });

    test('a cancellation ends what waits and leaves what is held to its worker', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const waiting = await reach(inbox, 'received');
      expect(await inbox.cancel(waiting, askedBy('deadline'))).toMatchObject({
        status: 'ended',
        row: { state: 'timed_out', starts: 0, result: { started: false } },
      });
      for (const state of ['leased', 'running'] as const) {
        const row = await reach(inbox, state);
        expect(await inbox.cancel(row, askedBy('caller'))).toEqual({ status: 'held', row });
      }
    });

    test('a cancellation and an arrival at once end in one dead row, whichever comes first', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      for (let round = 0; round < 20; round += 1) {
        const arrival = newArrival();
        const [admission, cancelled] = await Promise.all([
          inbox.admit(arrival),
          inbox.cancel(arrival, askedBy('caller')),
        ]);
        expect(cancelled.status).toBe('ended');
        expect(['received', 'duplicate']).toContain(admission.status);
        expect((await requireRow(inbox, arrival)).state).toBe('cancelled');
      }
    });

    test('time ends what waits and what its worker let lapse, and leaves a held lease alone', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const lapsing = await reach(inbox, 'leased');
      const running = await reach(inbox, 'running');
      const waiting = await reach(inbox, 'received');
      expect(await inbox.expire(receiver)).toEqual([]);
      await subject.advance(TTL_MS);
      await inbox.admit(newArrival({ remainingMs: MINUTE_MS }));
      const [held] = await inbox.claim(receiver, { ...worker, leaseMs: DAY_MS });
      await subject.advance(MINUTE_MS);
      const expired = await inbox.expire(receiver);
      expect(expired.map(({ id, state, starts }) => ({ id, state, starts }))).toEqual(
        [lapsing, waiting].map(({ id }) => ({ id, state: 'timed_out', starts: 0 })),
      );
      expect(expired[0]?.result).toMatchObject({ started: false, error: { reason: 'ttl_expired' } });
      expect(held && (await requireRow(inbox, held)).state).toBe('leased');
      expect((await requireRow(inbox, running)).state).toBe('running');
      expect(await inbox.expire(receiver)).toEqual([]);
    });

    test('running work is overdue past its deadline or its lease', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const lapsing = await reach(inbox, 'running');
      const running = await reach(inbox, 'running');
      expect(await inbox.listOverdue(receiver)).toEqual([]);
      await inbox.renew([running], DAY_MS);
      await subject.advance(MINUTE_MS);
      expect((await inbox.listOverdue(receiver)).map(({ id }) => id)).toEqual([lapsing.id]);
      await subject.advance(TTL_MS);
      expect((await inbox.listOverdue(receiver)).map(({ id }) => id)).toEqual([lapsing.id, running.id]);
      expect(await inbox.listOverdue(stranger)).toEqual([]);
    });

    test('a lapsed lease goes back to the queue, where its next epoch is another', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const row = await reach(inbox, 'leased');
      expect(await inbox.releaseLapsed(receiver)).toEqual([]);
      await subject.advance(MINUTE_MS);
      expect(await inbox.releaseLapsed(stranger)).toEqual([]);
      const [released] = await inbox.releaseLapsed(receiver);
      expect(released).toMatchObject({ id: row.id, state: 'received', leasedBy: null, starts: 0 });
      expect((await claimOne(inbox)).epoch).toBeGreaterThan(row.epoch);
      expect((await inbox.events(row)).at(-2)).toMatchObject({ reason: 'lease_lapsed' });
    });

    test('work whose worker is lost starts again as often as its class allows, and not past its deadline', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      for (const effect of ['amo', 'alo', 'tx'] as const) {
        const row = await reach(inbox, 'running', effect);
        for (let starts = 1; starts < startLimit[effect]; starts += 1) {
          const { epoch } = await requireRow(inbox, row);
          expect(await inbox.recoverLost(row, epoch, workerDied)).toMatchObject({ row: { state: 'received', starts } });
          await inbox.start(row, (await claimOne(inbox)).epoch);
        }
        const { epoch } = await requireRow(inbox, row);
        const left = { metrics: { ...resultOf('interrupted').metrics, cpuMs: 7 }, output: { stdout: 'half' } };
        const ended = await inbox.recoverLost(row, epoch, workerDied, left);
        const result = { status: 'interrupted', started: true, error: workerDied, ...left };
        expect(ended).toMatchObject({ row: { state: 'interrupted', starts: startLimit[effect], result } });
      }
      const late = await reach(inbox, 'running');
      await subject.advance(TTL_MS);
      expect(await inbox.recoverLost(late, late.epoch, workerDied)).toMatchObject({ row: { state: 'interrupted' } });
    });

    test("an earlier life's work is listed and released at once, whatever its lease says", async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const running = await reach(inbox, 'running');
      const leased = await reach(inbox, 'leased');
      await inbox.admit(newArrival());
      await inbox.claim(receiver, { ...worker, leasedBy: 'life-2' });
      const left = await inbox.listHeldByOthers(receiver, 'life-2');
      expect(left.map(({ id }) => id)).toEqual([running.id, leased.id]);
      expect(await inbox.listHeldByOthers(stranger, 'life-2')).toEqual([]);
      expect(await inbox.release(running, running.epoch)).toEqual({ status: 'fenced' });
      expect(await inbox.release(leased, leased.epoch)).toMatchObject({ status: 'done', row: { state: 'received' } });
    });

    test('a sender acknowledges what has ended and is its own, as often as it likes', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const ended = await reach(inbox, 'completed');
      const running = await reach(inbox, 'running');
      const ids = [running.id, ended.id, newId()];
      expect(await inbox.acknowledge(stranger, ids)).toEqual([]);
      expect((await requireRow(inbox, ended)).acknowledged).toBe(false);
      expect(await inbox.acknowledge(sender, ids)).toEqual([ended.id]);
      expect(await inbox.acknowledge(sender, ids)).toEqual([ended.id]);
      expect(await inbox.acknowledge(sender, [])).toEqual([]);
      expect((await requireRow(inbox, ended)).acknowledged).toBe(true);
      expect((await requireRow(inbox, running)).acknowledged).toBe(false);
    });

    test('a list shows the newest first under its status, and the counts what waits and what runs', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const rows: InboxRow[] = [];
      for (const state of InboxState.options.filter((each) => !withoutWriter.includes(each)).toReversed()) {
        rows.unshift(await reach(inbox, state));
        await subject.advance(1_000);
      }
      const idsOf = (listed: InboxRow[]) => listed.map(({ id }) => id);
      expect(idsOf(await inbox.list(receiver, { limit: 100 }))).toEqual(idsOf(rows));
      expect(idsOf(await inbox.list(receiver, { limit: 3 }))).toEqual(idsOf(rows.slice(0, 3)));
      for (const status of new Set(rows.map((row) => inboxStatus(row.state)))) {
        const expected = rows.filter((row) => inboxStatus(row.state) === status);
        expect(idsOf(await inbox.list(receiver, { status, limit: 100 })), status).toEqual(idsOf(expected));
      }
      expect(await inbox.list(receiver, { status: 'unknown', limit: 100 })).toEqual([]);
      expect(await inbox.list(stranger, { limit: 100 })).toEqual([]);
      expect(await inbox.counts(receiver)).toEqual({ queued: 2, running: 1 });
      expect(await inbox.counts(stranger)).toEqual({ queued: 0, running: 0 });
    });

    test('what runs is listed, the earliest arrival first', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const rows: InboxRow[] = [];
      for (let n = 0; n < 3; n += 1) {
        rows.push(await reach(inbox, 'running'));
        await subject.advance(1_000);
      }
      await reach(inbox, 'completed');
      await reach(inbox, 'leased');
      await reach(inbox, 'received');
      expect(await inbox.listRunning(receiver)).toEqual(rows);
      expect(await inbox.listRunning(stranger)).toEqual([]);
    });

    test('the next deadline is that of waiting work, never negative, and none where none waits', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      expect(await inbox.nextDeadlineInMs(receiver)).toBeUndefined();
      await reach(inbox, 'running');
      expect(await inbox.nextDeadlineInMs(receiver)).toBeUndefined();
      await inbox.admit(newArrival());
      await inbox.admit(newArrival({ remainingMs: MINUTE_MS }));
      const inMs = (await inbox.nextDeadlineInMs(receiver)) ?? Number.NaN;
      expect(inMs).toBeLessThanOrEqual(MINUTE_MS);
      expect(inMs).toBeGreaterThanOrEqual(MINUTE_MS - subject.driftMs);
      await subject.advance(2 * MINUTE_MS);
      expect(await inbox.nextDeadlineInMs(receiver)).toBe(0);
    });

    test('what ended is kept for seven days after its deadline where it is acknowledged, else thirty', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const acknowledged = await reach(inbox, 'completed');
      await inbox.acknowledge(sender, [acknowledged.id]);
      const owed = await reach(inbox, 'completed');
      const running = await reach(inbox, 'running');
      await subject.advance(7 * DAY_MS);
      expect(await inbox.purge(receiver)).toBe(0);
      await subject.advance(TTL_MS);
      expect(await inbox.purge(stranger)).toBe(0);
      expect(await inbox.purge(receiver)).toBe(1);
      expect(await inbox.find(acknowledged)).toBeUndefined();
      expect(await inbox.events(acknowledged)).toEqual([]);
      await subject.advance(23 * DAY_MS);
      expect(await inbox.purge(receiver)).toBe(1);
      expect(await inbox.find(owed)).toBeUndefined();
      expect((await requireRow(inbox, running)).state).toBe('running');
    });

    test('the trail tells the whole way, with reasons and in order', async () => {
      await using subject = await createSubject();
      const { inbox } = subject.stores;
      const row = await reach(inbox, 'running');
      await inbox.recoverLost(row, row.epoch, workerDied);
      const { epoch } = await claimOne(inbox);
      await inbox.start(row, epoch);
      await inbox.finish(row, epoch, resultOf('failed'));
      const trail = await inbox.events(row);
      expect(trail.map(({ from, to, reason }) => [from, to, reason])).toEqual([
        [null, 'received', null],
        ['received', 'leased', null],
        ['leased', 'running', null],
        ['running', 'received', 'worker_lost'],
        ['received', 'leased', null],
        ['leased', 'running', null],
        ['running', 'failed', 'failed_by_test'],
      ]);
    });
  });
}

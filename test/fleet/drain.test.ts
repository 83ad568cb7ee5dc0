/** Drains of real nodes: what comes waits or goes elsewhere, what runs may end, and no beat and no new life undoes it. */
import { DirectiveDetail, DispatchReply, EligibilityView } from '@skein/contracts';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { eventually, Fleet, type FleetNode, finalRow, hasStatus, joinTokenOf, online, rowOf, viewOf } from './fleet.ts';

const SLEEP = '/usr/bin/sleep';
const GROUP = 'workers';
const LONG = '600.25';

const fleet = new Fleet();
let seed: FleetNode;
let one: FleetNode;
let two: FleetNode;
const startWorker = (name: string, joinToken?: string) =>
  fleet.start({ name, seeds: [seed.address], programs: [SLEEP], ...(joinToken && { joinToken }) });

// The machine may be busy with others: what is waited for takes its time.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });
beforeAll(async () => {
  seed = await fleet.start({ name: 'seed' });
  const [first, second] = await Promise.all([joinTokenOf(seed, { group: GROUP }), joinTokenOf(seed, { group: GROUP })]);
  [one, two] = await Promise.all([startWorker('one', first), startWorker('two', second)]);
  await Promise.all([online(seed, one), online(seed, two)]);
});
afterAll(() => fleet[Symbol.asyncDispose]());

/** The seed sends. */
async function send(target: string | { group: string }, seconds = '0'): Promise<string> {
  const body = { kind: 'execute_task', target, payload: { command: [SLEEP, seconds] }, ttlMs: 300_000 };
  return (await seed.ask('/directives', body, DispatchReply)).directive.id;
}

async function running(seconds: string): Promise<string> {
  const id = await send(one.nodeId, seconds);
  await eventually('it runs', async () => (await rowOf(one, id, 'inbox'))?.state === 'running');
  return id;
}

const order = (by: FleetNode, what: string, body: object = {}) =>
  by.ask(`/nodes/${one.nodeId}/${what}`, body, EligibilityView);

const eligibilityAt = (observer: FleetNode) => observer.get(`/nodes/${one.nodeId}/eligibility`, EligibilityView);

async function drained(by: FleetNode, body: object = {}): Promise<void> {
  await order(by, 'drain', body);
  await hasStatus(one, one, 'drained');
  await hasStatus(seed, one, 'drained');
}

async function undrained(by: FleetNode): Promise<void> {
  expect(await order(by, 'undrain')).toMatchObject({ eligibility: 'eligible', applied: 'there' });
  await online(seed, one);
}

/** The seed hears so many heartbeats of the node. */
async function beats(count: number): Promise<void> {
  const heard = new Set<string | null | undefined>([(await viewOf(seed, one))?.lastHeartbeatAt]);
  await eventually(`${count} heartbeats`, async () => {
    heard.add((await viewOf(seed, one))?.lastHeartbeatAt);
    return heard.size > count;
  });
}

/** It was sent, refused for now, and waits at the seed alone. */
async function waits(id: string): Promise<void> {
  await eventually('a refusal', async () => {
    const { events } = await seed.get(`/directives/${id}?side=outbox`, DirectiveDetail);
    return events.some(({ reason }) => reason === 'node_draining');
  });
  expect((await rowOf(seed, id, 'outbox'))?.status).toBe('pending');
  expect(await rowOf(one, id, 'inbox')).toBeUndefined();
}

test.each(['its seed', 'its own operator'])(
  'drained by %s a node refuses for now: what is for it waits for the undrain, what a selector placed runs elsewhere',
  async (who) => {
    const by = who === 'its seed' ? seed : one;
    expect(await order(by, 'drain', { reason: 'update' })).toMatchObject({
      ...{ nodeId: one.nodeId, applied: 'there' },
      note: { actor: by.nodeId, reason: 'update', origin: 'operator' },
    });
    // Before the seed has heard of it: it may choose this node, and moves what is refused.
    const placed = await Promise.all([1, 2, 3, 4].map(() => send({ group: GROUP })));
    const addressed = await send(one.nodeId);
    for (const id of placed)
      expect(await finalRow(seed, id, 'outbox', 60_000)).toMatchObject({
        ...{ state: 'completed', targetNodeId: two.nodeId },
      });
    await hasStatus(seed, one, 'drained');
    await waits(addressed);

    await undrained(by);
    expect((await finalRow(seed, addressed, 'outbox', 60_000)).state).toBe('completed');
    expect(await rowOf(one, addressed, 'inbox')).toMatchObject({ state: 'completed', attempts: 1 });
  },
);

test('what runs when a drain begins finishes, and only then is the node drained', async () => {
  const id = await running('3');
  expect(await order(seed, 'drain')).toMatchObject({ eligibility: 'draining', running: 1 });
  const queued = await send(one.nodeId);
  await waits(queued);
  const waited = await order(one, 'drain?wait=true');
  expect(waited).toMatchObject({ eligibility: 'drained', fate: { finished: 1, interrupted: 0, waiting: 0 } });
  expect((await rowOf(one, id, 'inbox'))?.state).toBe('completed');
  expect((await finalRow(seed, id, 'outbox', 60_000)).state).toBe('completed');
  await undrained(seed);
  expect((await finalRow(seed, queued, 'outbox', 60_000)).state).toBe('completed');
});

test('no heartbeat and no new life undoes a drain, whether the last one was killed or ended with Ctrl-C', async () => {
  await drained(seed, { reason: 'new disks' });
  await beats(5);
  for (const end of ['kill', 'interrupt'] as const) {
    const before = await viewOf(seed, one);
    await one[end]();
    one = await startWorker('one');
    await eventually('its new life is known', async () => {
      const incarnation = (await viewOf(seed, one))?.incarnation ?? 0;
      return incarnation > (before?.incarnation ?? Number.NaN);
    });
    await beats(2);
    await hasStatus(seed, one, 'drained');
    expect(await eligibilityAt(one)).toMatchObject({
      ...{ eligibility: 'drained', note: { reason: 'new disks', actor: seed.nodeId, origin: 'operator' } },
    });
  }
  const id = await send(one.nodeId);
  await waits(id);
  await undrained(seed);
  expect((await finalRow(seed, id, 'outbox', 60_000)).state).toBe('completed');
});

test.each([
  ['at its deadline', 'its own operator', { deadlineMs: 500 }],
  ['by force at once', 'its seed', { force: true }],
])('%s a drain, ordered by %s, ends what runs', async (_when, by, body) => {
  const id = await running(LONG);
  await drained(by === 'its seed' ? seed : one, body);
  expect(await finalRow(seed, id, 'outbox', 60_000)).toMatchObject({
    ...{ state: 'interrupted', result: { started: true, error: { reason: 'interrupted_by_drain' } } },
  });
  expect((await rowOf(one, id, 'inbox'))?.state).toBe('interrupted');
  expect(fleet.processes(`${SLEEP} ${LONG}`)).toEqual([]);
  await undrained(seed);
});

test('Ctrl-C and a new start: the node is not drained', async () => {
  expect(await one.interrupt()).toBe(0);
  one = await startWorker('one');
  await online(seed, one);
  expect((await eligibilityAt(one)).eligibility).toBe('eligible');
  expect((await finalRow(seed, await send(one.nodeId), 'outbox', 60_000)).state).toBe('completed');
});

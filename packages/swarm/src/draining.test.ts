import { AgentId, DirectiveId, type DispatchInput, type EffectClass, type SwarmEvent } from '@skein/contracts';
import { expect, test } from 'vitest';
import type { SwarmNodeOptions } from './swarm-node-options.ts';
import { createTestRunner, createTestSwarm, type TestMember, type TestSwarm } from './testing/index.ts';

const policy = { allowedPrograms: ['/bin/echo'] };

/** A runner whose programs run until the test lets them go; `letGo` frees all, past and future. */
function heldRunner() {
  let letGo = () => {};
  const gate = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const runner = createTestRunner(async (_args, signal) => {
    await Promise.race([gate, new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }))]);
    return 0;
  });
  return { runner, letGo: () => letGo() };
}

/** A seed and a member that has joined it, both started and online to each other. */
async function pair(swarm: TestSwarm, memberOptions: Partial<SwarmNodeOptions> = {}) {
  const { runner, letGo } = heldRunner();
  const seed = await swarm.add('seed', { policy, runner: createTestRunner(async () => 0) });
  await seed.node.start();
  const { token } = await seed.node.createJoinToken({ tier: 'sudo' });
  const member = await swarm.add('member', {
    ...{ policy, runner, seeds: [seed.origin], joinToken: token },
    ...memberOptions,
  });
  await member.node.start();
  await status(swarm, seed, member, 'online');
  await status(swarm, member, seed, 'online');
  return { seed, member, runner, letGo };
}

const status = (swarm: TestSwarm, observer: TestMember, observed: TestMember, wanted: string) =>
  swarm.until(async () => (await observer.node.getNode(observed.identity.nodeId))?.status === wanted);

/** Waits on the swarm's clock for a promise of one of its nodes. */
async function awaited<T>(swarm: TestSwarm, work: Promise<T>): Promise<T> {
  let over = false;
  const done = () => {
    over = true;
  };
  work.then(done, done);
  await swarm.until(() => over);
  return work;
}

const order = (target: TestMember, effect: EffectClass = 'amo'): DispatchInput => ({
  kind: 'execute_task',
  target: target.identity.nodeId,
  payload: { command: ['echo', 'hello'] },
  ttlMs: 600_000,
  effect,
});

const inboxRow = (sender: TestMember, receiver: TestMember, { id }: { id: DirectiveId }) =>
  receiver.stores.inbox.find({ sourceNodeId: sender.identity.nodeId, id });

/** A directive of the seed that runs at the member. */
async function running(swarm: TestSwarm, seed: TestMember, member: TestMember, effect?: EffectClass) {
  const directive = await seed.node.submit(order(member, effect));
  await swarm.until(async () => (await inboxRow(seed, member, directive))?.state === 'running');
  return directive;
}

const ended = (swarm: TestSwarm, sender: TestMember, { id }: { id: DirectiveId }, wanted: string) =>
  swarm.until(async () => (await sender.node.getDirective(id))?.directive.status === wanted);

const eligibilityChanges = (member: TestMember) => {
  const told: string[] = [];
  member.node.events.on(
    'node.eligibility_changed',
    (event: Extract<SwarmEvent, { type: 'node.eligibility_changed' }>) =>
      told.push(`${event.nodeId === member.identity.nodeId ? 'self' : 'other'} ${event.from} → ${event.to}`),
  );
  return told;
};

test('a node that drains finishes what runs, refuses what is new for now, and takes it after the undrain', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member, letGo } = await pair(swarm);
  const told = eligibilityChanges(seed);
  const own = eligibilityChanges(member);
  const before = await running(swarm, seed, member);
  expect(await member.node.drain({ reason: 'new disks' })).toMatchObject({
    ...{ eligibility: 'draining', version: 1, running: 1, applied: 'there' },
    note: { reason: 'new disks', origin: 'operator', actor: member.identity.nodeId, force: false },
  });
  const drained = member.node.whenDrained();
  const during = await seed.node.submit(order(member));
  await swarm.pass(10_000);
  expect(await inboxRow(seed, member, during)).toBeUndefined();
  expect((await seed.node.getDirective(during.id))?.events.map(({ reason }) => reason)).toContain('node_draining');
  expect((await member.node.getEligibility())?.eligibility).toBe('draining');

  letGo();
  await ended(swarm, seed, before, 'completed');
  expect(await awaited(swarm, drained)).toEqual({ eligibility: 'drained', finished: 1, interrupted: 0, waiting: 0 });
  await status(swarm, seed, member, 'drained');
  await swarm.pass(120_000); // many heartbeats
  expect((await seed.node.getNode(member.identity.nodeId))?.status).toBe('drained');
  expect((await seed.node.getDirective(during.id))?.directive.status).toBe('pending');

  expect(await member.node.undrain()).toMatchObject({ eligibility: 'eligible', version: 3 });
  await ended(swarm, seed, during, 'completed');
  await status(swarm, seed, member, 'online');
  expect(told).toEqual(['other eligible → draining', 'other draining → drained', 'other drained → eligible']);
  expect(own).toEqual(told.map((change) => change.replace('other', 'self')));
});

test('what waited in the inbox when a drain began starts after the undrain, and not before', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member, runner, letGo } = await pair(swarm, { capacity: 1 });
  await running(swarm, seed, member);
  const queued = await seed.node.submit(order(member));
  await swarm.until(async () => (await inboxRow(seed, member, queued))?.state === 'received');
  await member.node.drain();
  letGo();
  expect(await awaited(swarm, member.node.whenDrained())).toMatchObject({ finished: 1, waiting: 1 });
  await swarm.pass(60_000);
  expect(runner.started).toHaveLength(1);
  await member.node.undrain();
  await ended(swarm, seed, queued, 'completed');
});

test('work of before the drain is told to a sender that comes back', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member, letGo } = await pair(swarm);
  const directive = await running(swarm, seed, member);
  await member.node.drain();
  seed.kill(); // its stream is gone; in its next life it asks and sends again
  await seed.restart();
  await seed.node.start();
  letGo();
  await ended(swarm, seed, directive, 'completed');
});

test('a drained node is drained in its next life too, and tells its seed so', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  await member.node.drain();
  await awaited(swarm, member.node.whenDrained());
  member.kill();
  const next = await member.restart();
  await next.start();
  await swarm.pass(60_000);
  expect((await next.getEligibility())?.eligibility).toBe('drained');
  expect((await seed.node.getNode(member.identity.nodeId))?.status).toBe('drained');
  const directive = await seed.node.submit(order(member));
  await swarm.pass(30_000);
  expect(await inboxRow(seed, member, directive)).toBeUndefined();
});

test('at the deadline what runs is killed: at most once is interrupted, at least once waits for the undrain', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member, runner, letGo } = await pair(swarm);
  const once = await running(swarm, seed, member, 'amo');
  const again = await running(swarm, seed, member, 'alo');
  await member.node.drain({ deadlineMs: 20_000 });
  const drained = member.node.whenDrained();
  await swarm.pass(18_000);
  expect((await member.node.getEligibility())?.running).toBe(2);
  expect(await awaited(swarm, drained)).toEqual({ eligibility: 'drained', finished: 0, interrupted: 2, waiting: 1 });
  await ended(swarm, seed, once, 'interrupted');
  const { result } = (await seed.node.getDirective(once.id))?.directive ?? {};
  expect(result).toMatchObject({ error: { reason: 'interrupted_by_drain' }, metrics: { cpuMs: 1 }, started: true });
  expect(result?.metrics.durationMs).toBeGreaterThan(19_000);
  expect(await inboxRow(seed, member, again)).toMatchObject({ state: 'received', starts: 1 });
  letGo();
  await swarm.pass(10_000);
  expect(runner.started).toHaveLength(2);
  await member.node.undrain();
  await ended(swarm, seed, again, 'completed');
});

test('by force it is killed at once, also in a drain that has begun', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  await running(swarm, seed, member);
  await member.node.drain();
  await swarm.pass(5_000);
  const since = swarm.clock.now();
  expect(await member.node.drain({ force: true })).toMatchObject({ eligibility: 'draining', version: 1 });
  expect(await awaited(swarm, member.node.whenDrained())).toMatchObject({ eligibility: 'drained', interrupted: 1 });
  expect(swarm.clock.now() - since).toBeLessThan(1_000);
});

test('an undrain in the middle ends the wait, and kills nothing', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member, letGo } = await pair(swarm);
  const directive = await running(swarm, seed, member);
  await member.node.drain({ deadlineMs: 10_000 });
  const drained = member.node.whenDrained();
  await swarm.pass(2_000);
  await member.node.undrain();
  expect(await awaited(swarm, drained)).toMatchObject({ eligibility: 'eligible', interrupted: 0 });
  await swarm.pass(30_000);
  letGo();
  await ended(swarm, seed, directive, 'completed');
});

test('whoever waits for a drain is told when the node stops, and when they give up', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  await running(swarm, seed, member);
  await member.node.drain();
  const impatience = new AbortController();
  const impatient = member.node.whenDrained({ signal: impatience.signal });
  impatience.abort(new Error('no more time'));
  await expect(impatient).rejects.toThrow('no more time');
  const patient = expect(member.node.whenDrained()).rejects.toMatchObject({ code: 'NODE_STOPPED' });
  await awaited(swarm, member.node.stop());
  await patient;
});

test('a seed drains its member from afar, and each of them knows it at once', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member, letGo } = await pair(swarm);
  await running(swarm, seed, member);
  const nodeId = member.identity.nodeId;
  expect(await awaited(swarm, seed.node.drain({ nodeId, deadlineMs: 5_000, reason: 'move' }))).toMatchObject({
    ...{ nodeId, eligibility: 'draining', running: 1, applied: 'there' },
    note: { actor: seed.identity.nodeId, reason: 'move' },
  });
  expect((await seed.node.getNode(nodeId))?.status).toBe('draining');
  letGo();
  await status(swarm, seed, member, 'drained');
  expect(await awaited(swarm, seed.node.undrain({ nodeId }))).toMatchObject({ eligibility: 'eligible' });
  expect((await member.node.getEligibility())?.eligibility).toBe('eligible');
});

test('a member drains its seed where its tier there is sudo, and not where it has none', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const nodeId = seed.identity.nodeId;
  expect(await awaited(swarm, member.node.drain({ nodeId }))).toMatchObject({ applied: 'there' });
  await expect(awaited(swarm, member.node.seal({ nodeId }))).rejects.toMatchObject({ code: 'FORBIDDEN' });
  await awaited(swarm, member.node.undrain({ nodeId }));

  await seed.stores.nodes.edit(member.identity.nodeId, { tier: 'unprivileged' });
  for (const act of ['drain', 'undrain', 'seal'] as const)
    await expect(awaited(swarm, member.node[act]({ nodeId }))).rejects.toMatchObject({ code: 'FORBIDDEN' });
  expect((await seed.node.getEligibility())?.eligibility).toBe('eligible');
});

test('a node out of reach is drained in the registry, and does so when it hears of it', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const nodeId = member.identity.nodeId;
  swarm.http.cut(member.origin);
  expect(await awaited(swarm, seed.node.drain({ nodeId }))).toMatchObject({ eligibility: 'draining', applied: 'here' });
  expect((await member.node.getEligibility())?.eligibility).toBe('eligible');
  swarm.http.heal(member.origin);
  await swarm.until(async () => (await member.node.getEligibility())?.eligibility === 'drained');
  await status(swarm, seed, member, 'drained');
});

test('an unknown node cannot be drained', async () => {
  await using swarm = await createTestSwarm();
  const { seed } = await pair(swarm);
  const { identity } = await swarm.add('stranger');
  await expect(seed.node.drain({ nodeId: identity.nodeId })).rejects.toMatchObject({ code: 'UNKNOWN_NODE' });
});

test('the drain of a node that ends goes with that life; one that an operator ordered stays', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member, letGo } = await pair(swarm);
  const directive = await running(swarm, seed, member);
  const ending = member.node.drainForShutdown({ deadlineMs: 8_000 });
  await swarm.pass(1_000);
  expect((await member.node.getEligibility())?.note).toMatchObject({ origin: 'shutdown' });
  letGo();
  expect(await awaited(swarm, ending)).toMatchObject({ eligibility: 'drained', finished: 1 });
  await ended(swarm, seed, directive, 'completed');
  await awaited(swarm, member.node.stop());
  const next = await member.restart();
  await next.start();
  expect((await next.getEligibility())?.eligibility).toBe('eligible');
  await status(swarm, seed, member, 'online');

  await next.drain({ reason: 'by hand' });
  await awaited(swarm, next.drainForShutdown({ deadlineMs: 8_000 }));
  await awaited(swarm, next.stop());
  const third = await member.restart();
  await third.start();
  expect(await third.getEligibility()).toMatchObject({ eligibility: 'drained', note: { reason: 'by hand' } });
});

test('a node that ends waits no longer than its deadline, and says what had to be killed', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const directive = await running(swarm, seed, member);
  const since = swarm.clock.now();
  await awaited(swarm, member.node.drainForShutdown({ deadlineMs: 8_000 }));
  expect(swarm.clock.now() - since).toBeLessThan(8_500);
  await awaited(swarm, member.node.stop());
  expect((await inboxRow(seed, member, directive))?.state).toBe('interrupted');

  const next = await member.restart();
  await next.start();
  const idleSince = swarm.clock.now();
  await awaited(swarm, next.drainForShutdown({ deadlineMs: 8_000 }));
  expect(swarm.clock.now() - idleSince).toBeLessThan(500);
});

test('an agent’s row that stands open though nothing runs for it does not hold up a drain by force', async () => {
  await using swarm = await createTestSwarm();
  const { member } = await pair(swarm);
  const id = AgentId.parse('00000000-0000-4000-8000-000000000001');
  const directiveId = DirectiveId.parse('00000000-0000-4000-8000-000000000002');
  const self = member.identity.nodeId;
  const kind = { agentType: 'worker', name: 'lost', mode: 'detach', parentDirectiveId: null } as const;
  await member.stores.agents.open({ id, nodeId: self, spawnedBy: self, directiveId, ...kind });
  await member.node.drain({ force: true });
  expect(await awaited(swarm, member.node.whenDrained())).toMatchObject({ eligibility: 'drained', interrupted: 1 });
  expect((await member.node.getAgent(id))?.agent.result?.error?.reason).toBe('interrupted_by_drain');
});

test('an operator’s drain of a node that is down, drained by its own end, stays in its next life', async () => {
  for (const heard of ['all', 'nothing'] as const) {
    await using swarm = await createTestSwarm();
    const { seed, member } = await pair(swarm);
    if (heard === 'nothing') swarm.http.cut(seed.origin);
    await awaited(swarm, member.node.drainForShutdown({ deadlineMs: 8_000 }));
    await awaited(swarm, member.node.stop());
    if (heard === 'all') await status(swarm, seed, member, 'offline');
    swarm.http.cut(member.origin);
    swarm.http.heal(seed.origin);
    const nodeId = member.identity.nodeId;
    expect(await awaited(swarm, seed.node.drain({ nodeId, reason: 'by hand' }))).toMatchObject({ applied: 'here' });
    await member.restart();
    await member.node.start();
    await status(swarm, seed, member, 'drained');
    expect((await member.node.getEligibility())?.eligibility).toBe('drained');
    await awaited(swarm, member.node.stop());
    await member.restart();
    await member.node.start();
    await swarm.pass(60_000);
    expect((await member.node.getEligibility())?.eligibility).toBe('drained');
  }
});

test('whoever asks another node hears it speak for itself, and in the end what became of its work', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member, letGo } = await pair(swarm);
  await running(swarm, seed, member);
  const nodeId = member.identity.nodeId;
  const ask = () => awaited(swarm, seed.node.getEligibility(nodeId));
  await member.node.drain({ reason: 'by hand' });
  const draining = await ask();
  expect(draining).toMatchObject({
    eligibility: 'draining',
    applied: 'there',
    running: 1,
    note: { reason: 'by hand' },
  });
  expect(draining?.fate).toBeUndefined();
  letGo();
  await status(swarm, seed, member, 'drained');
  const fate = { finished: 1, interrupted: 0, waiting: 0 };
  expect(await ask()).toMatchObject({ eligibility: 'drained', applied: 'there', running: 0, fate });
  expect(await awaited(swarm, seed.node.drain({ nodeId }))).toMatchObject({ eligibility: 'drained', fate });

  swarm.http.cut(member.origin);
  expect(await ask()).toMatchObject({ eligibility: 'drained', applied: 'here', running: null });
  await awaited(swarm, seed.node.undrain({ nodeId }));
  swarm.http.heal(member.origin); // it has not heard of it yet
  expect(await ask()).toMatchObject({ eligibility: 'eligible', applied: 'here' });

  await awaited(swarm, member.node.stop());
  await member.restart();
  await member.node.start();
  await status(swarm, seed, member, 'online');
  expect((await ask())?.fate).toBeUndefined();
});

test('a drain by force gives no time', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const now = new Date(swarm.clock.now()).toISOString();
  expect(await member.node.drain({ force: true })).toMatchObject({ note: { force: true, deadlineAt: now } });
  swarm.http.cut(member.origin);
  const { note } = await awaited(swarm, seed.node.drain({ nodeId: member.identity.nodeId, force: true }));
  expect(Date.parse(String(note?.deadlineAt))).toBeLessThanOrEqual(swarm.clock.now());
});

test('a directive whose time ends while its node drains says that this is why it waited', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  await running(swarm, seed, member);
  await member.node.drain();
  const { id } = await seed.node.submit({ ...order(member), ttlMs: 20_000 });
  await ended(swarm, seed, { id }, 'timed_out');
  expect((await seed.node.getDirective(id))?.directive.result).toMatchObject({
    ...{ started: false, error: { reason: 'ttl_expired', metadata: { lastReason: 'node_draining' } } },
  });
});

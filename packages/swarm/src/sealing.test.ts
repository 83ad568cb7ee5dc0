import type { DirectiveId, DispatchInput } from '@skein/contracts';
import { expect, test } from 'vitest';
import { localTiming } from './membership/timing.ts';
import { createTestRunner, createTestSwarm, type TestMember, type TestSwarm } from './testing/index.ts';

const policy = { allowedPrograms: ['/bin/echo'] };

/** Programs end at once with `echo`, and never by themselves with `hold`. */
const runner = () =>
  createTestRunner(async (args, signal) => {
    if (args[0] === 'hold') await new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }));
    return 0;
  });

/** A seed and two members that have joined it. */
async function trio(swarm: TestSwarm) {
  const seed = await swarm.add('seed', { policy, runner: runner() });
  await seed.node.start();
  const join = async (name: string) => {
    const { token } = await seed.node.createJoinToken({ tier: 'unprivileged' });
    const member = await swarm.add(name, { policy, runner: runner(), seeds: [seed.origin], joinToken: token });
    await member.node.start();
    await status(swarm, seed, member, 'online');
    await status(swarm, member, seed, 'online');
    return member;
  };
  const [one, two] = [await join('one'), await join('two')];
  await status(swarm, one, two, 'online');
  return { seed, one, two };
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

const order = (target: TestMember, word = 'echo'): DispatchInput => ({
  kind: 'execute_task',
  target: target.identity.nodeId,
  payload: { command: ['echo', word] },
  ttlMs: 600_000,
});

const resultOf = async (node: TestMember, id: DirectiveId) => (await node.node.getDirective(id))?.directive.result;
const settled = (swarm: TestSwarm, node: TestMember, id: DirectiveId) =>
  swarm.until(async () => (await resultOf(node, id)) != null);

const eligibilityOf = async (node: TestMember) => (await node.node.getEligibility())?.eligibility;

test('a sealed node ends what runs, and the others refuse its calls and send nothing to it', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one, two } = await trio(swarm);
  const held = await seed.node.submit(order(one, 'hold'));
  await swarm.until(async () => (await seed.node.getDirective(held.id))?.directive.status === 'running');
  expect(await awaited(swarm, one.node.seal({ reason: 'stolen' }))).toMatchObject({
    ...{ eligibility: 'sealed', running: 0, applied: 'there', note: { reason: 'stolen' } },
  });
  await settled(swarm, seed, held.id);
  expect((await resultOf(seed, held.id))?.error?.reason).toBe('interrupted_by_drain');
  await status(swarm, seed, one, 'sealed');
  await status(swarm, two, one, 'sealed');

  for (const sender of [seed, two]) {
    const { id } = await sender.node.submit(order(one));
    await settled(swarm, sender, id);
    expect(await resultOf(sender, id)).toMatchObject({ status: 'rejected', error: { reason: 'node_sealed' } });
  }
  await expect(one.node.submit(order(two))).rejects.toMatchObject({ code: 'NODE_SEALED' });
  await expect(awaited(swarm, one.node.dispatch(order(two)))).rejects.toMatchObject({ code: 'NODE_SEALED' });
  await expect(awaited(swarm, one.node.join(two.origin))).rejects.toMatchObject({ code: 'NODE_SEALED' });
  expect((await one.node.listDirectives()).map(({ id }) => id)).toContain(held.id);

  const before = (await seed.node.getNode(one.identity.nodeId))?.lastHeartbeatAt;
  await swarm.pass(120_000);
  const after = await seed.node.getNode(one.identity.nodeId);
  expect(after).toMatchObject({ status: 'sealed', lastHeartbeatAt: before });
});

test('a sealed node stays sealed in its next life, and only reads', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one, two } = await trio(swarm);
  await awaited(swarm, one.node.seal());
  await awaited(swarm, one.node.stop());
  const next = await one.restart();
  await next.start();
  await swarm.pass(120_000);
  expect(await eligibilityOf(one)).toBe('sealed');
  expect((await seed.node.getNode(one.identity.nodeId))?.status).toBe('sealed');
  expect(await next.listNodes()).toHaveLength(3);
  await expect(next.submit(order(two))).rejects.toMatchObject({ code: 'NODE_SEALED' });
  for (const again of [next.drain(), next.undrain()])
    await expect(again).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
});

test('what a sealed node did can still be asked for', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one } = await trio(swarm);
  swarm.http.cut(one.origin);
  const { id } = await seed.node.submit(order(one));
  await swarm.pass(500);
  swarm.http.heal(one.origin);
  await settled(swarm, seed, id);
  expect((await resultOf(seed, id))?.status).toBe('completed');

  const held = await seed.node.submit(order(one, 'hold'));
  await swarm.until(async () => (await seed.node.getDirective(held.id))?.directive.status === 'running');
  seed.kill();
  await awaited(swarm, one.node.seal());
  await seed.restart();
  await seed.node.start();
  await settled(swarm, seed, held.id);
  expect((await resultOf(seed, held.id))?.status).toBe('interrupted');
});

test('a node that is out of reach is sealed in the registry, hears of it when it comes back, and gives up its work', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one, two } = await trio(swarm);
  const { id } = await two.node.submit(order(one, 'hold'));
  await swarm.until(async () => (await two.node.getDirective(id))?.directive.status === 'running');
  swarm.http.cut(one.origin);
  const nodeId = one.identity.nodeId;
  expect(await awaited(swarm, seed.node.seal({ nodeId }))).toMatchObject({ eligibility: 'sealed', applied: 'here' });
  expect(await eligibilityOf(one)).toBe('eligible');
  swarm.http.heal(one.origin);
  await swarm.until(async () => (await eligibilityOf(one)) === 'sealed');
  await settled(swarm, two, id);
  expect((await resultOf(two, id))?.error?.reason).toBe('interrupted_by_drain');
  await status(swarm, two, one, 'sealed');
});

test('whoever is on the way cannot seal a node by saying that it is', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one } = await trio(swarm);
  const answer = {
    jsonrpc: '2.0',
    id: 1,
    error: {
      code: -31000,
      message: 'sealed',
      data: [{ reason: 'NODE_SEALED', domain: 'skein', metadata: { signed: 'a.b.c' } }],
    },
  };
  const genuine = swarm.routes.get(seed.origin);
  swarm.routes.set(seed.origin, async () => Response.json(answer, { status: 403 }));
  await swarm.pass(60_000);
  if (genuine) swarm.routes.set(seed.origin, genuine);
  expect(await eligibilityOf(one)).toBe('eligible');
  await status(swarm, seed, one, 'online');
});

test('a sealed node does not talk its way out through a seed that has not heard of it', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one } = await trio(swarm);
  const { token } = await seed.node.createJoinToken();
  const other = await swarm.add('other', { seeds: [seed.origin], joinToken: token });
  await other.node.start();
  await awaited(swarm, one.node.join(other.origin, await other.node.createJoinToken()));
  await status(swarm, other, one, 'online');
  swarm.http.cut(one.origin);
  const nodeId = one.identity.nodeId;
  swarm.http.cut(seed.origin); // who seals it has not heard what it says
  for (const version of [50_000, 60_000, 10_000_000]) {
    await one.stores.nodes.hearEligibility(nodeId, { eligibility: 'draining', version: version - 1 });
    await one.stores.nodes.hearEligibility(nodeId, { eligibility: 'eligible', version });
    await swarm.pass(60_000);
  }
  swarm.http.heal(seed.origin);
  await awaited(swarm, seed.node.seal({ nodeId }));
  await status(swarm, other, one, 'sealed');
  await swarm.pass(120_000);
  for (const observer of [seed, other]) expect((await observer.node.getNode(nodeId))?.status).toBe('sealed');
});

test('a seed seals a member that refuses to be sealed', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one } = await trio(swarm);
  await one.stores.nodes.edit(seed.identity.nodeId, { tier: 'unprivileged' }); // as a node that does as it likes
  const nodeId = one.identity.nodeId;
  expect(await awaited(swarm, seed.node.seal({ nodeId }))).toMatchObject({ eligibility: 'sealed', applied: 'here' });
});

test('a sealed seed lets nobody in', async () => {
  await using swarm = await createTestSwarm();
  const { seed } = await trio(swarm);
  const { token } = await seed.node.createJoinToken();
  await awaited(swarm, seed.node.seal());
  const late = await swarm.add('late');
  await late.node.start();
  await expect(awaited(swarm, late.node.join(seed.origin, { token }))).rejects.toMatchObject({
    ...{ code: 'JOIN_REFUSED', metadata: { reason: 'seed_sealed' } },
  });
});

test('an unsealed node is let in with a new token, as a new life, and works again', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one, two } = await trio(swarm);
  await awaited(swarm, one.node.seal());
  await status(swarm, two, one, 'sealed');
  const before = await seed.node.getNode(one.identity.nodeId);

  const { token } = await seed.node.createJoinToken({ tier: 'sudo' });
  const view = await awaited(swarm, one.node.unseal({ joinToken: token, reason: 'found again' }));
  expect(view).toMatchObject({ eligibility: 'eligible', note: { reason: 'found again' } });
  await status(swarm, seed, one, 'online');
  await status(swarm, two, one, 'online');
  const after = await seed.node.getNode(one.identity.nodeId);
  expect(after).toMatchObject({ tier: 'sudo' });
  expect(Number(after?.incarnation)).toBeGreaterThan(Number(before?.incarnation));
  expect(await awaited(swarm, two.node.dispatch(order(one)))).toMatchObject({ status: 'completed' });
  expect(await awaited(swarm, one.node.dispatch(order(two)))).toMatchObject({ status: 'completed' });

  await awaited(swarm, one.node.stop());
  await one.restart();
  await one.node.start();
  await status(swarm, seed, one, 'online');
});

test('without a token an unsealed node is open at home and refused elsewhere', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one } = await trio(swarm);
  await awaited(swarm, one.node.seal());
  await status(swarm, seed, one, 'sealed');
  const reasons: string[] = [];
  one.node.events.on('seed.failed', ({ reason }) => reasons.push(reason));
  await awaited(swarm, one.node.unseal());
  await swarm.pass(60_000);
  expect(await eligibilityOf(one)).toBe('eligible');
  expect(new Set(reasons)).toEqual(new Set(['node_sealed']));
  expect((await seed.node.getNode(one.identity.nodeId))?.status).toBe('sealed');
  expect(await awaited(swarm, one.node.dispatch(order(one)))).toMatchObject({ status: 'completed' });

  await expect(one.node.unseal()).rejects.toThrow('hand in a new join token');
  const { token } = await seed.node.createJoinToken();
  expect(await one.node.unseal({ joinToken: token })).toMatchObject({ eligibility: 'eligible' });
  await status(swarm, seed, one, 'online');
  expect(await awaited(swarm, seed.node.dispatch(order(one)))).toMatchObject({ status: 'completed' });
});

test('a refusal that only a person cures is not asked for again and again, however fast the swarm beats', async () => {
  await using swarm = await createTestSwarm();
  const seed = await swarm.add('seed', { timing: localTiming });
  await seed.node.start();
  const late = await swarm.add('late', { timing: localTiming, seeds: [seed.origin] });
  const reasons: string[] = [];
  late.node.events.on('seed.failed', ({ reason }) => reasons.push(reason));
  await late.node.start();
  await swarm.pass(300_000);
  expect(reasons.length).toBeGreaterThan(5);
  expect(reasons.length).toBeLessThan(35);
  expect(new Set(reasons)).toEqual(new Set(['token_required']));
});

test('a damaged token opens nothing', async () => {
  await using swarm = await createTestSwarm();
  const { one } = await trio(swarm);
  await awaited(swarm, one.node.seal());
  await expect(one.node.unseal({ joinToken: 'skein_join_x' })).rejects.toMatchObject({ code: 'INVALID_TOKEN' });
  expect(await eligibilityOf(one)).toBe('sealed');
});

test('a sealed node writes no shared state and lets nobody in by a token', async () => {
  await using swarm = await createTestSwarm();
  const { one } = await trio(swarm);
  await one.node.putState('memory', 'before', 1);
  await awaited(swarm, one.node.seal());
  for (const write of [
    one.node.putState('memory', 'after', 1),
    one.node.deleteState('memory', 'before'),
    one.node.createJoinToken(),
  ])
    await expect(write).rejects.toMatchObject({ code: 'NODE_SEALED' });
  expect((await one.node.listState('memory')).map(({ key }) => key)).toEqual(['before']);
});

test('whoever gives up on a drain or a seal of this node is told so, and nothing more is decided', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one } = await trio(swarm);
  const gone = AbortSignal.abort(new Error('no more time'));
  for (const act of ['drain', 'undrain', 'seal'] as const)
    await expect(one.node[act]({ signal: gone })).rejects.toThrow('no more time');
  expect(await eligibilityOf(one)).toBe('eligible');

  const held = await seed.node.submit(order(one, 'hold'));
  await swarm.until(async () => (await seed.node.getDirective(held.id))?.directive.status === 'running');
  const impatience = new AbortController();
  const sealing = one.node.seal({ signal: impatience.signal });
  impatience.abort(new Error('no more time'));
  await expect(awaited(swarm, sealing)).rejects.toThrow('no more time');
  await swarm.pass(20_000);
  expect(await eligibilityOf(one)).toBe('drained');
});

test('only a sealed node can be unsealed, and nobody else does it from afar', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one } = await trio(swarm);
  await expect(one.node.unseal()).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
  await awaited(swarm, one.node.seal());
  await status(swarm, seed, one, 'sealed');
  const nodeId = one.identity.nodeId;
  await expect(awaited(swarm, seed.node.undrain({ nodeId }))).rejects.toMatchObject({ code: 'ILLEGAL_TRANSITION' });
});

test('a node that was taken out is let in again with a token, and not without', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one } = await trio(swarm);
  await seed.stores.nodes.remove(one.identity.nodeId);
  const { token } = await seed.node.createJoinToken({ tier: 'sudo' });
  await expect(awaited(swarm, one.node.join(seed.origin))).rejects.toMatchObject({
    metadata: { reason: 'token_required' },
  });
  await awaited(swarm, one.node.join(seed.origin, { token }));
  await status(swarm, seed, one, 'online');
});

/** Two seeds of which the second beats to the first, and a member of both. */
async function twoSeeds(swarm: TestSwarm) {
  const seed = await swarm.add('seed', { policy, runner: runner() });
  await seed.node.start();
  const tokenOf = async ({ node }: TestMember) => (await node.createJoinToken()).token;
  const other = await swarm.add('other', {
    ...{ policy, runner: runner(), seeds: [seed.origin], joinToken: await tokenOf(seed) },
  });
  await other.node.start();
  await status(swarm, seed, other, 'online');
  const member = await swarm.add('member', {
    ...{ policy, runner: runner(), seeds: [seed.origin, other.origin], joinToken: await tokenOf(other) },
  });
  await member.node.start();
  await status(swarm, other, member, 'online');
  await awaited(swarm, member.node.join(seed.origin, { token: await tokenOf(seed) }));
  await status(swarm, member, other, 'online');
  return { seed, other, member, tokenOf };
}

test('a sealed seed does not lift its own seal at those who beat to it, in their next life neither', async () => {
  await using swarm = await createTestSwarm();
  const { seed, other, member } = await twoSeeds(swarm);
  const nodeId = other.identity.nodeId;
  await awaited(swarm, seed.node.seal({ nodeId }));
  await status(swarm, member, other, 'sealed');
  await awaited(swarm, other.node.unseal());
  await swarm.pass(120_000);
  for (const observer of [seed, member]) expect((await observer.node.getNode(nodeId))?.status).toBe('sealed');
  await expect(awaited(swarm, member.node.join(other.origin))).rejects.toMatchObject({
    ...{ code: 'JOIN_REFUSED', metadata: { reason: 'seed_sealed_here' } },
  });

  await awaited(swarm, member.node.stop());
  await member.restart(); // with the token that it once joined with
  await member.node.start();
  await swarm.pass(120_000);
  expect((await member.node.getNode(nodeId))?.status).toBe('sealed');
  const { id } = await member.node.submit(order(other));
  await settled(swarm, member, id);
  expect((await resultOf(member, id))?.error?.reason).toBe('node_sealed');
});

test('a seed that was unsealed is joined again with a new token of its own', async () => {
  await using swarm = await createTestSwarm();
  const { seed, other, member, tokenOf } = await twoSeeds(swarm);
  await awaited(swarm, seed.node.seal({ nodeId: other.identity.nodeId }));
  await status(swarm, member, other, 'sealed');
  await awaited(swarm, other.node.unseal());
  await awaited(swarm, member.node.join(other.origin, { token: await tokenOf(other) }));
  await status(swarm, member, other, 'online');
  expect(await awaited(swarm, member.node.dispatch(order(other)))).toMatchObject({ status: 'completed' });
});

test('a node is not let in again with the token that it had used before it was sealed or taken out', async () => {
  await using swarm = await createTestSwarm();
  const { seed, one, two } = await trio(swarm);
  for (const member of [one, two]) {
    await awaited(swarm, member.node.stop());
    const nodeId = member.identity.nodeId;
    if (member === one) await awaited(swarm, seed.node.seal({ nodeId }));
    else await seed.stores.nodes.remove(nodeId);
    await member.restart();
    const reasons: string[] = [];
    member.node.events.on('seed.failed', ({ reason }) => reasons.push(reason));
    await member.node.start();
    await swarm.until(() => reasons.length > 0);
    expect(reasons[0]).toBe(member === one ? 'node_sealed' : 'token_used');
  }
});

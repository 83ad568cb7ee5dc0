/** One order for many, and one for whoever is fittest: real nodes in one process, on a clock that the test moves. */
import type { BroadcastUpdate, DirectiveView, DispatchInput } from '@skein/contracts';
import { expect, test } from 'vitest';
import type { SwarmNodeOptions } from './swarm-node-options.ts';
import { createTestRunner, createTestSwarm, type TestMember, type TestSwarm } from './testing/test-swarm.ts';

const ECHO = '/bin/echo';
const policy = { allowedPrograms: [ECHO] };
const echoes = () => createTestRunner(async (args) => Number(args[0] ?? 0));

async function fleetOf(members: Record<string, Partial<SwarmNodeOptions>>) {
  const swarm = await createTestSwarm();
  const seed = await swarm.add('seed', { group: 'front' });
  await seed.node.start();
  const joined: Record<string, TestMember> = {};
  for (const [name, options] of Object.entries(members)) {
    const { token } = await seed.node.createJoinToken({ ...(options.group && { group: options.group }), tier: 'sudo' });
    const member = await swarm.add(name, {
      runner: echoes(),
      policy,
      seeds: [seed.origin],
      joinToken: token,
      ...options,
    });
    await member.node.start();
    joined[name] = member;
  }
  const all = Object.keys(members).length + 1;
  await swarm.until(async () => (await seed.node.listNodes({ status: 'online' })).length === all);
  return { swarm, seed, joined };
}

/** Moves the clock on until the work is over, and hands on what came of it. */
async function settled<T>(swarm: TestSwarm, work: Promise<T>): Promise<T> {
  let over = false;
  const done = () => {
    over = true;
  };
  work.then(done, done);
  await swarm.until(() => over);
  return work;
}

const run = (exitCode = 0) =>
  ({ kind: 'execute_task', payload: { command: [ECHO, String(exitCode)] } }) satisfies Omit<DispatchInput, 'target'>;

function member(joined: Record<string, TestMember>, name: string): TestMember {
  const found = joined[name];
  if (!found) throw new Error(`no member ${name}`);
  return found;
}

test('a broadcast gives each node a row and an id of its own under one broadcast id, and tells failures apart', async () => {
  const { swarm, seed, joined } = await fleetOf({ a: {}, b: { policy: { allowedPrograms: [] } }, c: {} });
  await using _ = swarm;
  const { summary, directives } = await settled(swarm, seed.node.broadcast(run()));
  expect(summary).toMatchObject({ total: 3, completed: 2, failed: 1, open: 0, skipped: [] });
  expect(new Set(directives.map(({ id }) => id)).size).toBe(3);
  expect(new Set(directives.map(({ broadcastId }) => broadcastId))).toEqual(new Set([summary.broadcastId]));
  const rejected = directives.find(({ status }) => status === 'rejected');
  expect(rejected).toMatchObject({
    targetNodeId: member(joined, 'b').node.id,
    result: { error: { reason: 'program_not_allowed' } },
  });
  const later = await seed.node.getBroadcast(summary.broadcastId);
  expect(later?.directives.map(({ status }) => status).toSorted()).toEqual(['completed', 'completed', 'rejected']);
});

test('only those that the selector means are asked, and those that could not be are named', async () => {
  const { swarm, seed, joined } = await fleetOf({ a: { group: 'gpu' }, b: { group: 'gpu' }, c: { group: 'cpu' } });
  await using _ = swarm;
  const b = member(joined, 'b');
  await settled(swarm, seed.node.drain({ nodeId: b.node.id }));
  const { summary, directives } = await settled(swarm, seed.node.broadcast(run(), { group: 'gpu' }));
  expect(directives.map(({ targetNodeId }) => targetNodeId)).toEqual([member(joined, 'a').node.id]);
  expect(summary.skipped).toEqual([{ nodeId: b.node.id, name: 'b', reason: 'draining' }]);
});

test('who is asked is told first, then each answer as it comes, the sum last', async () => {
  const answers = new Map<string, () => void>();
  const slowly = (name: string) => ({
    runner: createTestRunner(() => new Promise((resolve) => answers.set(name, () => resolve(0)))),
  });
  const { swarm, seed, joined } = await fleetOf({ a: slowly('a'), b: slowly('b') });
  await using _ = swarm;
  const told: BroadcastUpdate[] = [];
  const reading = (async () => {
    for await (const update of seed.node.broadcastStream(run())) told.push(update);
  })();
  await swarm.until(() => answers.size === 2);
  expect(told[0]?.type).toBe('sent');
  answers.get('b')?.();
  const results = () => told.flatMap((each) => (each.type === 'update' && each.update.type === 'result' ? [each] : []));
  await swarm.until(() => results().length === 1);
  expect(results()[0]?.nodeId).toBe(member(joined, 'b').node.id);
  answers.get('a')?.();
  await settled(swarm, reading);
  expect(told.at(-1)).toMatchObject({ type: 'ended', summary: { total: 2, completed: 2 } });
});

test('an abort asks for the end of everything that was sent', async () => {
  const forever = {
    runner: createTestRunner(
      (_args, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(1))),
    ),
  };
  const { swarm, seed, joined } = await fleetOf({ a: forever, b: forever });
  await using _ = swarm;
  const aborting = new AbortController();
  const work = seed.node.broadcast(run(), {}, { signal: aborting.signal });
  const running = async (name: string) =>
    (await member(joined, name).node.listDirectives({ status: 'running' })).length;
  await swarm.until(async () => (await running('a')) + (await running('b')) === 2);
  aborting.abort(new Error('enough'));
  await expect(settled(swarm, work)).rejects.toThrow('enough');
  await swarm.until(async () => (await seed.node.listDirectives({ status: 'cancelled' })).length === 2);
  expect((await running('a')) + (await running('b'))).toBe(0);
});

test('a broadcast to nobody is over at once', async () => {
  const { swarm, seed } = await fleetOf({});
  await using _ = swarm;
  expect((await settled(swarm, seed.node.broadcast(run()))).summary).toMatchObject({ total: 0, skipped: [] });
});

test('a selector’s directive goes to the node with the most headroom, and says why', async () => {
  const busy = createTestRunner(
    (_args, signal) => new Promise((resolve) => signal.addEventListener('abort', () => resolve(1))),
  );
  const { swarm, seed, joined } = await fleetOf({
    a: { group: 'gpu', runner: busy, capacity: 2 },
    b: { group: 'gpu', capacity: 2 },
  });
  await using _ = swarm;
  const a = member(joined, 'a');
  await seed.node.submit({ ...run(), target: a.node.id });
  await swarm.until(async () => (await a.node.listDirectives({ status: 'running' })).length === 1);
  await swarm.pass(1_500); // the machine's figures are kept for a second
  await settled(swarm, a.node.heartbeat());
  const result = await settled(swarm, seed.node.dispatch({ ...run(), target: { group: 'gpu' } }));
  expect(result).toMatchObject({ status: 'completed', nodeId: member(joined, 'b').node.id });
  const row = await seed.node.getDirective(result.directiveId);
  expect(row?.directive.placement).toMatchObject({
    selector: { group: 'gpu' },
    matching: 2,
    eligible: 2,
    running: 0,
    moves: 0,
  });
});

test('directives that come at once are spread, though no heartbeat has told of them yet', async () => {
  const { swarm, seed, joined } = await fleetOf({ a: { group: 'gpu' }, b: { group: 'gpu' } });
  await using _ = swarm;
  const views: DirectiveView[] = [];
  for (let count = 0; count < 6; count += 1) views.push(await seed.node.submit({ ...run(), target: { group: 'gpu' } }));
  const to = (name: string) => views.filter(({ targetNodeId }) => targetNodeId === member(joined, name).node.id).length;
  expect([to('a'), to('b')]).toEqual([3, 3]);
});

test('what a draining node refuses runs elsewhere where a selector chose, and waits where a node was named', async () => {
  const { swarm, seed, joined } = await fleetOf({ a: { group: 'gpu' }, b: { group: 'gpu' } });
  await using _ = swarm;
  const [a, b] = [member(joined, 'a'), member(joined, 'b')];
  const first = await seed.node.submit({ ...run(), target: { group: 'gpu' } });
  const [chosen, other] = first.targetNodeId === a.node.id ? [a, b] : [b, a];
  await swarm.until(async () => (await seed.node.getDirective(first.id))?.directive.status === 'completed');
  swarm.http.cut(seed.origin); // so that the seed does not hear of it, and takes the node for one that may be given work
  await settled(swarm, chosen.node.drain());
  await seed.stores.nodes.beat(other.node.id, { incarnation: 1, metrics: busyMetrics });
  const placed = await settled(swarm, seed.node.dispatch({ ...run(), target: { group: 'gpu' } }));
  expect(placed).toMatchObject({ status: 'completed', nodeId: other.node.id });
  const way = (await seed.node.getDirective(placed.directiveId))?.events.map(({ reason }) => reason);
  expect(way).toContain('moved');
  const named = await seed.node.submit({ ...run(), target: chosen.node.id });
  await swarm.pass(10_000);
  expect((await seed.node.getDirective(named.id))?.directive.status).toBe('pending');
  await settled(swarm, chosen.node.undrain());
  await swarm.until(async () => (await seed.node.getDirective(named.id))?.directive.status === 'completed');
});

/** So much to do that the other one is chosen first. */
const busyMetrics = {
  ...{
    cpuPercent: 1,
    memoryUsedBytes: 1,
    memoryTotalBytes: 2,
    diskUsedBytes: 1,
    diskTotalBytes: 2,
    activeProcesses: 4,
  },
  ...{ runningDirectives: 4, queuedDirectives: 9, tokensIn: 0, tokensOut: 0, costMicroUsd: 0, toolCalls: 0, cpuMs: 0 },
  ...{ peakMemoryBytes: 0, uptimeMs: 1 },
};

test('no node that matches is an error that says so, before anything is stored', async () => {
  const { swarm, seed } = await fleetOf({ a: { group: 'gpu' } });
  await using _ = swarm;
  await expect(seed.node.dispatch({ ...run(), target: { group: 'tpu' } })).rejects.toMatchObject({
    code: 'NO_MATCHING_NODE',
  });
  expect(await seed.node.listDirectives()).toEqual([]);
});

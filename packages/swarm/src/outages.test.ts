/** What a node does while its storage is away, and after: nothing is lost, nobody is judged too early. */
import { systemRandom } from '@skein/contracts/runtime';
import { expect, test } from 'vitest';
import { SwarmError } from './errors.ts';
import { createInMemoryStores } from './in-memory-stores.ts';
import type { SwarmStores } from './stores.ts';
import { createTestRunner, createTestSwarm, type TestSwarm } from './testing/index.ts';
import { createTestRuntime } from './testing/test-runtime.ts';

const policy = { allowedPrograms: ['/bin/echo'] };

/** Stores that fail, as a database that is away does, while `outage.on`. */
function breakableStores(swarm: TestSwarm): { stores: SwarmStores; outage: { on: boolean } } {
  const outage = { on: false };
  const breakable = <T extends object>(target: T): T =>
    new Proxy(target, {
      get(_, key) {
        const member: unknown = Reflect.get(target, key);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          if (outage.on) throw new SwarmError('STORE_UNAVAILABLE', 'the database is away');
          return Reflect.apply(member, target, args);
        };
      },
    });
  const whole = Object.entries(createInMemoryStores({ clock: swarm.clock, random: systemRandom }));
  const broken: unknown = Object.fromEntries(whole.map(([name, store]) => [name, breakable<object>(store)]));
  const stores = broken as SwarmStores; // each under its own name, with the methods that it had
  return { stores, outage };
}

/** A seed on stores that can be broken, and a member that has joined it. */
async function pair(
  swarm: TestSwarm,
  options: { breakable: 'seed' | 'member'; runner?: ReturnType<typeof createTestRunner> },
) {
  const { stores, outage } = breakableStores(swarm);
  const runner = options.runner ?? createTestRunner(async () => 0);
  const of = (who: 'seed' | 'member') => (options.breakable === who ? { stores } : {});
  const seed = await swarm.add('seed', { runner, policy, ...of('seed') });
  await seed.node.start();
  const { token } = await seed.node.createJoinToken();
  const member = await swarm.add('member', { runner, policy, seeds: [seed.origin], joinToken: token, ...of('member') });
  await member.node.start();
  await swarm.until(async () => (await seed.node.getNode(member.identity.nodeId))?.status === 'online');
  await swarm.until(async () => (await member.node.getNode(seed.identity.nodeId))?.status === 'online');
  return { seed, member, outage, runner };
}

test('the end of work that was done while the database was away is stored when it is back', async () => {
  await using swarm = await createTestSwarm();
  let finish = () => {};
  const work = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const runner = createTestRunner(async () => work.then(() => 0));
  const { seed, member, outage } = await pair(swarm, { breakable: 'member', runner });
  let status: string | undefined;
  const payload = { command: ['echo'] as [string] };
  void seed.node.dispatch({ kind: 'execute_task', target: member.identity.nodeId, payload }).then((result) => {
    status = result.status;
  });
  await swarm.until(() => runner.started.length === 1);
  outage.on = true;
  finish();
  await swarm.pass(10_000);
  expect(status).toBeUndefined();
  outage.on = false;
  await swarm.until(() => status !== undefined);
  expect(status).toBe('completed');
  expect(runner.started).toHaveLength(1);
});

test('work that outlives its lease, because the database stays away, is killed and told as interrupted', async () => {
  await using swarm = await createTestSwarm();
  const runner = createTestRunner(
    (_args, signal) =>
      new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true })),
  );
  const { seed, member, outage } = await pair(swarm, { breakable: 'member', runner });
  let result: { status: string; error?: { reason: string } | undefined } | undefined;
  const order = {
    kind: 'execute_task',
    target: member.identity.nodeId,
    payload: { command: ['echo'] as [string] },
  } as const;
  void seed.node.dispatch({ ...order, ttlMs: 600_000 }).then((ended) => {
    result = ended;
  });
  await swarm.until(() => runner.started.length === 1);
  outage.on = true;
  await swarm.pass(60_000);
  outage.on = false;
  await swarm.until(() => result !== undefined);
  expect(result).toMatchObject({ status: 'interrupted', error: { reason: 'worker_lost' } });
});

test('a directive sent while the receiver’s database is away arrives when it is back', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member, outage, runner } = await pair(swarm, { breakable: 'member' });
  outage.on = true;
  let status: string | undefined;
  const payload = { command: ['echo'] as [string] };
  void seed.node.dispatch({ kind: 'execute_task', target: member.identity.nodeId, payload }).then((result) => {
    status = result.status;
  });
  await swarm.pass(10_000);
  outage.on = false;
  await swarm.until(() => status !== undefined);
  expect(status).toBe('completed');
  expect(runner.started).toHaveLength(1);
});

test('after an outage of its database a seed judges nobody before all could beat again', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member, outage } = await pair(swarm, { breakable: 'seed' });
  const judged: string[] = [];
  seed.node.events.on('node.liveness_changed', ({ nodeId, to }) => {
    if (nodeId === member.identity.nodeId) judged.push(to);
  });
  outage.on = true;
  await swarm.pass(600_000);
  swarm.http.cut(seed.origin); // the member is slow to notice that the seed is back
  outage.on = false;
  await swarm.pass(20_000);
  swarm.http.heal(seed.origin);
  await swarm.pass(600_000);
  expect(judged).toEqual([]);
  expect((await seed.node.getNode(member.identity.nodeId))?.status).toBe('online');
});

test('a node whose storage is away says that it is not ready, and is ready again with it', async () => {
  await using swarm = await createTestSwarm();
  const { seed, outage } = await pair(swarm, { breakable: 'seed' });
  expect(await seed.node.isReady()).toBe(true);
  outage.on = true;
  expect(await seed.node.isReady()).toBe(false);
  outage.on = false;
  expect(await seed.node.isReady()).toBe(true);
});

test('a node whose database went away while a drain ended its agents can be stopped', async () => {
  await using swarm = await createTestSwarm();
  const { stores, outage } = breakableStores(swarm);
  const worker = createTestRuntime();
  const { node } = await swarm.add('one', { stores, agentRuntimes: { worker } });
  await node.start();
  const payload = { agentType: 'worker', instruction: 'work', mode: 'detach' } as const;
  await node.submit({ kind: 'spawn_agent', target: node.id, payload });
  await swarm.until(() => worker.runs.length === 1);
  worker.runs[0]?.hooks.signal.addEventListener('abort', () => {
    outage.on = true;
  });
  await node.drain({ force: true });
  await swarm.until(() => outage.on);
  let stopped = false;
  const stopping = node.stop().finally(() => {
    stopped = true;
  });
  await swarm.until(() => stopped, 10_000);
  await stopping;
});

test('a node that could not start because its database was away can be started when it is back', async () => {
  await using swarm = await createTestSwarm();
  const { stores, outage } = breakableStores(swarm);
  const runner = createTestRunner(async () => 0);
  const { node } = await swarm.add('one', { stores, runner, policy });
  outage.on = true;
  await expect(node.start()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  outage.on = false;
  await swarm.until(() => node.start().then(() => true));
  const { id } = await node.submit({ kind: 'execute_task', target: node.id, payload: { command: ['echo'] } });
  await swarm.until(async () => (await node.getDirective(id))?.directive.status === 'completed');
  expect(runner.started).toHaveLength(1);
});

test('a start that failed half-way leaves nothing behind that works beside the next one', async () => {
  await using swarm = await createTestSwarm();
  const { stores, outage } = breakableStores(swarm);
  const runner = createTestRunner(async () => 0);
  const registers = stores.nodes.admit.bind(stores.nodes);
  const { node } = await swarm.add('one', {
    ...{ runner, policy },
    stores: {
      ...stores,
      nodes: new Proxy(stores.nodes, {
        get(target, key) {
          if (key !== 'admit') return Reflect.get(target, key);
          return (...args: Parameters<typeof registers>) => {
            outage.on ||= failing; // the worker works by then
            return registers(...args);
          };
        },
      }),
    },
  });
  let failing = true;
  await expect(node.start()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
  expect(await node.isReady()).toBe(false);
  failing = false;
  outage.on = false;
  await node.start();
  const { id } = await node.submit({ kind: 'execute_task', target: node.id, payload: { command: ['echo'] } });
  await swarm.until(async () => (await node.getDirective(id))?.directive.status === 'completed');
  expect(runner.started).toHaveLength(1);
  await node.stop();
});

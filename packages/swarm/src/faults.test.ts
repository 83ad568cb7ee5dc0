/** Single faults at awkward moments, each with what must come of it at both ends. */
import { systemRandom } from '@skein/contracts/runtime';
import { expect, test } from 'vitest';
import type { DispatchResult } from './directives/dispatch-result.ts';
import { SwarmError } from './errors.ts';
import { createInMemoryStores } from './in-memory-stores.ts';
import { createNodeIdentity } from './security/node-identity.ts';
import type { SwarmStores } from './stores.ts';
import type { SwarmNodeOptions } from './swarm-node-options.ts';
import { createTestRunner, createTestSwarm, type TestMember, type TestSwarm } from './testing/index.ts';

const policy = { allowedPrograms: ['/bin/echo'] };

/** Stores of which one method fails as often as the test says, as a database does that is away for a moment. */
function storesFailingAt<B extends keyof SwarmStores>(
  swarm: TestSwarm,
  book: B,
  method: keyof SwarmStores[B] & string,
) {
  const stores = createInMemoryStores({ clock: swarm.clock, random: systemRandom });
  const fault = { left: 0 };
  const original = stores[book];
  const failing = new Proxy(original, {
    get(target, key) {
      const member: unknown = Reflect.get(target, key);
      if (key !== method || typeof member !== 'function') return member;
      return async (...args: unknown[]) => {
        if (fault.left > 0) {
          fault.left -= 1;
          throw new SwarmError('STORE_UNAVAILABLE', 'the database is away');
        }
        return Reflect.apply(member, target, args);
      };
    },
  });
  return { stores: { ...stores, [book]: failing }, fault };
}

interface Setup {
  seedStores?: SwarmStores;
  seedOptions?: Partial<SwarmNodeOptions>;
  memberStores?: SwarmStores;
  runner?: ReturnType<typeof createTestRunner>;
}

async function pair(
  swarm: TestSwarm,
  { seedStores, seedOptions, memberStores, runner = createTestRunner(async () => 0) }: Setup = {},
) {
  const seed = await swarm.add('seed', { ...seedOptions, runner, policy, ...(seedStores && { stores: seedStores }) });
  await seed.node.start();
  const member = await join(swarm, 'member', seed, { runner, policy, ...(memberStores && { stores: memberStores }) });
  return { seed, member, runner };
}

async function join(swarm: TestSwarm, name: string, seed: TestMember, options = {}): Promise<TestMember> {
  const { token } = await seed.node.createJoinToken();
  const member = await swarm.add(name, { seeds: [seed.origin], joinToken: token, policy, ...options });
  await member.node.start();
  await swarm.until(async () => (await statusOf(seed, member)) === 'online');
  await swarm.until(async () => (await statusOf(member, seed)) === 'online');
  return member;
}

const statusOf = async (observer: TestMember, observed: TestMember) =>
  (await observer.node.getNode(observed.identity.nodeId))?.status;

const echo = { kind: 'execute_task', payload: { command: ['echo'] as [string] } } as const;

/** The result of a dispatch, once it is there. */
function dispatched(from: TestMember, to: TestMember, ttlMs = 60_000): { result?: DispatchResult } {
  const box: { result?: DispatchResult } = {};
  void from.node.dispatch({ ...echo, target: to.identity.nodeId, ttlMs }).then((result) => {
    box.result = result;
  });
  return box;
}

/** A runner whose work goes on until the test ends it. */
function heldWork() {
  let finish = () => {};
  const gate = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const runner = createTestRunner(async (_args, signal) => {
    await Promise.race([gate, new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }))]);
    return 0;
  });
  return { runner, finish: () => finish() };
}

const inboxOf = async (receiver: TestMember) =>
  (await receiver.stores.inbox.list(receiver.identity.nodeId, { limit: 10 })).map(({ state, starts }) => ({
    state,
    starts,
  }));
const outboxOf = async (sender: TestMember) =>
  (await sender.stores.outbox.list(sender.identity.nodeId, { limit: 10 })).map(({ state }) => state);

test('an acceptance that the sender could not store is no refusal: a cancellation waits for the receiver’s word', async () => {
  await using swarm = await createTestSwarm();
  const { stores, fault } = storesFailingAt(swarm, 'outbox', 'accept');
  const { seed, member } = await pair(swarm, { seedStores: stores });
  fault.left = 1;
  const { id } = await seed.node.submit({ ...echo, target: member.identity.nodeId });
  await swarm.until(() => fault.left === 0);
  await seed.node.cancelDirective(id);
  await swarm.until(async () => ['completed', 'cancelled'].includes((await outboxOf(seed))[0] ?? ''));
  expect(await inboxOf(member)).toMatchObject([{ state: (await outboxOf(seed))[0] }]);
});

test('a send whose write-off could not be stored is taken up again while its process lives', async () => {
  await using swarm = await createTestSwarm();
  const { stores, fault } = storesFailingAt(swarm, 'outbox', 'requeue');
  const { seed, member } = await pair(swarm, { seedStores: stores });
  swarm.http.cut(member.origin);
  fault.left = 1;
  const box = dispatched(seed, member, 600_000);
  await swarm.until(() => fault.left === 0);
  swarm.http.heal(member.origin);
  await swarm.until(() => box.result !== undefined, 60_000);
  expect(box.result).toMatchObject({ status: 'completed' });
});

test('a receiver that comes back is sent what waits for it at once, and not when the backoff ends', async () => {
  await using swarm = await createTestSwarm();
  const longest = { ...systemRandom, next: () => 0.999 }; // no wait is short by chance
  const { seed, member } = await pair(swarm, { seedOptions: { random: longest } });
  member.kill();
  const box = dispatched(seed, member, 300_000);
  await swarm.pass(70_000); // the next attempt is more than a minute away
  await (await member.restart()).start();
  await swarm.until(() => box.result !== undefined, 10_000);
  expect(box.result).toMatchObject({ status: 'completed' });
});

test('what was unknown becomes what it was, when the receiver is back long after the deadline', async () => {
  await using swarm = await createTestSwarm();
  const { runner } = heldWork();
  const { seed, member } = await pair(swarm, { runner });
  const box = dispatched(seed, member, 15_000);
  await swarm.until(() => runner.started.length === 1);
  member.kill();
  await swarm.until(() => box.result !== undefined);
  expect(box.result).toMatchObject({ status: 'unknown', error: { reason: 'no_contact' } });
  await swarm.pass(60_000);
  await (await member.restart()).start();
  await swarm.until(async () => (await outboxOf(seed))[0] !== 'unknown');
  expect([await outboxOf(seed), await inboxOf(member)]).toEqual([
    ['interrupted'],
    [{ state: 'interrupted', starts: 1 }],
  ]);
});

test('work that was done is completed, though a cancellation comes before its end could be stored', async () => {
  await using swarm = await createTestSwarm();
  const { stores, fault } = storesFailingAt(swarm, 'inbox', 'finish');
  const { runner, finish } = heldWork();
  const { seed, member } = await pair(swarm, { memberStores: stores, runner });
  const { id } = await seed.node.submit({ ...echo, target: member.identity.nodeId });
  await swarm.until(() => runner.started.length === 1);
  fault.left = 5;
  finish();
  await swarm.until(() => fault.left < 5);
  await seed.node.cancelDirective(id);
  await swarm.until(async () => (await outboxOf(seed))[0] !== 'accepted');
  expect([await outboxOf(seed), await inboxOf(member)]).toEqual([['completed'], [{ state: 'completed', starts: 1 }]]);
});

test('a store that hangs does not keep work alive beyond its lease', async () => {
  await using swarm = await createTestSwarm();
  const stores = createInMemoryStores({ clock: swarm.clock, random: systemRandom });
  let hangs = false;
  const inbox = {
    ...stores.inbox,
    renew: (...args: Parameters<typeof stores.inbox.renew>) =>
      hangs ? new Promise<never>(() => {}) : stores.inbox.renew(...args),
  };
  let killedAt: number | undefined;
  const runner = createTestRunner(
    (_args, signal) =>
      new Promise((_, reject) =>
        signal.addEventListener('abort', () => {
          killedAt = swarm.clock.now();
          reject(signal.reason);
        }),
      ),
  );
  const { seed, member } = await pair(swarm, { memberStores: { ...stores, inbox }, runner });
  await seed.node.submit({ ...echo, target: member.identity.nodeId, ttlMs: 600_000 });
  await swarm.until(() => runner.started.length === 1);
  hangs = true;
  const hungAt = swarm.clock.now();
  await swarm.until(() => killedAt !== undefined, 60_000);
  expect(Number(killedAt) - hungAt).toBeLessThanOrEqual(28_000);
  member.kill(); // its pumps hang with the store
});

test('a node that a seed has just let in is known to others at once, whatever strangers call meanwhile', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  await swarm.pass(120_000); // the beats are slow by now: the member will not hear of the newcomer by itself
  const stranger = await swarm.add('stranger');
  await stranger.stores.nodes.admit((await entryOf(member, member)) ?? fail());
  await stranger.node.start();
  void stranger.node.submit({ ...echo, target: member.identity.nodeId });
  const newcomer = await join(swarm, 'newcomer', seed);
  await swarm.until(async () => (await statusOf(newcomer, member)) === 'online');
  const box = dispatched(newcomer, member);
  await swarm.until(() => box.result !== undefined);
  expect(box.result).toMatchObject({ status: 'completed' });
  expect(await outboxOf(stranger)).toEqual(['rejected']);
});

const entryOf = (of: TestMember, who: TestMember) => of.stores.nodes.find(who.identity.nodeId);
const fail = (): never => {
  throw new Error('the entry is there');
};

test('who was only heard of is unverified without a seed, and online again when the seed is back', async () => {
  await using swarm = await createTestSwarm();
  const { seed, member } = await pair(swarm);
  const third = await join(swarm, 'third', seed);
  await swarm.until(async () => (await statusOf(member, third)) === 'online');
  // Only the member is cut off: what it asks the seed does not arrive.
  const cut = { on: true };
  const { identity, stores } = member;
  member.kill();
  const http = {
    request: (request: Parameters<typeof swarm.http.request>[0]) =>
      cut.on && request.url.startsWith(seed.origin) ? Promise.reject(new Error('cut')) : swarm.http.request(request),
  };
  cut.on = false;
  const again = await swarm.add('again', { identity, stores, http, seeds: [seed.origin], policy });
  await again.node.start();
  await swarm.until(async () => (await statusOf(again, third)) === 'online');
  cut.on = true;
  await swarm.until(async () => (await statusOf(again, third)) === 'unverified');
  expect(await statusOf(again, seed)).toBe('offline');
  cut.on = false;
  await swarm.until(async () => (await statusOf(again, third)) === 'online');
  await swarm.until(async () => (await statusOf(again, seed)) === 'online');
});

test('two processes with one key do not pass for one life', async () => {
  await using swarm = await createTestSwarm();
  const seed = await swarm.add('seed');
  await seed.node.start();
  const identity = createNodeIdentity();
  const [first, twin] = [await join(swarm, 'first', seed, { identity }), await join(swarm, 'twin', seed, { identity })];
  const known = await seed.node.getNode(identity.nodeId);
  expect(known?.incarnation).toBeGreaterThan(1);
  expect(await first.node.getNode(identity.nodeId)).not.toEqual(await twin.node.getNode(identity.nodeId));
});

test('a node that is stopped while it starts does not work afterwards, and starts once however often it is asked', async () => {
  await using swarm = await createTestSwarm();
  let letGo = () => {};
  const leftovers = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  const runner = { ...createTestRunner(async () => 0), killLeftovers: () => leftovers };
  const member = await swarm.add('member', { runner, policy });
  const starting = Promise.allSettled([member.node.start(), member.node.start()]);
  let stopped = false;
  void member.node.stop().then(() => {
    stopped = true;
  });
  letGo();
  await swarm.until(() => stopped);
  expect((await starting).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(await member.node.getNode(member.identity.nodeId)).toBeUndefined();
  expect(swarm.clock.sleeping).toBe(0);
});

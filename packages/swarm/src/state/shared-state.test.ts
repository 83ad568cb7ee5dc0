/** Shared state from end to end: desks, the handler and the stores of several nodes, with directives carried by hand. */
import {
  DatabaseId,
  DirectiveId,
  type DispatchInput,
  MAX_STATE_COUNTER,
  NodeId,
  noUsage,
  Order,
  type StateEntry,
  type SwarmEvent,
  SyncStateOutput,
  type Tier,
} from '@skein/contracts';
import { createEmitter } from '@skein/contracts/runtime';
import { createFakeClock, createMemoryLogger } from '@skein/contracts/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { DispatchResult } from '../directives/dispatch-result.ts';
import type { HandlerOutcome } from '../directives/handlers/handler.ts';
import { syncState } from '../directives/handlers/sync-state.ts';
import type { NodeStore } from '../membership/node-store.ts';
import { createStateDesk } from './create-state-desk.ts';
import { createInMemoryStateStore, type InMemoryStateStore } from './in-memory-state-store.ts';
import type { StateNamespace } from './namespace.ts';
import { createNamespaces } from './namespaces.ts';
import type { StateDesk } from './state-desk.ts';
import { createStateIntake } from './state-intake.ts';
import { createTurns } from './turns.ts';

const idOf = (letter: string) => NodeId.parse(letter.repeat(26));
const directiveId = DirectiveId.parse('00000000-0000-4000-8000-000000000001');
const databaseOf = (number: number) => DatabaseId.parse(`00000000-0000-4000-8000-${String(number).padStart(12, '0')}`);

interface Peer {
  self: NodeId;
  desk: StateDesk;
  state: InMemoryStateStore;
  database: { id: DatabaseId; state: InMemoryStateStore };
  events: SwarmEvent[];
  log: ReturnType<typeof createMemoryLogger>;
  receive(source: NodeId, input: DispatchInput): Promise<DispatchResult>;
}

/** Nodes that reach each other's handlers; what a handler answers is stored with its effects, unless `crash` says no. */
function createPeers() {
  const peers = new Map<NodeId, Peer>();
  const clock = createFakeClock();
  const traffic: { entriesSent: number; entriesTold: number; largest: number }[] = [];
  const world = { crash: false, tier: 'sudo' as Tier };

  function add(letter: string, namespaces: Record<string, StateNamespace> = {}): Peer {
    const self = idOf(letter);
    const log = createMemoryLogger();
    const events: SwarmEvent[] = [];
    const emitter = createEmitter<SwarmEvent>(() => {});
    emitter.onAny((event) => events.push(event));
    const database = { id: databaseOf(peers.size + 1), state: createInMemoryStateStore({ clock }) };
    // The store may be replaced, as a database is: whoever holds the port sees the new one.
    const state = new Proxy({} as InMemoryStateStore, { get: (_, key) => Reflect.get(database.state, key) });
    const nodes = { find: async () => ({ tier: world.tier, removed: false }) } as unknown as Pick<NodeStore, 'find'>; // all that is read
    const known = createNamespaces({ logger: log });
    for (const [name, namespace] of Object.entries(namespaces)) known.register(name, namespace);
    const turns = createTurns();
    const intake = createStateIntake({ self, state, nodes, events: emitter, logger: log });

    async function receive(source: NodeId, input: DispatchInput): Promise<DispatchResult> {
      const order = Order.parse(JSON.parse(JSON.stringify({ kind: input.kind, payload: input.payload })));
      if (order.kind !== 'sync_state') throw new Error('only sync_state travels here');
      const handle = syncState({ self, databaseId: database.id, state, namespaces: known, intake, turns });
      const signal = new AbortController().signal;
      const outcome = await handle(order.payload, {
        ...{
          directiveId,
          parentDirectiveId: null,
          sourceNodeId: source,
          effect: 'tx',
          epoch: 1,
          signal,
          output: () => {},
        },
      });
      return {
        ...(await store(outcome)),
        metrics: { ...noUsage, durationMs: 0 },
        started: true,
        directiveId,
        nodeId: self,
      };
    }

    async function store(outcome: HandlerOutcome): Promise<Pick<DispatchResult, 'status' | 'output'>> {
      const stored = !world.crash;
      for (const effect of stored ? (outcome.effects ?? []) : [])
        if (effect.type === 'merge') state.mergeNow(effect.nodeId, effect.namespace, effect.entries);
      outcome.settled?.(stored);
      if (!stored) return { status: 'interrupted' };
      return { ...outcome, output: outcome.output && JSON.parse(JSON.stringify(outcome.output)) };
    }

    const desk = createStateDesk({
      ...{ self, state, namespaces: known, intake, turns },
      async dispatch(input) {
        const target = peers.get(NodeId.parse(input.target));
        if (!target) throw new Error('nobody is there');
        const result = await target.receive(self, input);
        const told = SyncStateOutput.safeParse(result.output);
        traffic.push({
          entriesSent: (input.payload as { entries: StateEntry[] }).entries.length, // sync_state alone travels here
          entriesTold: told.success ? told.data.entries.length : 0,
          largest: Math.max(JSON.stringify(input.payload).length, JSON.stringify(result.output ?? null).length),
        });
        return result;
      },
    });
    const peer = { self, desk, state, database, events, log, receive };
    peers.set(self, peer);
    return peer;
  }

  const contents = async (peer: Peer, namespace = 'memory') =>
    Object.fromEntries((await peer.desk.listState(namespace)).map(({ key, value }) => [key, value]));
  const versions = async (peer: Peer) =>
    (await peer.state.changesSince(peer.self, 'memory', 0, 10_000)).entries
      .map((entry) => JSON.stringify(entry))
      .sort();
  return { add, clock, traffic, world, contents, versions };
}

test('a sync takes there what is new here, brings here what is new there, and the second one finds nothing', async () => {
  const { add, contents, traffic } = createPeers();
  const [a, b] = [add('a'), add('b')];
  await a.desk.putState('memory', 'weather', { sky: 'clear' });
  await a.desk.putState('memory', 'both', 'first');
  await b.desk.putState('memory', 'both', 'second');
  await b.desk.putState('memory', 'harvest', [1, 2]);
  expect(await a.desk.syncState('memory', b.self)).toEqual({ sent: 1, received: 2, refused: [] });
  expect(await contents(a)).toEqual({ weather: { sky: 'clear' }, both: 'second', harvest: [1, 2] });
  expect(await contents(b)).toEqual(await contents(a));
  expect(await a.desk.syncState('memory', b.self)).toEqual({ sent: 0, received: 0, refused: [] });
  const before = traffic.length;
  await a.desk.syncState('memory', b.self);
  expect(traffic.slice(before)).toEqual([{ entriesSent: 0, entriesTold: 0, largest: expect.any(Number) }]);
});

test('a deletion travels as a tombstone, and no older value brings the entry back', async () => {
  const { add, contents } = createPeers();
  const [a, b, c] = [add('a'), add('b'), add('c')];
  await a.desk.putState('memory', 'secret', 1);
  await a.desk.syncState('memory', b.self);
  await a.desk.syncState('memory', c.self);
  expect(await b.desk.deleteState('memory', 'secret')).toMatchObject({ deleted: true });
  await a.desk.syncState('memory', b.self);
  expect(await contents(a)).toEqual({});
  expect(await c.desk.syncState('memory', a.self)).toMatchObject({ sent: 0, received: 1 });
  expect(await contents(c)).toEqual({});
  expect(await a.desk.getState('memory', 'secret')).toBeUndefined();
  expect(await a.desk.deleteState('memory', 'secret')).toBeUndefined();
});

type Step =
  | { do: 'put'; node: number; key: string; value: number }
  | { do: 'delete'; node: number; key: string }
  | { do: 'sync'; node: number; peer: number }
  | { do: 'crash'; node: number; peer: number };

test('nodes that write, delete and sync in any order hold the same once each pair has synced', async () => {
  const steps = (nodes: number): fc.Arbitrary<Step[]> => {
    const node = fc.nat(nodes - 1);
    const key = fc.constantFrom('a', 'b', 'c');
    return fc.array(
      fc.oneof(
        fc.record({ do: fc.constant('put' as const), node, key, value: fc.nat(9) }),
        fc.record({ do: fc.constant('delete' as const), node, key }),
        fc.record({ do: fc.constantFrom('sync' as const, 'crash' as const), node, peer: node }),
      ),
      { maxLength: 40 },
    );
  };
  const scenario = fc
    .integer({ min: 2, max: 5 })
    .chain((nodes) => fc.record({ nodes: fc.constant(nodes), steps: steps(nodes) }));
  await fc.assert(
    fc.asyncProperty(scenario, async ({ nodes, steps }) => {
      const { add, versions, world } = createPeers();
      const peers = [...'abcde'.slice(0, nodes)].map((letter) => add(letter));
      const at = (index: number) => peers[index] as Peer; // within `nodes`
      for (const step of steps) {
        const { desk } = at(step.node);
        if (step.do === 'put') await desk.putState('memory', step.key, step.value);
        if (step.do === 'delete') await desk.deleteState('memory', step.key);
        if ((step.do !== 'sync' && step.do !== 'crash') || step.node === step.peer) continue;
        world.crash = step.do === 'crash';
        await desk.syncState('memory', at(step.peer).self).catch(() => {});
        world.crash = false;
      }
      for (const one of peers)
        for (const other of peers) if (one.self < other.self) await one.desk.syncState('memory', other.self);
      const [first, ...others] = await Promise.all(peers.map(versions));
      for (const held of others) expect(held).toEqual(first);
    }),
    { numRuns: 100 },
  );
});

test('thousands of entries travel in pages, none larger than a body may be, and nothing is told twice to whoever told it', async () => {
  const { add, contents, traffic } = createPeers();
  const roomy = { memory: { maxEntries: 5_000, maxBytes: 64_000_000 } };
  const [a, b] = [add('a', roomy), add('b', roomy)];
  const version = { counter: 1, nodeId: a.self };
  const many = Array.from({ length: 1_200 }, (_, index) => ({ key: `a${index}`, value: index, version }));
  await a.state.merge(a.self, 'memory', many);
  for (let index = 0; index < 40; index += 1) await b.desk.putState('memory', `b${index}`, 'ü'.repeat(30_000));
  expect(await b.desk.syncState('memory', a.self)).toEqual({ sent: 40, received: 1_200, refused: [] });
  expect(await contents(b)).toEqual(await contents(a));
  for (const { largest, entriesSent, entriesTold } of traffic) {
    expect(largest).toBeLessThan(600_000);
    expect(Math.max(entriesSent, entriesTold)).toBeLessThanOrEqual(500);
  }
  expect(traffic.reduce((sum, { entriesSent }) => sum + entriesSent, 0)).toBe(40);
});

test('a peer whose database is a new one is told everything again', async () => {
  const { add, clock, contents } = createPeers();
  const [a, b] = [add('a'), add('b')];
  await a.desk.putState('memory', 'one', 1);
  await b.desk.putState('memory', 'two', 2);
  await a.desk.syncState('memory', b.self);
  Object.assign(b.database, { id: databaseOf(99), state: createInMemoryStateStore({ clock }) });
  await b.desk.putState('memory', 'three', 3);
  expect(await a.desk.syncState('memory', b.self)).toEqual({ sent: 2, received: 1, refused: [] });
  expect(await contents(b)).toEqual({ one: 1, two: 2, three: 3 });
  expect(await contents(a)).toEqual(await contents(b));
});

test.each([
  ['tells nothing for ever', 0, 'too_long'],
  ['tells ever new entries', 500, 'too_many_entries'],
])('a peer that %s comes to an end', async (_, entriesAPage, reason) => {
  const { add } = createPeers();
  const [a, b] = [add('a', { memory: { maxEntries: 1_000 } }), add('b')];
  let cursor = 0;
  b.receive = async (_source, { payload }) => {
    cursor += 1;
    const version = { counter: 1, nodeId: b.self };
    const entries = Array.from({ length: entriesAPage }, (_, n) => ({ key: `${cursor}-${n}`, value: n, version }));
    const { namespace } = payload as { namespace: string }; // sync_state alone travels here
    const output = { databaseId: b.database.id, namespace, merged: 0, refused: [], entries, cursor, more: true };
    const ended = { status: 'completed' as const, output, started: true, metrics: { ...noUsage, durationMs: 0 } };
    return { ...ended, directiveId, nodeId: b.self };
  };
  const failed = { code: 'SYNC_FAILED', metadata: { reason } };
  await expect(a.desk.syncState('memory', b.self)).rejects.toMatchObject(failed);
});

test('what was refused for want of room is told again when there is room', async () => {
  const { add, contents } = createPeers();
  const [a, b] = [add('a'), add('b', { memory: { maxEntries: 2 } })];
  for (const key of ['k1', 'k2', 'k3']) await a.desk.putState('memory', key, key);
  const first = await a.desk.syncState('memory', b.self);
  expect(first).toEqual({ sent: 2, received: 0, refused: [{ key: 'k3', reason: 'too_many_entries' }] });
  b.desk.registerNamespace('memory', { maxEntries: 3 });
  expect(await a.desk.syncState('memory', b.self)).toEqual({ sent: 1, received: 0, refused: [] });
  expect(await contents(b)).toEqual(await contents(a));
});

test('directives that come at once cannot together take more room than there is', async () => {
  const { add } = createPeers();
  const b = add('b', { memory: { maxEntries: 10 } });
  const sendersOf = [...'cdefg'].map((letter) => idOf(letter));
  const answers = await Promise.all(
    sendersOf.map((source, index) => {
      const entries = [0, 1, 2, 3].map((n) => ({
        key: `${index}-${n}`,
        value: n,
        version: { counter: 1, nodeId: source },
      }));
      return b.receive(source, { kind: 'sync_state', target: b.self, payload: { namespace: 'memory', entries } });
    }),
  );
  const merged = answers.map(({ output }) => SyncStateOutput.parse(output).merged);
  expect(merged.reduce((sum, count) => sum + count, 0)).toBe(10);
  expect((await b.desk.listState('memory')).length).toBe(10);
});

test('only what was stored is told as merged, to the program and as an event', async () => {
  const applied: string[] = [];
  const { add, world } = createPeers();
  const onMerged: StateNamespace['onMerged'] = (entries, { isSelf }) => {
    applied.push(...entries.map(({ key }) => `${isSelf ? 'own' : 'other'} ${key}`));
    throw new Error('the program stumbles');
  };
  const [a, b] = [add('a'), add('b', { memory: { onMerged } })];
  await a.desk.putState('memory', 'one', 1);
  world.crash = true;
  await expect(a.desk.syncState('memory', b.self)).rejects.toMatchObject({ code: 'SYNC_FAILED' });
  expect(applied).toEqual([]);
  expect(b.events).toEqual([]);
  world.crash = false;
  await a.desk.syncState('memory', b.self);
  await a.desk.syncState('memory', b.self);
  await b.desk.putState('memory', 'two', 2);
  expect(applied).toEqual(['other one', 'own two']);
  const merged = { type: 'state.merged', namespace: 'memory' };
  expect(b.events).toEqual([
    { ...merged, keys: ['one'], sourceNodeId: a.self },
    { ...merged, keys: ['two'], sourceNodeId: b.self },
  ]);
  await Promise.resolve();
  expect(b.log.lines.filter(({ level }) => level === 'error')).toHaveLength(2);
});

test('a key that somebody pushed to its end can still be written and deleted where it stands, within its bounds', async () => {
  const { desk, self, state } = createPeers().add('a', { memory: { maxValueBytes: 10 } });
  const version = { counter: MAX_STATE_COUNTER, nodeId: idOf('z') };
  await state.merge(self, 'memory', [{ key: 'k', value: 1, version }]);
  for (const value of [2, 1]) expect(await desk.putState('memory', 'k', value)).toMatchObject({ value });
  const tooLarge = desk.putState('memory', 'k', 'x'.repeat(9));
  await expect(tooLarge).rejects.toMatchObject({ metadata: { reason: 'value_too_large' } });
  expect(await desk.deleteState('memory', 'k')).toMatchObject({ deleted: true });
  expect(await desk.getState('memory', 'k')).toBeUndefined();
});

test('configuration comes from those alone who may administer the node', async () => {
  const { add, contents, world } = createPeers();
  const [a, b] = [add('a'), add('b')];
  await a.desk.putState('configuration', 'theme', 'dark'); // its own program may
  world.tier = 'unprivileged';
  const refused = [{ key: 'theme', reason: 'tier_not_allowed' }];
  expect(await a.desk.syncState('configuration', b.self)).toEqual({ sent: 0, received: 0, refused });
  expect(await b.desk.syncState('configuration', a.self)).toMatchObject({ received: 0, refused });
  expect(await contents(b, 'configuration')).toEqual({});
  world.tier = 'sudo';
  expect(await a.desk.syncState('configuration', b.self)).toEqual({ sent: 1, received: 0, refused: [] });
});

test.each([
  ['notes', 'a', 1, { code: 'UNKNOWN_NAMESPACE' }],
  ['memory', '', 1, { code: 'INVALID_ARGUMENT' }],
  ['memory', 'a\0b', 1, { code: 'INVALID_ARGUMENT' }],
  ['memory', '..', 1, { code: 'INVALID_ARGUMENT' }],
  ['memory', 'a', undefined, { code: 'INVALID_ARGUMENT' }],
  [
    ...(['memory', 'a', 'x'.repeat(65_536)] as const),
    {
      code: 'STATE_REFUSED',
      message: 'a cannot be put into memory: the value has 65538 bytes as JSON, and at most 65536 may stand there',
      metadata: { reason: 'value_too_large' },
    },
  ],
  ['skills', 'sing', 'loudly', { code: 'STATE_REFUSED', metadata: { reason: 'skill_without_description' } }],
  ['configuration', 'a', 'x'.repeat(4_096), { code: 'STATE_REFUSED', metadata: { reason: 'value_too_large' } }],
])('putting into %s under %j is refused with what is wrong', async (namespace, key, value, error) => {
  const { desk } = createPeers().add('a');
  const put = desk.putState(namespace, key, value as string); // a program without types may hand in undefined
  await expect(put).rejects.toMatchObject(error);
});

test('a sync with a node that lacks the namespace, or with this one, says so', async () => {
  const { add } = createPeers();
  const [a, b] = [add('a', { plans: {} }), add('b')];
  const metadata = { reason: 'unknown_namespace', nodeId: b.self };
  await expect(a.desk.syncState('plans', b.self)).rejects.toMatchObject({ code: 'SYNC_FAILED', metadata });
  await expect(a.desk.syncState('plans', a.self)).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('the namespaces are listed with how full they are', async () => {
  const { desk } = createPeers().add('a');
  await desk.putState('memory', 'k', 'ü');
  const listed = await desk.listNamespaces();
  expect(listed.map(({ name }) => name)).toEqual(['configuration', 'memory', 'skills']);
  expect(listed[1]).toEqual({ name: 'memory', entries: 1, bytes: 7, maxEntries: 1_000, maxBytes: 4_194_304 });
});

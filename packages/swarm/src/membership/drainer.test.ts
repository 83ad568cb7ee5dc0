import { AgentId, DirectiveId, NodeId, noUsage } from '@skein/contracts';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createInMemoryStores } from '../in-memory-stores.ts';
import { createNodeIdentity } from '../security/node-identity.ts';
import { signRecord } from '../security/signed-record.ts';
import { startDrainer } from './drainer.ts';
import { eligibilityNote } from './eligibility-view.ts';
import { createOwnEligibility } from './own-eligibility.ts';

const spawner = NodeId.parse('b'.repeat(26));

/** A node of its own registry, with a drainer and agents that end when a test says so. */
async function setUp() {
  const clock = createFakeClock();
  const random = createSeededRandom(1);
  const { nodes, inbox, agents } = createInMemoryStores({ clock, random });
  const identity = createNodeIdentity();
  const self = identity.nodeId;
  const facts = {
    name: 'one',
    addresses: ['http://127.0.0.1:1'],
    kinds: [],
    capabilities: [],
    labels: {},
    capacity: 1,
  };
  const record = { key: identity.publicKey, ...facts, incarnation: 1, recordVersion: 1 };
  await nodes.admit({ id: self, record, signedRecord: signRecord(identity, record), tier: 'root', group: null });
  const said: string[] = [];
  const result = { response: '', exitCode: null, signal: null, truncated: false };
  const drainer = startDrainer({
    ...{ self, nodes, inbox, agents, clock, own: createOwnEligibility({ self, nodes }), logger: createMemoryLogger() },
    worker: { wake: () => said.push('worker woken'), interruptAll: async (why) => void said.push(`worker: ${why}`) },
    async interruptAgents({ reason }) {
      said.push(`agents: ${reason}`);
      for (const { id } of await agents.list({ nodeId: self, open: true, limit: 10 }))
        await agents.end(id, { state: 'interrupted', result, usage: noUsage });
    },
    announce: () => said.push('announced'),
  });
  const decide = (action: 'drain' | 'undrain' | 'seal', own: { deadlineMs?: number; force?: boolean } = {}) =>
    nodes.decide(self, { action, note: eligibilityNote(clock.now(), { actor: self, ...own }) });
  const spawn = async (mode: 'wait' | 'detach') => {
    const id = AgentId.parse(random.uuid());
    const directiveId = DirectiveId.parse(random.uuid());
    const kind = { agentType: 'worker', name: 'w', mode, parentDirectiveId: null };
    await agents.open({ id, nodeId: self, spawnedBy: spawner, directiveId, ...kind });
    return { end: () => agents.end(id, { state: 'completed', result, usage: noUsage }) };
  };
  /** A directive that another process of this node works on. */
  const hold = async () => {
    const key = { sourceNodeId: spawner, id: DirectiveId.parse(random.uuid()) };
    const order = { kind: 'query_resources', payload: {} } as const;
    const kind = {
      payloadHash: 'hash',
      priority: 'normal',
      effect: 'amo',
      parentDirectiveId: null,
      refusal: null,
    } as const;
    await inbox.admit({ ...key, ...kind, rowId: random.uuid(), targetNodeId: self, order, remainingMs: 600_000 });
    for (const row of await inbox.claim(self, { limit: 1, leasedBy: 'another', leaseMs: 600_000 }))
      await inbox.start(row, row.epoch);
    const metrics = { ...noUsage, durationMs: 1 };
    return { settle: () => inbox.finish(key, 1, { status: 'completed', metrics, started: true }) };
  };
  const eligibility = async () => (await nodes.find(self))?.eligibility;
  return { clock, nodes, self, drainer, decide, spawn, hold, eligibility, said };
}

test('a drain waits for detached agents too, and tells of those that ended by themselves', async () => {
  const { clock, drainer, decide, spawn, eligibility, said } = await setUp();
  const [first, second] = [await spawn('detach'), await spawn('detach')];
  await decide('drain', { deadlineMs: 60_000 });
  const drained = drainer.whenDrained();
  await clock.advance(1_000);
  await first.end();
  await clock.advance(1_000);
  expect(await eligibility()).toBe('draining');
  await second.end();
  await clock.advance(1_000);
  expect(await drained).toEqual({ eligibility: 'drained', finished: 2, interrupted: 0, waiting: 0 });
  expect(said).toEqual(['announced']);
  await drainer.stop();
});

test('at the deadline agents are interrupted, and told apart from those that had ended', async () => {
  const { clock, drainer, decide, spawn, said } = await setUp();
  const [quick] = [await spawn('detach'), await spawn('detach')];
  await decide('drain', { deadlineMs: 10_000 });
  const drained = drainer.whenDrained();
  await clock.advance(5_000);
  await quick.end();
  await clock.advance(4_900);
  expect(said).toEqual([]);
  await clock.advance(600);
  expect(await drained).toEqual({ eligibility: 'drained', finished: 1, interrupted: 1, waiting: 0 });
  expect(said).toEqual(['worker: draining', 'agents: interrupted_by_drain', 'announced']);
  await drainer.stop();
});

test('of an agent that somebody waits for the fate is its directive’s, but its process holds up the end', async () => {
  const { clock, drainer, decide, spawn, eligibility } = await setUp();
  const { end } = await spawn('wait');
  await decide('drain', { deadlineMs: 60_000 });
  const drained = drainer.whenDrained();
  await clock.advance(5_000);
  expect(await eligibility()).toBe('draining');
  await end();
  await clock.advance(500);
  expect(await drained).toMatchObject({ eligibility: 'drained', finished: 0, interrupted: 0 });
  await drainer.stop();
});

test('a drain that others told of has the usual deadline, ten minutes', async () => {
  const { clock, nodes, self, drainer, spawn, said } = await setUp();
  await spawn('detach');
  await nodes.hearEligibility(self, { eligibility: 'draining', version: 1 });
  drainer.wake();
  await clock.advance(599_000);
  expect(said).toEqual([]);
  await clock.advance(2_000);
  expect(said).toContain('agents: interrupted_by_drain');
  await drainer.stop();
});

test('a seal that others told of ends at once what runs, and stays a seal', async () => {
  const { clock, nodes, self, drainer, spawn, eligibility } = await setUp();
  await spawn('detach');
  await nodes.hearEligibility(self, { eligibility: 'sealed', version: 65_536 });
  const drained = drainer.whenDrained();
  await clock.advance(1_000);
  expect(await drained).toMatchObject({ eligibility: 'sealed', interrupted: 1 });
  expect(await eligibility()).toBe('sealed');
  await drainer.stop();
});

test('after an undrain the worker is woken, and the next drain counts anew', async () => {
  const { clock, drainer, decide, spawn, said } = await setUp();
  const first = await spawn('detach');
  await decide('drain', { deadlineMs: 60_000 });
  drainer.wake();
  await clock.advance(1_000);
  await first.end();
  await decide('undrain');
  drainer.wake();
  await clock.advance(1_000);
  expect(said).toEqual(['worker woken']);
  await decide('drain', { force: true });
  const drained = drainer.whenDrained();
  await clock.advance(1_000);
  expect(await drained).toEqual({ eligibility: 'drained', finished: 0, interrupted: 0, waiting: 0 });
  await drainer.stop();
});

test('while work is left that this process does not hold, it is ended again after a pause each time', async () => {
  const { clock, drainer, decide, hold, said, eligibility } = await setUp();
  const { settle } = await hold();
  await decide('drain', { force: true });
  drainer.wake();
  await clock.advance(2_000);
  const ends = said.filter((word) => word === 'worker: draining').length;
  expect(ends).toBeGreaterThan(5);
  expect(ends).toBeLessThanOrEqual(11);
  await settle();
  await clock.advance(500);
  expect(await eligibility()).toBe('drained');
  await drainer.stop();
});

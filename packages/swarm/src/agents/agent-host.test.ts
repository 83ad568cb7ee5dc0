import { DatabaseId, DirectiveId, NodeId, noUsage, type SpawnAgentPayload, type SwarmEvent } from '@skein/contracts';
import { createEmitter } from '@skein/contracts/runtime';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createInMemoryUsageLedger } from '../resources/in-memory-usage-ledger.ts';
import type { RunReading } from '../resources/usage-ledger.ts';
import { createTestRuntime, type TestRun } from '../testing/test-runtime.ts';
import { type AgentHost, createAgentHost, type SpawnedAgent } from './agent-host.ts';
import type { AgentRuntimes } from './agent-runtime.ts';
import type { AgentStore } from './agent-store.ts';
import { createInMemoryAgentStore } from './in-memory-agent-store.ts';

const self = NodeId.parse('a'.repeat(26));
const other = NodeId.parse('b'.repeat(26));
const directiveId = DirectiveId.parse('00000000-0000-4000-8000-000000000001');
const drained = { reason: 'interrupted_by_drain', message: 'drained' };

/** A host on a store whose methods a test may break, with everything that it was told and asked. */
function world({ runtimes, maxAgents }: { runtimes?: AgentRuntimes; maxAgents?: number } = {}) {
  const clock = createFakeClock();
  const stored = createInMemoryAgentStore({ clock });
  const broken = new Set<keyof AgentStore | 'record'>();
  const calls: string[] = [];
  const breakable = async <T>(name: keyof AgentStore | 'record', work: () => Promise<T>): Promise<T> => {
    if (broken.has(name)) throw new Error(`${name} is away`);
    calls.push(name);
    return work();
  };
  const agents: AgentStore = {
    ...stored,
    open: (agent) => breakable('open', () => stored.open(agent)),
    progress: (id, progress) => breakable('progress', () => stored.progress(id, progress)),
    end: (id, end) => breakable('end', () => stored.end(id, end)),
  };
  const recorded = new Map<string, RunReading['usage']>();
  const record = (readings: readonly RunReading[]) =>
    breakable('record', async () => {
      for (const { runId, usage } of readings) recorded.set(runId, usage);
    });
  const events = createEmitter<SwarmEvent>(() => {});
  const heard: string[] = [];
  events.onAny((event) => {
    if ('agent' in event) heard.push(`${event.type} ${event.agent.state}`);
  });
  const worker = createTestRuntime();
  const log = createMemoryLogger();
  const host = createAgentHost(
    {
      ...{ self, agents, record, clock, events, logger: log, workFolder: '/work', random: createSeededRandom(1) },
      runtimes: () => runtimes ?? { worker },
    },
    maxAgents === undefined ? {} : { maxAgents },
  );
  return { clock, agents, stored, broken, calls, recorded, heard, worker, host, log };
}

const order = (change: Partial<SpawnAgentPayload> = {}, spawnedBy = other) => ({
  payload: { agentType: 'worker', instruction: 'work', mode: 'detach' as const, ...change },
  ...{ directiveId, parentDirectiveId: null, spawnedBy },
});

async function spawned(host: AgentHost, change: Partial<SpawnAgentPayload> = {}): Promise<SpawnedAgent> {
  const spawning = await host.spawn(order(change));
  if (spawning.status === 'refused') throw new Error(spawning.error.reason);
  return spawning.agent;
}

const only = (runs: readonly TestRun[]): TestRun => {
  const [run] = runs;
  if (!run || runs.length > 1) throw new Error(`there are ${runs.length} runs`);
  return run;
};

test('the row stands before anything starts; where it cannot be written, nothing starts, and no row stays open', async () => {
  const { host, worker, broken, stored, clock } = world();
  const begun = host.spawn(order());
  expect(worker.runs).toEqual([]);
  await begun;
  expect(worker.runs).toHaveLength(1);

  broken.add('open');
  await expect(host.spawn(order())).rejects.toThrow('open is away');
  expect(worker.runs).toHaveLength(1);
  await clock.advance(10_000);
  expect(await stored.countOpen(self)).toBe(1);
});

test('a row whose writing was not answered is ended, because nothing will ever run under it', async () => {
  const { agents, stored, worker, clock } = world();
  const lossy: AgentStore = {
    ...agents,
    open: async (agent) => {
      await stored.open(agent);
      throw new Error('the connection broke');
    },
  };
  const host = createAgentHost({
    ...{ self, agents: lossy, record: async () => {}, clock, events: { emit: () => {} }, workFolder: '/work' },
    ...{ logger: createMemoryLogger(), random: createSeededRandom(1), runtimes: () => ({ worker }) },
  });
  await expect(host.spawn(order())).rejects.toThrow('the connection broke');
  await clock.advance(1);
  expect(worker.runs).toEqual([]);
  expect(await stored.list({ limit: 9 })).toMatchObject([
    { state: 'interrupted', result: { error: { reason: 'agent_not_started' } } },
  ]);
});

test('an agent starts, runs from its first report on, and ends with what it said and used', async () => {
  const { host, worker, stored, recorded, heard, clock } = world();
  const agent = await spawned(host, { name: 'indexer', limits: { outputBytes: 9 } });
  const run = only(worker.runs);
  expect(run.request).toMatchObject({
    agentId: agent.id,
    name: 'indexer',
    limits: { outputBytes: 9 },
    spawnedBy: other,
  });
  expect(host.running()).toMatchObject([{ id: agent.id, state: 'starting', version: 1 }]);

  run.hooks.onReport({ pid: 77, usage: { ...noUsage, tokensIn: 5 } });
  expect(await agent.ready).toMatchObject({ state: 'running', pid: 77 });
  expect(host.usageReadings()).toEqual([{ runId: agent.id, usage: { ...noUsage, tokensIn: 5 } }]);

  run.complete('an index', { tokensIn: 9 });
  const end = await agent.ended;
  expect(end).toMatchObject({ state: 'completed', result: { response: 'an index' }, usage: { tokensIn: 9 } });
  expect(await stored.find(agent.id)).toEqual(end);
  expect(recorded.get(agent.id)).toEqual({ ...noUsage, tokensIn: 9 });
  expect(heard).toEqual(['agent.changed starting', 'agent.changed running', 'agent.ended completed']);
  expect(host.running()).toEqual([]);
  await clock.advance(120_000);
  await host.stop();
  expect(clock.sleeping).toBe(0);
});

test('whatever an agent tells how fast, its row is written about once a second, and the last word stands in it', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(fc.integer({ min: 0, max: 900 }), fc.integer({ min: 1, max: 50 })), { minLength: 1 }),
      fc.boolean(),
      async (reports, ends) => {
        const { host, worker, stored, calls, clock } = world();
        const agent = await spawned(host);
        const run = only(worker.runs);
        const began = clock.now();
        let tokensIn = 0;
        for (const [index, [waitMs, tokens]] of reports.entries()) {
          tokensIn += tokens;
          run.hooks.onReport({ pid: 7, progress: `step ${index}`, usage: { ...noUsage, tokensIn } });
          await clock.advance(waitMs);
        }
        const writes = calls.filter((call) => call === 'progress').length;
        expect(writes).toBeLessThanOrEqual(2 + (clock.now() - began) / 1_000);
        if (ends) {
          run.complete('done', { tokensIn });
          await agent.ended;
        } else await clock.advance(1_000);
        const row = await stored.find(agent.id);
        expect(row).toMatchObject({ pid: 7, progress: `step ${reports.length - 1}`, usage: { tokensIn } });
      },
    ),
    { numRuns: 30 },
  );
});

test('news outlive a store that is away, though nothing comes after them', async () => {
  const { host, worker, stored, broken, clock } = world();
  const agent = await spawned(host);
  broken.add('progress');
  only(worker.runs).hooks.onReport({ pid: 7, progress: 'half way' });
  await clock.advance(30_000);
  expect(await stored.find(agent.id)).toMatchObject({ state: 'starting', progress: null });
  broken.clear();
  await clock.advance(1_000);
  expect(await agent.ready).toMatchObject({ state: 'running', pid: 7, progress: 'half way' });
});

test('an end outlives a store that is away: it is stored when the store is back, after its usage', async () => {
  const { host, worker, stored, broken, calls, clock } = world();
  const agent = await spawned(host);
  only(worker.runs).hooks.onReport({ pid: 7 });
  await agent.ready;
  for (const name of ['progress', 'record', 'end'] as const) broken.add(name);
  only(worker.runs).hooks.onReport({ progress: 'nearly there' });
  only(worker.runs).complete('done', { toolCalls: 3 });
  await clock.advance(60_000);
  expect((await stored.find(agent.id))?.state).toBe('running');
  expect(host.running()).toHaveLength(1);

  broken.clear();
  calls.length = 0;
  await clock.advance(5_000);
  expect(await agent.ended).toMatchObject({ state: 'completed', progress: 'nearly there', usage: { toolCalls: 3 } });
  expect(calls).toEqual(['progress', 'record', 'end']);
});

test('a kill ends the run, keeps what it said, and is the first word that counts; twice is as good as once', async () => {
  const { host, worker } = world();
  const agent = await spawned(host);
  only(worker.runs).hooks.onReport({ pid: 7, usage: { ...noUsage, costMicroUsd: 12 } });
  const [one, two] = await Promise.all([host.kill(agent.id, 'no longer needed'), host.kill(agent.id, 'again')]);
  expect(one).toMatchObject({
    ...{ state: 'killed', usage: { costMicroUsd: 12 } },
    result: { error: { reason: 'agent_killed', message: 'no longer needed' } },
  });
  expect(two).toEqual(one);
  expect(await host.kill(agent.id)).toEqual(one);
});

test('what has ended stays as it is, and what is another node’s is left alone', async () => {
  const { host, worker, stored } = world();
  const agent = await spawned(host);
  only(worker.runs).complete();
  const end = await agent.ended;
  expect(await host.kill(agent.id)).toEqual(end);
  const foreign = { ...end, id: directiveId as unknown as typeof end.id, nodeId: other, state: 'running' as const };
  await stored.mirror(foreign);
  expect(await host.kill(foreign.id)).toBeUndefined();
  expect((await stored.find(foreign.id))?.state).toBe('running');
});

test('an agent that does not end when it is told to is given up, and said to be killed', async () => {
  const deaf = createTestRuntime({ listens: false });
  const { host, clock, log } = world({ runtimes: { worker: deaf } });
  const agent = await spawned(host);
  const killing = host.kill(agent.id);
  await clock.advance(10_000);
  expect((await killing)?.state).toBe('killed');
  expect(log.lines.map(({ level }) => level)).toContain('error');
});

test('a force drain interrupts all that run, and those that are about to', async () => {
  const { host, stored } = world();
  const [first, second] = [await spawned(host), host.spawn(order())];
  await host.interruptAll(drained);
  await second;
  expect((await first.ended).result?.error).toEqual(drained);
  expect((await stored.list({ limit: 9 })).map(({ state }) => state)).toEqual(['interrupted', 'interrupted']);
  expect(await host.spawn(order())).toMatchObject({ status: 'started' });
});

test('a stop interrupts what runs, takes no more, and waits for no store that is away', async () => {
  const { host, stored, broken, clock } = world();
  const agent = await spawned(host);
  broken.add('end');
  let stopped = false;
  const stopping = Promise.all([host.stop(), host.stop()]).then(() => {
    stopped = true;
  });
  await clock.advance(1_000);
  expect(stopped).toBe(true);
  await stopping;
  await expect(agent.ended).rejects.toThrow('end is away');
  expect((await stored.find(agent.id))?.state).not.toBe('interrupted');
  expect(await host.spawn(order())).toMatchObject({ status: 'refused', error: { reason: 'node_stopping' } });
});

test('the next life ends what the last one left open, with the usage that was stored last, and nothing of others', async () => {
  const { host, worker, agents, recorded, stored, clock } = world();
  const agent = await spawned(host);
  only(worker.runs).hooks.onReport({ pid: 7, usage: { ...noUsage, tokensOut: 40 } });
  await agent.ready;
  const foreign = { ...(await agent.ready), id: directiveId as unknown as typeof agent.id, nodeId: other };
  await stored.mirror(foreign);

  const ended: SwarmEvent[] = [];
  const next = createAgentHost({
    ...{ self, agents, runtimes: () => ({ worker }), workFolder: '/work', clock, random: createSeededRandom(2) },
    ...{ logger: createMemoryLogger(), events: { emit: (event: SwarmEvent) => void ended.push(event) } },
    record: async (readings) => {
      for (const { runId, usage } of readings) recorded.set(runId, usage);
    },
  });
  await next.recover();
  expect(await stored.find(agent.id)).toMatchObject({
    ...{ state: 'interrupted', usage: { tokensOut: 40 } },
    result: { error: { reason: 'interrupted_by_restart' } },
  });
  expect(recorded.get(agent.id)).toMatchObject({ tokensOut: 40 });
  expect(ended).toHaveLength(1);
  expect((await stored.find(foreign.id))?.state).toBe('running');

  // The old life, should it still be there, learns that its agent is nobody's any more.
  only(worker.runs).hooks.onReport({ progress: 'still at it' });
  await clock.advance(2_000);
  expect(only(worker.runs).hooks.signal.aborted).toBe(true);
  expect(host.running()).toEqual([]);
});

test('an agent whose row another process of this node has ended is stopped, though it says nothing', async () => {
  const { clock, host, worker, stored } = world();
  const [agent, other] = [await spawned(host), await spawned(host)];
  await clock.advance(2_000);
  const result = { response: '', exitCode: null, signal: null, truncated: false };
  await stored.end(agent.id, { state: 'interrupted', result, usage: noUsage });
  expect(worker.runs[0]?.hooks.signal.aborted).toBe(false);
  await clock.advance(5_000);
  expect(worker.runs.map(({ hooks }) => hooks.signal.aborted)).toEqual([true, false]);
  expect(await agent.ended).toMatchObject({ state: 'interrupted' });
  expect(host.running().map(({ id }) => id)).toEqual([other.id]);
  await host.stop();
  expect(clock.sleeping).toBe(0);
});

test('what a life read of an agent and did not write to its row before it was killed is counted once', async () => {
  const { clock, agents, host, worker } = world();
  const ledger = createInMemoryUsageLedger({
    clock,
    databaseId: async () => DatabaseId.parse('00000000-0000-4000-8000-000000000009'),
  });
  const agent = await spawned(host);
  const run = only(worker.runs);
  run.hooks.onReport({ pid: 7, usage: { ...noUsage, tokensIn: 10 } });
  await agent.ready;
  run.hooks.onReport({ usage: { ...noUsage, tokensIn: 100 } });
  await ledger.record(self, host.usageReadings());
  expect(await agents.find(agent.id)).toMatchObject({ usage: { tokensIn: 10 } }); // killed before the next write
  const next = createAgentHost({
    ...{ self, agents, record: (readings) => ledger.record(self, readings), clock, events: { emit: () => {} } },
    ...{ logger: createMemoryLogger(), random: createSeededRandom(2), runtimes: () => ({}), workFolder: '/work' },
  });
  await next.recover();
  expect(await ledger.hours(0)).toMatchObject([{ hours: [{ usage: { tokensIn: 100 } }] }]);
});

test('a run longer than its limit is ended as failed', async () => {
  const { host, clock } = world();
  const agent = await spawned(host, { limits: { timeoutMs: 5_000 } });
  await clock.advance(5_000);
  expect(await agent.ended).toMatchObject({ state: 'failed', result: { error: { reason: 'run_timed_out' } } });
});

test('a runtime that throws, rejects or gives no reason ends its agent as failed, with a reason', async () => {
  const done = { response: '', exitCode: 1, signal: null, truncated: false };
  const runtimes: AgentRuntimes = {
    throws: {
      start() {
        throw new Error('no such thing');
      },
    },
    rejects: { start: () => ({ done: Promise.reject(new Error('broken')) }) },
    silent: { start: () => ({ done: Promise.resolve({ status: 'failed', result: done, usage: noUsage }) }) },
  };
  const { host } = world({ runtimes });
  for (const agentType of Object.keys(runtimes)) {
    const agent = await spawned(host, { agentType });
    expect(await agent.ready).toMatchObject({ state: 'failed', result: { error: { reason: 'agent_failed' } } });
  }
});

test('a runtime that reports nothing is taken to run after a second', async () => {
  const { host, clock } = world();
  const agent = await spawned(host);
  await clock.advance(999);
  expect(host.running()).toMatchObject([{ state: 'starting' }]);
  await clock.advance(1);
  expect(await agent.ready).toMatchObject({ state: 'running', pid: null });
});

test('a type that nobody registered is refused, the names of all objects included, and so is one agent too many', async () => {
  const { host } = world({ maxAgents: 1 });
  for (const agentType of ['stranger', 'constructor', '__proto__'])
    expect(await host.spawn(order({ agentType }))).toMatchObject({
      ...{ status: 'refused', error: { reason: 'agent_type_unknown' } },
    });
  const spawnings = await Promise.all([host.spawn(order()), host.spawn(order())]);
  expect(spawnings).toMatchObject([{ status: 'started' }, { status: 'refused', error: { reason: 'too_many_agents' } }]);
});

test('a word reaches the input of an agent that takes words, and only while it runs', async () => {
  const mute = createTestRuntime({ takesWords: false });
  const worker = createTestRuntime();
  const { host } = world({ runtimes: { worker, mute } });
  const word = { messageId: 'm', from: other, text: 'hurry' };
  const [agent, silent] = [await spawned(host), await spawned(host, { agentType: 'mute' })];
  expect(await host.steer(agent.id, word)).toBe(true);
  expect(only(worker.runs).words).toEqual([word]);
  expect(await host.steer(silent.id, word)).toBe(false);
  await host.kill(agent.id);
  expect(await host.steer(agent.id, word)).toBe(false);
});

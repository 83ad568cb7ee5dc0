import { DirectiveId, NodeId, noUsage, SpawnAgentOutput, type SpawnAgentPayload } from '@skein/contracts';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { createAgentHost } from '../../agents/agent-host.ts';
import type { AgentRuntimes } from '../../agents/agent-runtime.ts';
import { createInMemoryAgentStore } from '../../agents/in-memory-agent-store.ts';
import { refuseAgent } from '../../agents/runtime-lookup.ts';
import { createTestRuntime } from '../../testing/test-runtime.ts';
import { RunEnded } from '../run.ts';
import { spawnAgent } from './spawn-agent.ts';

const self = NodeId.parse('a'.repeat(26));
const sender = NodeId.parse('b'.repeat(26));
const directiveId = DirectiveId.parse('00000000-0000-4000-8000-000000000001');
const parentDirectiveId = DirectiveId.parse('00000000-0000-4000-8000-000000000002');

function world() {
  const clock = createFakeClock();
  const agents = createInMemoryAgentStore({ clock });
  const worker = createTestRuntime();
  const runtimes: AgentRuntimes = { worker };
  const host = createAgentHost({
    ...{ self, agents, clock, runtimes: () => runtimes, record: async () => {}, workFolder: '/work' },
    ...{ events: { emit: () => {} }, random: createSeededRandom(1), logger: createMemoryLogger() },
  });
  const handle = spawnAgent({ host, runtimes: () => runtimes });
  const end = new AbortController();
  const printed: string[] = [];
  const context = {
    ...{ directiveId, parentDirectiveId, sourceNodeId: sender, effect: 'amo' as const, epoch: 1, signal: end.signal },
    output: (stream: string, text: string) => void printed.push(`${stream}: ${text}`),
  };
  const spawn = async (change: Partial<SpawnAgentPayload> = {}) => {
    const outcome = handle({ agentType: 'worker', instruction: 'work', mode: 'wait', ...change }, context);
    await clock.advance(0);
    return { outcome, run: worker.runs[0] };
  };
  const row = async () => (await agents.list({ limit: 1 }))[0];
  return { clock, agents, worker, host, spawn, end, printed, row };
}

test('wait: the directive ends with the agent, and tells what it said and used', async () => {
  const { spawn, printed, row } = world();
  const { outcome, run } = await spawn({ name: 'indexer' });
  run?.hooks.onReport({ pid: 7 });
  run?.hooks.onOutput('stdout', 'page 1');
  run?.complete('an index', { tokensIn: 5 });
  const told = await outcome;
  expect(told).toMatchObject({ status: 'completed', usage: { ...noUsage, tokensIn: 5 }, recorded: true });
  expect(SpawnAgentOutput.parse(told.output)).toMatchObject({ mode: 'wait', response: 'an index', exitCode: 0 });
  expect(printed).toEqual(['stdout: page 1']);
  expect(await row()).toMatchObject({
    spawnedBy: sender,
    directiveId,
    parentDirectiveId,
    name: 'indexer',
    mode: 'wait',
  });
});

test.each<[string, SpawnAgentPayload['limits'], SpawnAgentPayload['limits']]>([
  ['nothing', undefined, { outputBytes: 1_048_576 }],
  ['less', { outputBytes: 9, timeoutMs: 5 }, { outputBytes: 9, timeoutMs: 5 }],
  ['more', { outputBytes: 8_000_000, memoryBytes: 7 }, { outputBytes: 1_048_576, memoryBytes: 7 }],
])('an order that asks for %s than the node allows gets what both do', async (_what, limits, given) => {
  const { spawn } = world();
  const { run } = await spawn({ ...(limits && { limits }) });
  expect(run?.request.limits).toEqual(given);
});

test('wait: an agent that fails fails its directive, with its reason and what it used', async () => {
  const { spawn } = world();
  const { outcome, run } = await spawn();
  run?.fail('restarts_exhausted', { cpuMs: 3 });
  const told = await outcome;
  expect(told).toMatchObject({ status: 'failed', error: { reason: 'restarts_exhausted' }, usage: { cpuMs: 3 } });
  expect(SpawnAgentOutput.parse(told.output)).toMatchObject({ mode: 'wait', state: 'failed' });
});

test.each([
  ['deadline', 'killed', 'ttl_expired'],
  ['cancelled', 'killed', 'cancelled_by_caller'],
  ['stopping', 'interrupted', 'interrupted_by_stop'],
  ['draining', 'interrupted', 'interrupted_by_drain'],
  ['lease_lost', 'interrupted', 'worker_lost'],
] as const)('wait: %s ends the agent too, as %s, before the directive ends', async (why, state, reason) => {
  const { spawn, end, row, worker } = world();
  const { outcome } = await spawn();
  end.abort(new RunEnded(why));
  expect(await outcome).toMatchObject({ status: 'failed', error: { reason } });
  expect(worker.runs[0]?.hooks.signal.aborted).toBe(true);
  expect(await row()).toMatchObject({ state, result: { error: { reason } } });
});

test('detach: the directive ends as soon as the agent runs, and what ends it afterwards does not end the agent', async () => {
  const { spawn, end, row } = world();
  const { outcome, run } = await spawn({ mode: 'detach' });
  run?.hooks.onReport({ pid: 7 });
  const told = await outcome;
  expect(told).toMatchObject({ status: 'completed', usage: noUsage });
  expect(SpawnAgentOutput.parse(told.output)).toEqual({ mode: 'detach', agentId: (await row())?.id, state: 'running' });
  told.settled?.(true);
  end.abort(new RunEnded('deadline'));
  expect(run?.hooks.signal.aborted).toBe(false);
});

test('detach: what ends the directive before the agent runs ends the agent', async () => {
  const { spawn, end, row } = world();
  const { outcome } = await spawn({ mode: 'detach' });
  end.abort(new RunEnded('cancelled'));
  expect(await outcome).toMatchObject({ status: 'failed', error: { reason: 'cancelled_by_caller' } });
  expect((await row())?.state).toBe('killed');
});

test.each(['wait', 'detach'] as const)(
  '%s: what ends the directive while the agent’s row is written ends it too',
  async (mode) => {
    const { spawn, end, row } = world();
    end.abort(new RunEnded('cancelled'));
    const { outcome } = await spawn({ mode });
    expect(await outcome).toMatchObject({ status: 'failed', error: { reason: 'cancelled_by_caller' } });
    expect((await row())?.state).toBe('killed');
  },
);

test('detach: an agent whose directive’s end could not be stored does not go on, because nobody knows of it', async () => {
  const { spawn, row, clock } = world();
  const { outcome, run } = await spawn({ mode: 'detach' });
  run?.hooks.onReport({ pid: 7 });
  (await outcome).settled?.(false);
  await clock.advance(0);
  expect(await row()).toMatchObject({ state: 'interrupted', result: { error: { reason: 'worker_lost' } } });
});

test('detach: an agent that cannot be started fails its directive; one that is done at once completes it', async () => {
  const failing = world();
  const first = await failing.spawn({ mode: 'detach' });
  first.run?.fail('program_not_started');
  expect(await first.outcome).toMatchObject({ status: 'failed', error: { reason: 'program_not_started' } });

  const quick = world();
  const second = await quick.spawn({ mode: 'detach' });
  second.run?.complete();
  expect(await second.outcome).toMatchObject({ status: 'completed', output: { state: 'completed' } });
});

test('an order’s limits go to the agent, over the defaults', async () => {
  const { spawn, worker } = world();
  await spawn({ limits: { memoryBytes: 5 } });
  expect(worker.runs[0]?.request.limits).toEqual({ outputBytes: 1_048_576, memoryBytes: 5 });
});

test('an order for an unknown type, or with a context that is too large, is refused and starts nothing', async () => {
  const { spawn, worker, row } = world();
  expect(await (await spawn({ agentType: 'toString' })).outcome).toMatchObject({
    ...{ status: 'failed', error: { reason: 'agent_type_unknown', metadata: { agentType: 'toString' } } },
  });
  expect(await (await spawn({ context: { text: 'ü'.repeat(33_000) } })).outcome).toMatchObject({
    ...{ status: 'failed', error: { reason: 'context_too_large' } },
  });
  expect(worker.runs).toEqual([]);
  expect(await row()).toBeUndefined();
  const fits = { agentType: 'worker', instruction: '', mode: 'wait' as const, context: { text: 'u'.repeat(60_000) } };
  expect(refuseAgent({ kind: 'spawn_agent', payload: fits }, { worker })).toBeUndefined();
  expect(refuseAgent({ kind: 'query_resources', payload: {} }, {})).toBeUndefined();
});

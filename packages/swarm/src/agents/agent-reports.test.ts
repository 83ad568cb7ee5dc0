import { type AgentReport, type AgentView, type NodeId, noUsage, type SwarmEvent } from '@skein/contracts';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { nodeNo } from '../testing/fleet-examples.ts';
import { agentIdOf, endedAgent, homeId, spawnerId, strangerId, testAgent, testNode } from '../testing/test-agents.ts';
import type { AgentPeers } from './agent-peers.ts';
import { startAgentReports } from './agent-reports.ts';
import { reportPage } from './report-page.ts';

interface Call {
  to: NodeId;
  agents: readonly AgentReport[];
  atMs: number;
}

/** The home of some agents, and spawners that take what they are told unless a test says otherwise. */
function world() {
  const clock = createFakeClock();
  const random = createSeededRandom(1);
  const home = testNode(homeId, clock, random);
  const { agents } = home.stores;
  const calls: Call[] = [];
  const began = clock.now();
  const answers = new Map<NodeId, AgentPeers['reportAgents']>();
  const removed = new Set<NodeId>();
  const takeAll: AgentPeers['reportAgents'] = async (_, reports) => ({
    taken: reports.map(({ id, version }) => ({ id, version })),
  });
  const peers = {
    reportAgents: (to: NodeId, reports: readonly AgentReport[], signal: AbortSignal) => {
      calls.push({ to, agents: reports, atMs: clock.now() - began });
      return (answers.get(to) ?? takeAll)(to, reports, signal);
    },
  };
  const start = () =>
    startAgentReports({
      self: homeId,
      agents,
      peers,
      nodes: { find: async (id) => (removed.has(id) ? undefined : nodeNo(1, { id })) },
      events: home.events,
      clock,
      random,
      logger: createMemoryLogger(),
    });
  const open = async (n: number, spawnedBy = spawnerId) => {
    const { id, nodeId, directiveId, parentDirectiveId, agentType, name, mode } = testAgent(n);
    const agent = await agents.open({
      ...{ id, nodeId, spawnedBy, directiveId, parentDirectiveId, agentType, name, mode },
    });
    home.events.emit({ type: 'agent.changed', agent });
  };
  const note = async (n: number, progress: Parameters<typeof agents.progress>[1]) => {
    const agent = await agents.progress(agentIdOf(n), progress);
    if (agent) home.events.emit({ type: 'agent.changed', agent });
  };
  const end = async (n: number) => {
    const result = { response: 'done', exitCode: 0, signal: null, truncated: false };
    const ended = await agents.end(agentIdOf(n), { state: 'completed', result, usage: noUsage });
    if (ended) home.events.emit({ type: 'agent.ended', agent: ended.agent });
  };
  const owed = () => agents.listUnreported(homeId, 1_000);
  return { clock, agents, calls, answers, removed, start, open, note, end, owed, emit: home.events.emit };
}

const hangs: AgentPeers['reportAgents'] = (_, __, signal) =>
  new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));

test('a start and an end are told at once, the first figures within a second, later ones every five, and nothing twice', async () => {
  const { clock, calls, start, open, note, end, owed } = world();
  await using _reports = start();
  await clock.advance(100);
  await open(1);
  await clock.advance(10);
  await note(1, { state: 'running', pid: 7 });
  await clock.advance(10);
  expect(calls.map(({ atMs, agents: [agent] }) => [atMs, agent?.state])).toEqual([
    [100, 'starting'],
    [110, 'running'],
  ]);
  for (let n = 1; n <= 80; n += 1) {
    await note(1, { usage: { ...noUsage, tokensIn: n } });
    await clock.advance(250);
  }
  const figures = calls.filter(({ agents: [agent] }) => (agent?.usage.tokensIn ?? 0) > 0);
  expect(figures[0]?.atMs).toBeLessThanOrEqual(1_500);
  expect(figures.length).toBeLessThanOrEqual(2 + 4);
  expect(calls.at(-1)?.agents[0]?.usage.tokensIn).toBeGreaterThan(55);
  await end(1);
  await clock.advance(1);
  expect(calls.at(-1)?.agents[0]?.state).toBe('completed');
  expect(await owed()).toEqual([]);
  const told = calls.length;
  await clock.advance(60_000);
  expect(calls).toHaveLength(told);
});

test('news that come while a call is under way are told right after it', async () => {
  const { clock, calls, answers, start, open, end } = world();
  let letGo = () => {};
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  answers.set(spawnerId, async (_, reports) => {
    await held;
    return { taken: reports.map(({ id, version }) => ({ id, version })) };
  });
  await using _reports = start();
  await open(1);
  await clock.advance(10);
  await end(1);
  await clock.advance(10);
  expect(calls).toHaveLength(1);
  letGo();
  await clock.advance(0);
  expect(calls.map(({ agents: [agent] }) => agent?.state)).toEqual(['starting', 'completed']);
});

test('a spawner that does not answer holds up nobody else, is asked ever less often, and is told all when it is back', async () => {
  const { clock, calls, answers, start, open, end, owed } = world();
  answers.set(strangerId, async () => {
    throw new Error('away');
  });
  await using _reports = start();
  for (let n = 1; n <= 600; n += 1) await open(n, strangerId);
  await open(601);
  await end(601);
  await clock.advance(600_000);
  expect((await owed()).every(({ spawnedBy }) => spawnedBy === strangerId)).toBe(true);
  const tries = calls.filter(({ to }) => to === strangerId).length;
  expect(tries).toBeGreaterThan(15);
  expect(tries).toBeLessThan(120);
  answers.clear();
  await clock.advance(40_000);
  expect(await owed()).toEqual([]);
});

test.each<SwarmEvent>([
  { type: 'heartbeat.answered', nodeId: strangerId },
  { type: 'node.liveness_changed', nodeId: strangerId, from: 'offline', to: 'online', incarnation: 2 },
])('a spawner that shows again is told at once what it missed: $type', async (sign) => {
  const { clock, calls, answers, start, open, end, owed, emit } = world();
  answers.set(strangerId, async () => {
    throw new Error('away');
  });
  await using _reports = start();
  await open(1, strangerId);
  await end(1);
  await clock.advance(600_000);
  // It rests for long by now: in the moment after a try nobody would ask.
  const tries = calls.length;
  while (calls.length === tries) await clock.advance(100);
  answers.clear();
  emit({ type: 'heartbeat.answered', nodeId: spawnerId });
  await clock.advance(1);
  expect(await owed()).toHaveLength(1);
  emit(sign);
  await clock.advance(1);
  expect(await owed()).toEqual([]);
});

test('what is owed to a spawner that was taken out, or away for 30 days after the end, counts as told', async () => {
  const { clock, agents, answers, removed, start, open, end, owed } = world();
  for (const spawner of [spawnerId, strangerId])
    answers.set(spawner, async () => {
      throw new Error('away');
    });
  await open(1);
  await open(2, strangerId);
  await end(2);
  await open(3, strangerId);
  const reports = start();
  await clock.advance(60_000);
  expect(await owed()).toHaveLength(3);
  removed.add(spawnerId);
  await clock.advance(40_000);
  expect((await owed()).map(({ id }) => id)).toEqual([agentIdOf(2), agentIdOf(3)]);
  await Promise.all([reports.stop(), clock.advance(3_000)]);
  await clock.advance(30 * 86_400_000);
  await using _next = start();
  await clock.advance(40_000);
  expect((await owed()).map(({ id }) => id)).toEqual([agentIdOf(3)]);
  expect(await agents.purge(homeId)).toBe(1);
});

test('what a spawner does not take is not told again until it changes', async () => {
  const { clock, calls, answers, start, open, end } = world();
  answers.set(spawnerId, async () => ({ taken: [] }));
  await using _reports = start();
  await open(1);
  await clock.advance(60_000);
  expect(calls).toHaveLength(1);
  await end(1);
  await clock.advance(60_000);
  expect(calls).toHaveLength(2);
});

test('what an earlier life left untold is told by the next one; a node’s own agents are told to nobody', async () => {
  const { clock, calls, start, open } = world();
  await open(1);
  await open(2, homeId);
  await using _reports = start();
  await clock.advance(0);
  expect(calls.map(({ to, agents }) => [to, agents.map(({ id }) => id)])).toEqual([[spawnerId, [agentIdOf(1)]]]);
});

test('a stop tells the last ends, and waits two seconds at most for spawners that do not answer', async () => {
  const { clock, calls, answers, start, open, end } = world();
  const reports = start();
  await open(1);
  await clock.advance(10);
  await end(1);
  await reports.stop();
  expect(calls.at(-1)?.agents[0]?.state).toBe('completed');

  answers.set(spawnerId, hangs);
  const more = start();
  await open(2);
  await clock.advance(10);
  let isOver = false;
  const stopping = Promise.all([more.stop(), more.stop()]).then(() => {
    isOver = true;
  });
  await clock.advance(1_999);
  expect(isOver).toBe(false);
  await clock.advance(1);
  await stopping;
  expect(clock.sleeping).toBe(0);
});

test('a stop does not wait for a hundred notes that a slow store takes', async () => {
  const { clock, agents, start, open } = world();
  for (let n = 1; n <= 100; n += 1) await open(n);
  const { markReported } = agents;
  agents.markReported = async (...note) => {
    await clock.sleep(1_000);
    return markReported(...note);
  };
  const reports = start();
  await clock.advance(10);
  let isOver = false;
  const stopping = reports.stop().then(() => {
    isOver = true;
  });
  await clock.advance(5_000);
  expect(isOver).toBe(true);
  await stopping;
});

test('a page fits into one call, however much its agents said, and says where it left words out', async () => {
  const saying = (n: number, response: string): AgentView =>
    endedAgent(n, { result: { response, exitCode: 0, signal: null, truncated: false } });
  const bytesOf = (value: unknown) => Buffer.byteLength(JSON.stringify(value));
  const all = ['a'.repeat(2_000_000), '\0'.repeat(200_000), 'ü'.repeat(200_000), 'short'].map((text, n) =>
    saying(n + 1, text),
  );
  let left = all;
  const reports: AgentReport[] = [];
  while (left.length > 0) {
    const page = reportPage(left);
    expect(bytesOf(page)).toBeLessThan(1_000_000);
    reports.push(...page);
    left = left.slice(page.length);
  }
  expect(reports.map(({ result }) => result?.truncated)).toEqual([true, true, true, false]);
  for (const [index, { result }] of reports.entries()) {
    expect(all[index]?.result?.response.startsWith(result?.response ?? '?')).toBe(true);
    if (index < 3) expect(bytesOf(result?.response)).toBeGreaterThan(200_000);
  }
  expect(reportPage(Array.from({ length: 150 }, (_, n) => testAgent(n)))).toHaveLength(100);
});

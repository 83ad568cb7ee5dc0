/** Agents of one node on another, both real processes: what both ends know of them, and that they end when they should. */
import {
  type AgentMode,
  AgentReply,
  type AgentView,
  FIRST_REMOTE_PID,
  MailList,
  ResourceReport,
  SteerAgentReply,
} from '@skein/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { eventually, Fleet, type FleetNode, finalRow, joinTokenOf, online } from './fleet.ts';
import {
  agentEnd,
  agentOnce,
  branchOf,
  entryOf,
  FAMILY_SIZE,
  familyMarker,
  randomIncrements,
  reportedOf,
  spawnAgent,
  sumReported,
  testAgents,
  watchEvents,
} from './test-agents.ts';

const fleet = new Fleet();
let seed: FleetNode;
let member: FleetNode;
const startSeed = () => fleet.start({ name: 'seed' });
const startMember = (joinToken?: string) =>
  fleet.start({ name: 'member', seeds: [seed.address], agents: testAgents, ...(joinToken && { joinToken }) });

beforeAll(async () => {
  seed = await startSeed();
  member = await startMember(await joinTokenOf(seed));
  await online(seed, member);
  await online(member, seed);
});
afterAll(() => fleet[Symbol.asyncDispose]());

/** What the worker says of itself at its end. */
const WorkerAnswer = z.object({
  cpuMs: z.number(),
  peakMemoryBytes: z.number(),
  heldBytes: z.number(),
  heard: z.array(z.string()),
});
const answerOf = ({ result }: AgentView) => WorkerAnswer.parse(JSON.parse(result?.response ?? ''));

const steer = (from: FleetNode, { id }: AgentView, text: string) =>
  from.ask(`/agents/${id}/steer`, { text }, SteerAgentReply);
const announcedAt = async (node: FleetNode, { id }: AgentView) =>
  (await node.get('/mailboxes/session/agents', MailList)).mail.filter(({ contextId }) => contextId === id);
const reportAt = async (node: FleetNode) => reportedOf((await node.get('/report', ResourceReport)).totals);

function expectWithinTwofold(measured: number, truth: number): void {
  expect(measured).toBeGreaterThanOrEqual(truth * 0.5);
  expect(measured).toBeLessThanOrEqual(truth * 2);
}

test.each(['wait', 'detach'] as const)(
  'both ends know exactly what an agent reported, and what it used to within twofold, in mode %s',
  async (mode) => {
    await using watch = await watchEvents(seed, 'agent.ended');
    const increments = randomIncrements(5);
    const reported = sumReported(increments);
    const context = { increments, everyMs: 20, burnMs: 500, holdMiB: 64, stays: true };
    const agent = await spawnAgent(seed, member, { agentType: 'worker', mode, context });
    const { id } = agent;

    for (const node of [seed, member]) {
      const working = await agentOnce(node, id, 'its work done', ({ progress }) => progress === 'did its work');
      expect(working).toMatchObject({ state: 'running', mode, nodeId: member.nodeId, spawnedBy: seed.nodeId });
      expect(reportedOf(working.usage)).toEqual(reported);
    }
    const there = await branchOf(member, id);
    const here = await branchOf(seed, id);
    expect(there).toMatchObject({ kind: 'local', nodeId: member.nodeId, pid: (await entryOf(member, id)).pid });
    expect(here).toMatchObject({ kind: 'remote', nodeId: member.nodeId, pid: (await entryOf(seed, id)).pid });
    expect(here?.pid).toBeGreaterThanOrEqual(FIRST_REMOTE_PID);
    expect(there?.pid).toBeLessThan(FIRST_REMOTE_PID * 10); // the system's own
    expect(fleet.processes('agents/worker.mjs').join()).toContain(String(there?.pid));

    // A word makes another report of the same figures: it is heard, and nothing is counted twice.
    const report = await reportAt(seed);
    await steer(seed, agent, 'say it again');
    const again = await agentOnce(seed, id, 'a later report', ({ progress }) => progress === 'heard say it again');
    expect(again.version).toBeGreaterThan(agent.version);
    expect(reportedOf(again.usage)).toEqual(reported);
    expect(await reportAt(seed)).toEqual(report);
    expect(await reportAt(seed)).toEqual(report);
    expect((await branchOf(seed, id))?.pid).toBe(here?.pid);
    if (mode === 'detach') expect(await announcedAt(seed, agent)).toEqual([]);

    await steer(seed, agent, 'end');
    const ends = [await agentEnd(seed, id), await agentEnd(member, id)];
    for (const end of ends) {
      expect(end).toMatchObject({ state: 'completed', result: { exitCode: 0, signal: null } });
      expect(reportedOf(end.usage)).toEqual(reported);
      const truth = answerOf(end);
      expect(truth.heldBytes).toBe(64 * 2 ** 20);
      expectWithinTwofold(end.usage.cpuMs, 500);
      expectWithinTwofold(end.usage.cpuMs, truth.cpuMs);
      expectWithinTwofold(end.usage.peakMemoryBytes, truth.peakMemoryBytes);
    }
    expect(ends[0]?.usage).toEqual(ends[1]?.usage);
    expect(await branchOf(seed, id)).toBeUndefined();
    expect(await branchOf(member, id)).toBeUndefined();
    expect((await entryOf(seed, id)).pid).toBeNull();
    expect(await reportAt(seed)).toEqual(report);

    const { result } = await finalRow(seed, agent.directiveId, 'outbox', 30_000);
    expect(result).toMatchObject({
      status: 'completed',
      output: {
        mode,
        agentId: id,
        ...(mode === 'wait' && { state: 'completed', response: ends[0]?.result?.response }),
      },
    });
    await eventually('the end as an event', async () => watch.events.length > 0);
    expect(watch.events).toEqual([{ type: 'agent.ended', agent: ends[0] }]);
    if (mode === 'wait') return expect(await announcedAt(seed, agent)).toEqual([]);
    const mail = await eventually('its announcement', async () => {
      const found = await announcedAt(seed, agent);
      return found.length > 0 && found;
    });
    expect(mail).toMatchObject([
      {
        provenance: { origin: 'announcement', sourceNodeId: member.nodeId, directiveId: agent.directiveId },
        message: { parts: [{}, { data: { id, state: 'completed', usage: ends[0]?.usage } }] },
      },
    ]);
  },
  90_000,
);

test('an agent hears a word from the node that spawned it, and the word stands in its mailbox', async () => {
  const agent = await spawnAgent(seed, member, { agentType: 'worker', context: { stays: true } });
  await agentOnce(seed, agent.id, 'its work done', ({ progress }) => progress === 'did its work');
  const text = 'leave out the drafts, „please“';
  const reply = await steer(seed, agent, text);
  expect(reply.delivered).toBe('stdin');
  await agentOnce(seed, agent.id, 'the word heard', ({ progress }) => progress === `heard ${text}`);
  const { mail } = await member.get(`/mailboxes/agent/${agent.id}`, MailList);
  expect(mail).toMatchObject([
    { message: { parts: [{ text }] }, provenance: { origin: 'steering', sourceNodeId: seed.nodeId } },
  ]);

  await steer(seed, agent, 'end');
  expect(answerOf(await agentEnd(seed, agent.id)).heard).toEqual([text]);
  const late = await seed.post(`/agents/${agent.id}/steer`, { text: 'too late' });
  expect([late.status, await late.json()]).toMatchObject([409, { error: { reason: 'agent_ended' } }]);
}, 60_000);

/** An agent with a family on the member; every process of it has the marker in its command line. */
async function spawnFamily(mode: AgentMode): Promise<{ agent: AgentView; marker: string }> {
  const marker = familyMarker();
  const agent = await spawnAgent(seed, member, { agentType: 'family', mode, instruction: marker });
  await eventually('the whole family', async () => fleet.processes(marker).length >= FAMILY_SIZE);
  return { agent, marker };
}

test.each(['wait', 'detach'] as const)(
  'killing an agent from afar leaves none of its children, grandchildren and their sessions, in mode %s',
  async (mode) => {
    const { agent, marker } = await spawnFamily(mode);
    const reply = await seed.ask(`/agents/${agent.id}/kill`, { reason: 'it is enough' }, AgentReply);
    expect(fleet.processes(marker)).toEqual([]);
    const error = { reason: 'agent_killed', message: 'it is enough' };
    expect(reply.agent).toMatchObject({ state: 'killed', result: { error } });
    for (const node of [seed, member]) expect(await agentEnd(node, agent.id)).toEqual(reply.agent);
    expect(await branchOf(seed, agent.id)).toBeUndefined();
    const { result } = await finalRow(seed, agent.directiveId, 'outbox', 30_000);
    expect(result).toMatchObject(mode === 'wait' ? { status: 'failed', error } : { status: 'completed' });
    // What has ended stays as it is.
    expect(await member.ask(`/agents/${agent.id}/kill`, {}, AgentReply)).toEqual(reply);
  },
  60_000,
);

test('a spawner that was killed shows its agent again in its next life, and announces an end that came meanwhile', async () => {
  const stays = await spawnAgent(seed, member, { agentType: 'worker', context: { stays: true } });
  const increments = randomIncrements(3);
  const ends = await spawnAgent(seed, member, { agentType: 'worker', context: { increments, stays: true } });
  await seed.kill();
  await steer(member, ends, 'end');
  const end = await agentEnd(member, ends.id);

  seed = await startSeed();
  const heard = await agentEnd(seed, ends.id);
  expect(heard).toEqual(end);
  expect(reportedOf(heard.usage)).toEqual(sumReported(increments));
  await eventually('its announcement', async () => (await announcedAt(seed, ends)).length === 1);
  expect((await branchOf(seed, stays.id))?.pid).toBeGreaterThanOrEqual(FIRST_REMOTE_PID);
  await online(seed, member);
  await steer(seed, stays, 'end');
  expect(await agentEnd(seed, stays.id)).toMatchObject({ state: 'completed' });
  await eventually('it is out of the tree', async () => (await branchOf(seed, stays.id)) === undefined);
}, 90_000);

test('SIGKILL of a node leaves nothing of its agents; both ends say so after its restart, and it is announced', async () => {
  await using watch = await watchEvents(seed, 'agent.ended', 'agent.lost_sight');
  const { agent, marker } = await spawnFamily('detach');
  await eventually(
    'the seed knows that it runs',
    async () => (await entryOf(seed, agent.id)).agent.state === 'running',
  );
  await member.kill();
  await eventually('nothing left of the agent', async () => fleet.processes(marker).length === 0);
  // Of this agent alone: an earlier one's end may be told only now.
  const told = () => watch.events.filter((event) => JSON.stringify(event).includes(agent.id));
  await eventually('it is out of sight', async () => told().some(({ type }) => type === 'agent.lost_sight'));
  expect(told()).toEqual([{ type: 'agent.lost_sight', agentId: agent.id, nodeId: member.nodeId }]);
  expect((await entryOf(seed, agent.id)).agent.state).toBe('running'); // nobody knows better

  member = await startMember();
  for (const node of [member, seed]) {
    const end = await agentEnd(node, agent.id);
    expect(end).toMatchObject({ state: 'interrupted', result: { error: { reason: 'interrupted_by_restart' } } });
  }
  expect(await branchOf(seed, agent.id)).toBeUndefined();
  await eventually('its announcement', async () => (await announcedAt(seed, agent)).length === 1);
  await eventually('the event', async () => told().some(({ type }) => type === 'agent.ended'));
  expect(fleet.processes(marker)).toEqual([]);
}, 90_000);

/** What the report says is what was reported: through restarts, deaths and an outage of a database, on real nodes. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentView, ResourceReport } from '@skein/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, Fleet, type FleetNode, joinTokenOf, online } from './fleet.ts';
import {
  agentEnd,
  agentOnce,
  type Reported,
  randomIncrements,
  reportedOf,
  spawnAgent,
  sumReported,
  testAgents,
} from './test-agents.ts';

const fleet = new Fleet();
let seed: FleetNode;
let member: FleetNode;
const startSeed = () => fleet.start({ name: 'seed', agents: testAgents });
const startMember = (joinToken?: string) =>
  fleet.start({ name: 'member', seeds: [seed.address], agents: testAgents, ...(joinToken && { joinToken }) });

beforeAll(async () => {
  seed = await startSeed();
  member = await startMember(await joinTokenOf(seed));
  await bothOnline();
});
afterAll(() => fleet[Symbol.asyncDispose]());

async function bothOnline(): Promise<void> {
  await online(seed, member);
  await online(member, seed);
}

/** All that the agents of this file have reported. */
const reported: Reported[] = [];

/** An agent that reports random figures, one line after the other. */
async function spawnWorker(
  from: FleetNode,
  on: FleetNode,
  { count = 5, everyMs = 20, stays = false } = {},
): Promise<AgentView> {
  const increments = randomIncrements(count);
  const agent = await spawnAgent(from, on, { agentType: 'worker', context: { increments, everyMs, stays } });
  reported.push(...increments);
  return agent;
}

const reportOf = (node: FleetNode) => node.get('/report', ResourceReport);
const isWorking = (node: FleetNode, { id }: AgentView) =>
  agentOnce(node, id, 'a figure', ({ usage }) => usage.tokensIn > 0);
const hasDoneItsWork = (node: FleetNode, { id }: AgentView) =>
  agentOnce(node, id, 'its work done', ({ progress }) => progress === 'did its work');

/** The report of this node adds up to what was reported. */
async function expectExactReport(node: FleetNode, answered: boolean): Promise<void> {
  const { totals, nodes } = await reportOf(node);
  expect(reportedOf(totals)).toEqual(sumReported(reported));
  expect(sumReported(nodes.map(({ usage }) => reportedOf(usage)))).toEqual(sumReported(reported));
  const other = nodes.find(({ nodeId }) => nodeId !== node.nodeId);
  expect(other?.answered).toBe(answered);
}

test('agents at both nodes add up, in the reports of both', async () => {
  const agents = [
    await spawnWorker(seed, member),
    await spawnWorker(seed, member),
    await spawnWorker(member, seed),
    await spawnWorker(member, member),
  ];
  for (const { id, nodeId } of agents) await agentEnd(nodeId === seed.nodeId ? seed : member, id);
  await expectExactReport(seed, true);
  await expectExactReport(member, true);
}, 60_000);

test('an agent that works through an outage of its database is counted once and wholly', async () => {
  const agent = await spawnWorker(seed, member, { count: 40, everyMs: 50 });
  await isWorking(seed, agent);
  const postmaster = () =>
    Number(readFileSync(join(member.dataDir, 'database', 'pg', 'postmaster.pid'), 'utf8').split('\n')[0]);
  const before = postmaster();
  process.kill(before, 'SIGKILL');
  const end = await agentEnd(seed, agent.id);
  expect(end.state).toBe('completed');
  expect((await agentEnd(member, agent.id)).usage).toEqual(end.usage);
  expect(postmaster()).not.toBe(before);
  await bothOnline();
  await expectExactReport(seed, true);
}, 90_000);

test('a SIGTERM waits for an agent that works, and what it used is in the report before and after the restart', async () => {
  const agent = await spawnWorker(seed, member, { count: 20, everyMs: 50 });
  await isWorking(seed, agent);
  expect(await member.stop()).toBe(0);
  expect((await agentEnd(seed, agent.id)).state).toBe('completed');
  await eventually('the member gone', async () => {
    const { nodes } = await reportOf(seed);
    return nodes.find(({ nodeId }) => nodeId === member.nodeId)?.answered === false;
  });
  await expectExactReport(seed, false);

  member = await startMember();
  await bothOnline();
  await expectExactReport(seed, true);
}, 90_000);

test('what an agent had reported is in the report after a SIGKILL of its node, and so is what comes after', async () => {
  const agent = await spawnWorker(seed, member, { stays: true });
  await hasDoneItsWork(member, agent);
  await expectExactReport(seed, true); // asked, the member stores what runs
  await member.kill();
  await expectExactReport(seed, false);

  member = await startMember();
  await bothOnline();
  const end = await agentEnd(seed, agent.id);
  expect(end.state).toBe('interrupted');
  await expectExactReport(seed, true);
  await agentEnd(seed, (await spawnWorker(seed, member)).id);
  await expectExactReport(seed, true);
}, 90_000);

test('a seed that was killed reports the same in its next life', async () => {
  await seed.kill();
  seed = await startSeed();
  await bothOnline();
  await expectExactReport(seed, true);
  await expectExactReport(member, true);
}, 60_000);

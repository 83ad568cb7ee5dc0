/** What the report says is what was reported: through restarts, deaths and an outage of a database, on real nodes. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AgentView, ResourceReport } from '@skein/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually, Fleet, type FleetNode, joinTokenOf, online } from './fleet.ts';
import {
  agentEnd,
  agentOnce,
  entryOf,
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

/** The pid of its database's server. Throws while there is none. As root the database may lie behind a link. */
function postmasterOf({ dataDir }: FleetNode): number {
  const behindLink = join(dataDir, 'database', 'pg');
  const cluster = existsSync(behindLink) ? behindLink : join(dataDir, 'pg');
  return Number(readFileSync(join(cluster, 'postmaster.pid'), 'utf8').split('\n')[0]);
}

/** A process that has ended and was not waited for counts as running: its node knows of no end yet. */
const isRunning = (pid: number | null) => existsSync(`/proc/${pid}`);

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('ps', ['-o', 'pid=', '--ppid', String(pid)], { encoding: 'utf8' });
  return stdout.split('\n').filter(Boolean).map(Number);
}

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

/** Each resolves when the database is back, or about to be. */
const outages: Record<string, (node: FleetNode, agent: AgentView) => Promise<void>> = {
  async 'is killed while it works'(node) {
    const before = postmasterOf(node);
    process.kill(before, 'SIGKILL');
    await eventually('a new server', async () => {
      try {
        return postmasterOf(node) !== before;
      } catch {
        return false;
      }
    });
  },
  async 'hangs until it has ended'(node, agent) {
    const { pid } = await entryOf(node, agent.id);
    expect(isRunning(pid)).toBe(true);
    const servers = [postmasterOf(node), ...childrenOf(postmasterOf(node))];
    for (const server of servers) process.kill(server, 'SIGSTOP');
    try {
      await eventually('the end of the process', async () => !isRunning(pid));
    } finally {
      for (const server of servers) process.kill(server, 'SIGCONT');
    }
  },
};

test.each(Object.entries(outages))(
  'an agent whose node’s database %s is counted once and wholly',
  async (_name, pass) => {
    const agent = await spawnWorker(seed, member, { count: 40, everyMs: 50 });
    await isWorking(member, agent);
    await pass(member, agent);
    const end = await agentEnd(seed, agent.id);
    expect(end).toMatchObject({ state: 'completed', restarts: 0 });
    expect((await agentEnd(member, agent.id)).usage).toEqual(end.usage);
    await bothOnline();
    await expectExactReport(seed, true);
  },
  90_000,
);

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
  await member.kill(); // nobody has asked for a report meanwhile: its own row has what is to be counted

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

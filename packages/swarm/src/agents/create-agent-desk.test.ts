import { A2AClientError } from '@skein/a2a-transport';
import { type AgentId, type AgentView, type DirectiveId, MailId, type NodeId } from '@skein/contracts';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { SwarmError } from '../errors.ts';
import { nodeNo } from '../testing/fleet-examples.ts';
import {
  agentIdOf,
  endedAgent,
  homeId,
  order,
  spawnerId,
  strangerId,
  testAgent,
  testNode,
} from '../testing/test-agents.ts';
import { createTestRuntime } from '../testing/test-runtime.ts';
import { createAgentCommands } from './agent-commands.ts';
import { createAgentHost } from './agent-host.ts';
import type { AgentPeers } from './agent-peers.ts';
import { createAgentDesk } from './create-agent-desk.ts';
import { createPlainRemoteProcesses } from './plain-remote-processes.ts';
import { createRemoteAgents } from './remote-agents.ts';

/** The spawner's desk, with another node that answers as a test says. */
function world(answers: Partial<AgentPeers> = {}, findElsewhere?: (id: AgentId) => Promise<NodeId | undefined>) {
  const clock = createFakeClock();
  const random = createSeededRandom(1);
  const self = testNode(spawnerId, clock, random);
  const { agents, outbox, mail } = self.stores;
  const processes = createPlainRemoteProcesses({ clock });
  const worker = createTestRuntime();
  const host = createAgentHost({
    ...{ self: spawnerId, agents, runtimes: () => ({ worker }), record: async () => {}, workFolder: '/work' },
    ...{ clock, random, logger: createMemoryLogger(), events: self.events },
  });
  const commands = createAgentCommands({
    ...{ self: spawnerId, agents, host, mail, clock, random, events: self.events, tierOf: async () => undefined },
  });
  const remote = createRemoteAgents({
    ...{ self: spawnerId, agents, outbox, processes, clock, events: self.events, onDetachedEnd: () => {} },
  });
  const stopping = new AbortController();
  const nobody = async () => Promise.reject(new A2AClientError('UNREACHABLE', 'nobody is there'));
  const desk = createAgentDesk({
    ...{ self: spawnerId, agents, commands, remote, processes, random, stopping: stopping.signal },
    peers: { killAgent: nobody, steerAgent: nobody, ...answers },
    findNode: async (id) => (id === homeId ? nodeNo(1, { id, liveness: 'offline' }) : undefined),
    ...(findElsewhere && { findElsewhere }),
  });
  const spawn = async (directiveId: DirectiveId) => {
    const payload = { agentType: 'worker', instruction: 'work', mode: 'detach' as const };
    const spawning = await host.spawn({ payload, directiveId, parentDirectiveId: null, spawnedBy: strangerId });
    if (spawning.status === 'refused') throw new Error(spawning.error.reason);
    worker.runs.at(-1)?.hooks.onReport({ pid: 4_242 });
    await spawning.agent.ready;
    return spawning.agent.id;
  };
  /** An agent of this node that runs on another one. */
  const mirrored = async (agent: AgentView) => {
    await order(outbox, agent);
    return remote.absorb(agent);
  };
  return { ...self, clock, desk, processes, host, worker, spawn, mirrored, stopping };
}

const refused = (reason: string) => async () =>
  Promise.reject(
    new A2AClientError('HTTP_STATUS', reason, {
      ...{ status: 403, rpc: { code: -31_000, message: reason, reason, domain: 'skein' } },
    }),
  );

test('it lists its own agents and those that it has elsewhere, newest first, each with the PID that it has here', async () => {
  const { desk, spawn, mirrored, processes, stores, host } = world();
  const own = await spawn(testAgent(50).directiveId);
  const first = await mirrored(testAgent(1, { startedAt: '2025-12-31T00:00:00.000Z' }));
  const ended = await mirrored(endedAgent(2, { startedAt: '2025-12-30T00:00:00.000Z' }));
  await stores.agents.mirror(testAgent(3, { spawnedBy: strangerId })); // another's, in a database that they share
  const entries = await desk.listAgents();
  expect(entries.map(({ agent, pid }) => [agent.id, pid])).toEqual([
    [own, 4_242],
    [first.id, processes.pidOf(first.id)],
    [ended.id, null],
  ]);
  expect(entries[1]?.pid).toBeGreaterThanOrEqual(900_000);
  const idsOf = async (query: Parameters<typeof desk.listAgents>[0]) =>
    (await desk.listAgents(query)).map(({ agent }) => agent.id);
  expect(await idsOf({ limit: 1 })).toEqual([own]);
  expect(await idsOf({ node: homeId })).toEqual([first.id, ended.id]);
  expect(await idsOf({ node: spawnerId })).toEqual([own]);
  expect(await idsOf({ state: 'completed' })).toEqual([ended.id]);
  await host.kill(own);
  expect(await desk.getAgent(own)).toMatchObject({ pid: null, agent: { state: 'killed' } });
  expect(await desk.getAgent(agentIdOf(404))).toBeUndefined();
});

test('it kills and steers its own at once', async () => {
  const { desk, spawn, worker } = world();
  const id = await spawn(testAgent(50).directiveId);
  expect(await desk.steerAgent(id, 'hurry')).toMatchObject({ delivered: 'stdin' });
  expect(worker.runs[0]?.words).toMatchObject([{ from: spawnerId, text: 'hurry' }]);
  expect(await desk.killAgent(id, { reason: 'enough' })).toMatchObject({
    ...{ state: 'killed', result: { error: { message: 'enough' } } },
  });
});

test('an agent elsewhere is killed at its home, and what the home answers is stored and shown here', async () => {
  const asked: unknown[] = [];
  const killed = endedAgent(1, { state: 'killed' });
  const { desk, mirrored, processes, stores } = world({
    killAgent: async (home, params) => {
      asked.push([home, params]);
      return { agent: killed };
    },
  });
  await mirrored(testAgent(1));
  expect(await desk.killAgent(agentIdOf(1), { reason: 'enough' })).toEqual(killed);
  expect(asked).toEqual([[homeId, { agentId: agentIdOf(1), reason: 'enough' }]]);
  expect(await stores.agents.find(agentIdOf(1))).toEqual(killed);
  expect(processes.pidOf(agentIdOf(1))).toBeUndefined();
  expect(await desk.killAgent(agentIdOf(1))).toEqual(killed);
  expect(asked).toHaveLength(1);
});

test('an agent that this node neither runs nor spawned is looked for, and not kept', async () => {
  const foreign = endedAgent(7, { nodeId: strangerId, spawnedBy: homeId });
  const mailId = MailId.parse(agentIdOf(70));
  const { desk, stores } = world(
    {
      killAgent: async () => ({ agent: foreign }),
      steerAgent: async () => ({ mailId, delivered: 'mailbox' }),
    },
    async (id) => (id === foreign.id ? strangerId : undefined),
  );
  expect(await desk.killAgent(foreign.id)).toEqual(foreign);
  expect(await desk.steerAgent(foreign.id, 'hurry')).toEqual({ mailId, delivered: 'mailbox' });
  expect(await stores.agents.find(foreign.id)).toBeUndefined();
  await expect(desk.killAgent(agentIdOf(404))).rejects.toMatchObject({ code: 'AGENT_NOT_FOUND' });
});

test.each([
  ['AGENT_ENDED', refused('AGENT_ENDED')],
  ['FORBIDDEN', refused('FORBIDDEN')],
  ['MAILBOX_FULL', refused('MAILBOX_FULL')],
  ['FORBIDDEN', refused('SIGNATURE_INVALID')],
  ['PEER_UNREACHABLE', async () => Promise.reject(new A2AClientError('TIMEOUT', 'silence'))],
  ['PEER_UNREACHABLE', async () => Promise.reject(new TypeError('a reply that nobody understands'))],
  ['PEER_UNREACHABLE', async () => ({ agent: endedAgent(2) })],
] as const)('%s is what a home that does not do it comes to', async (code, killAgent) => {
  const { desk, mirrored } = world({ killAgent });
  await mirrored(testAgent(1));
  await expect(desk.killAgent(agentIdOf(1))).rejects.toMatchObject({ code });
});

test.each<[string, AgentPeers['killAgent']]>([
  ['does not know its agent any more', refused('AGENT_NOT_FOUND')],
  ['was taken out', async () => Promise.reject(new SwarmError('UNKNOWN_NODE', 'no such node is known here'))],
])('an agent whose home %s ends here, and stays so', async (_why, killAgent) => {
  const { desk, mirrored, processes, heard } = world({ killAgent });
  await mirrored(testAgent(1, { mode: 'wait' }));
  const killed = await desk.killAgent(agentIdOf(1));
  expect(killed).toMatchObject({ state: 'interrupted', result: { error: { reason: 'home_gone' } } });
  expect(processes.pidOf(agentIdOf(1))).toBeUndefined();
  expect(heard.at(-1)).toEqual({ type: 'agent.ended', agent: killed });
  expect(await desk.killAgent(agentIdOf(1))).toEqual(killed);
});

test('whoever does not reach an agent’s home is told which node it is, and that it is offline', async () => {
  const { desk, mirrored } = world();
  for (const [n, nodeId] of [homeId, strangerId].entries()) await mirrored(testAgent(n, { nodeId }));
  await expect(desk.killAgent(agentIdOf(0))).rejects.toThrow(/node node-1 .*is offline/);
  await expect(desk.killAgent(agentIdOf(1))).rejects.toThrow(/no usable answer/);
});

test('whoever waits is told when it gives up, or when the node stops', async () => {
  const never = () => new Promise<never>(() => {});
  const { desk, mirrored, stopping } = world({ killAgent: never, steerAgent: never });
  await mirrored(testAgent(1));
  const impatient = new AbortController();
  const [killing, steering] = [
    desk.killAgent(agentIdOf(1), { signal: impatient.signal }),
    desk.steerAgent(agentIdOf(1), 'hurry'),
  ];
  impatient.abort(new Error('enough'));
  await expect(killing).rejects.toThrow('enough');
  stopping.abort(new Error('the node stops'));
  await expect(steering).rejects.toThrow('the node stops');
});

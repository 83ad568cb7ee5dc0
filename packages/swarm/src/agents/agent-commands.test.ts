import { ApplicationError } from '@skein/a2a-transport';
import { Mail, type NodeId, type SwarmEvent, type Tier } from '@skein/contracts';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { MAX_WAITING_MAIL } from '../mail/mail-bounds.ts';
import {
  agentIdOf,
  directiveIdOf,
  endedAgent,
  homeId,
  spawnerId,
  strangerId,
  testNode,
} from '../testing/test-agents.ts';
import { createTestRuntime } from '../testing/test-runtime.ts';
import { createAgentCommands } from './agent-commands.ts';
import { createAgentHost } from './agent-host.ts';

/** A home with one agent that runs there for the spawner. */
async function world(
  options: { takesWords?: boolean; tier?: Tier; waiting?: number; steers?: () => Promise<boolean> } = {},
) {
  const clock = createFakeClock();
  const random = createSeededRandom(1);
  const home = testNode(homeId, clock, random);
  const { agents, mail } = home.stores;
  const worker = createTestRuntime({ takesWords: options.takesWords ?? true });
  const host = createAgentHost({
    ...{ self: homeId, agents, runtimes: () => ({ worker }), record: async () => {}, workFolder: '/work' },
    ...{ clock, random, logger: createMemoryLogger(), events: home.events },
  });
  const lives = () =>
    createAgentCommands({
      ...{ self: homeId, agents, clock, random, events: home.events },
      host: options.steers ? { ...host, steer: options.steers } : host,
      mail: { ...mail, countWaiting: async () => options.waiting ?? 0 },
      tierOf: async () => options.tier,
    });
  const spawning = await host.spawn({
    payload: { agentType: 'worker', instruction: 'work', mode: 'detach' },
    ...{ directiveId: directiveIdOf(1), parentDirectiveId: null, spawnedBy: spawnerId },
  });
  if (spawning.status === 'refused') throw new Error(spawning.error.reason);
  const { id } = spawning.agent;
  const word = { agentId: id, messageId: 'm1', text: 'look at the appendix too' };
  const waiting = () => mail.list(homeId, { agent: id }, { limit: 10 });
  return { ...home, clock, host, worker, lives, commands: lives(), id, word, waiting };
}

const refusalOf = async (work: Promise<unknown>) => {
  const cause = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(cause instanceof ApplicationError)) throw cause ?? new Error('it was allowed');
  return [cause.reason, cause.httpStatus];
};

test.each<[string, NodeId, Tier | undefined, boolean]>([
  ['the spawner, whatever its tier', spawnerId, 'unprivileged', true],
  ['the spawner, though the registry does not know it', spawnerId, undefined, true],
  ['another node of tier root', strangerId, 'root', true],
  ['another node of tier sudo', strangerId, 'sudo', true],
  ['another node without rights', strangerId, 'unprivileged', false],
  ['a node that is not known', strangerId, undefined, false],
])('%s may, or may not, kill and steer', async (_, caller, tier, may) => {
  const { commands, id, word, worker } = await world(tier ? { tier } : {});
  if (may) {
    expect(await commands.takeSteer(caller, word)).toMatchObject({ delivered: 'stdin' });
    expect(await commands.takeKill(caller, { agentId: id })).toMatchObject({ agent: { id, state: 'killed' } });
  } else {
    expect(await refusalOf(commands.takeSteer(caller, word))).toEqual(['FORBIDDEN', 403]);
    expect(await refusalOf(commands.takeKill(caller, { agentId: id }))).toEqual(['FORBIDDEN', 403]);
    expect(worker.runs[0]?.words).toEqual([]);
    expect(worker.runs[0]?.hooks.signal.aborted).toBe(false);
  }
});

test('a word stands in the agent’s mailbox with who said it, and on its input', async () => {
  const { commands, id, word, waiting, worker, heard } = await world();
  const reply = await commands.takeSteer(spawnerId, word);
  const [mail] = await waiting();
  expect(Mail.parse(mail)).toMatchObject({
    ...{ id: reply.mailId, recipient: { agent: id }, contextId: id },
    message: { messageId: 'm1', role: 'ROLE_USER', parts: [{ text: word.text }] },
    provenance: { origin: 'steering', sourceNodeId: spawnerId },
  });
  expect(worker.runs[0]?.words).toEqual([{ messageId: 'm1', from: spawnerId, text: word.text }]);
  expect(heard.filter((event: SwarmEvent) => event.type === 'mail.received')).toHaveLength(1);
});

test('a word that is said again is heard once, in this life of the node and in the next', async () => {
  const { commands, lives, word, waiting, worker } = await world();
  const replies = await Promise.all([commands.takeSteer(spawnerId, word), commands.takeSteer(spawnerId, word)]);
  replies.push(await commands.takeSteer(spawnerId, word));
  expect(new Set(replies.map((reply) => JSON.stringify(reply))).size).toBe(1);
  expect(await lives().takeSteer(spawnerId, word)).toEqual({ mailId: replies[0]?.mailId, delivered: 'mailbox' });
  expect(worker.runs[0]?.words).toHaveLength(1);
  expect(await waiting()).toHaveLength(1);
});

test('an agent that takes no words, or does not read them, finds them in its mailbox', async () => {
  const mute = await world({ takesWords: false });
  expect(await mute.commands.takeSteer(spawnerId, mute.word)).toMatchObject({ delivered: 'mailbox' });

  const stuck = await world({ steers: () => new Promise(() => {}) });
  const steering = stuck.commands.takeSteer(spawnerId, stuck.word);
  await stuck.clock.advance(2_000);
  expect(await steering).toMatchObject({ delivered: 'mailbox' });
  expect(await stuck.waiting()).toHaveLength(1);
});

test('what is refused has a reason: no such agent, one that has ended, a mailbox that is full', async () => {
  const { commands, word, id, host, stores } = await world();
  const unknown = agentIdOf(404);
  expect(await refusalOf(commands.takeKill(spawnerId, { agentId: unknown }))).toEqual(['AGENT_NOT_FOUND', 404]);
  await stores.agents.mirror(endedAgent(9, { nodeId: strangerId }));
  const elsewhere = { ...word, agentId: agentIdOf(9) };
  expect(await refusalOf(commands.takeSteer(spawnerId, elsewhere))).toEqual(['AGENT_NOT_FOUND', 404]);
  await host.kill(id);
  expect(await refusalOf(commands.takeSteer(spawnerId, word))).toEqual(['AGENT_ENDED', 409]);
  expect(await commands.takeKill(spawnerId, { agentId: id })).toMatchObject({ agent: { state: 'killed' } });

  const full = await world({ waiting: MAX_WAITING_MAIL });
  expect(await refusalOf(full.commands.takeSteer(spawnerId, full.word))).toEqual(['MAILBOX_FULL', 429]);
  expect(await full.waiting()).toEqual([]);
});

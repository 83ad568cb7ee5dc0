import { Mail, type Recipient, type SwarmEvent } from '@skein/contracts';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import { SwarmError } from '../errors.ts';
import { findAgentHere } from '../mail/find-agent.ts';
import { MAX_WAITING_MAIL } from '../mail/mail-bounds.ts';
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
import { DEFAULT_ANNOUNCE_TO } from './agent-store.ts';
import { startAnnouncements } from './announcements.ts';

function world() {
  const clock = createFakeClock();
  const random = createSeededRandom(1);
  const spawner = testNode(spawnerId, clock, random);
  const { agents, outbox, mail } = spawner.stores;
  let isMailAway = false;
  let isMailFull = false;
  const live = (markAnnounced = agents.markAnnounced) =>
    startAnnouncements({
      ...{ self: spawnerId, agents: { ...agents, markAnnounced }, outbox, clock, random },
      ...{
        events: spawner.events,
        logger: createMemoryLogger(),
        findAgent: findAgentHere({ self: spawnerId, agents }),
      },
      mail: {
        countWaiting: async (...of) => (isMailFull ? MAX_WAITING_MAIL : mail.countWaiting(...of)),
        deliver: async (message) => (isMailAway ? Promise.reject(new Error('away')) : mail.deliver(message)),
      },
    });
  const inbox = (recipient: Recipient = DEFAULT_ANNOUNCE_TO) => mail.list(spawnerId, recipient, { limit: 500 });
  const setMailAway = (value: boolean) => {
    isMailAway = value;
  };
  const fillMail = () => {
    isMailFull = true;
  };
  return { ...spawner, clock, live, inbox, setMailAway, fillMail };
}

const ended = (heard: readonly SwarmEvent[]) => heard.flatMap((e) => (e.type === 'agent.ended' ? [e.agent.id] : []));

test('the end of a detached agent stands in the mailbox that its order named, once, for people and for programs', async () => {
  const { stores, live, inbox, clock, heard } = world();
  const to = { session: 'research' };
  await order(stores.outbox, testAgent(1), { announceTo: to });
  await stores.agents.mirror(endedAgent(1));
  await using announcements = live();
  await clock.advance(0);
  announcements.wake();
  await clock.advance(60_000);

  const mails = await inbox(to);
  expect(mails).toHaveLength(1);
  expect(Mail.parse(mails[0])).toMatchObject({
    ...{ contextId: agentIdOf(1), provenance: { origin: 'announcement', sourceNodeId: homeId } },
    message: {
      ...{ role: 'ROLE_AGENT', contextId: agentIdOf(1) },
      parts: [{ text: 'agent 1 completed: answer 1' }, { data: endedAgent(1) }],
    },
  });
  expect(heard.map(({ type }) => type)).toEqual(['mail.received', 'agent.ended']);
  expect(await inbox()).toEqual([]);
});

test('an end that is announced to an agent stands in the mailbox that the agent reads, whichever way it was named', async () => {
  const { stores, live, inbox, clock } = world();
  const { id } = await stores.agents.open({ ...testAgent(9, { name: 'lead' }), nodeId: spawnerId });
  for (const [n, agent] of ['lead', id, 'nobody', agentIdOf(404)].entries()) {
    await order(stores.outbox, testAgent(n), { announceTo: { agent } });
    await stores.agents.mirror(endedAgent(n));
  }
  await using _announcements = live();
  await clock.advance(0);
  expect((await inbox({ agent: id })).map(({ contextId }) => contextId)).toEqual([agentIdOf(0), agentIdOf(1)]);
  expect((await inbox()).map(({ contextId }) => contextId)).toEqual([agentIdOf(2), agentIdOf(3)]);
});

test('without a word in its order the end goes to the session of agents, however long ago the order was', async () => {
  const { stores, live, inbox, clock } = world();
  await stores.agents.mirror(endedAgent(1));
  await using _announcements = live();
  await clock.advance(0);
  expect(await inbox()).toHaveLength(1);
});

test('only the ends of detached agents that this node spawned are announced', async () => {
  const { stores, live, inbox, clock } = world();
  await stores.agents.mirror(testAgent(1));
  await stores.agents.mirror(endedAgent(2, { mode: 'wait' }));
  await stores.agents.mirror(endedAgent(3, { spawnedBy: strangerId }));
  await using _announcements = live();
  await clock.advance(60_000);
  expect(await inbox()).toEqual([]);
});

test('a node’s own agent is announced at once, and its end is not told twice', async () => {
  const { stores, live, inbox, clock, events, heard } = world();
  await using _announcements = live();
  await clock.advance(1);
  const agent = endedAgent(1, { nodeId: spawnerId });
  await stores.agents.mirror(agent);
  events.emit({ type: 'agent.ended', agent });
  await clock.advance(0);
  expect(await inbox()).toHaveLength(1);
  expect(ended(heard)).toEqual([agent.id]);
});

test('a crash between the mail and its note leads to one mail, and a mailbox that is away to a later one', async () => {
  const { stores, live, inbox, clock, setMailAway, heard } = world();
  await stores.agents.mirror(endedAgent(1));
  const crashing = live(async () => {
    throw new Error('the process ended');
  });
  await clock.advance(0);
  await crashing.stop();
  expect(ended(heard)).toEqual([]);
  setMailAway(true);
  await using _announcements = live();
  await clock.advance(20_000);
  setMailAway(false);
  await stores.agents.mirror(endedAgent(2));
  await clock.advance(5_000);
  expect(await inbox()).toHaveLength(2);
  expect(ended(heard)).toEqual([agentIdOf(1), agentIdOf(2)]);
});

test.each([
  ['a store that does not answer is asked for one end, not for a hundred', 0],
  ['a stop waits for one end, not for a hundred', 1],
] as const)('%s', async (_what, stops) => {
  const { stores, live, clock } = world();
  for (let n = 1; n <= 100; n += 1) await stores.agents.mirror(endedAgent(n));
  let asked = 0;
  const announcements = live(async () => {
    asked += 1;
    await clock.sleep(10_000);
    if (!stops) throw new SwarmError('STORE_UNAVAILABLE', 'the database does not answer');
  });
  await clock.advance(1);
  const stopped = stops ? announcements.stop() : undefined;
  await clock.advance(14_000);
  await (stopped ?? announcements.stop());
  expect(asked).toBe(1);
});

test('what is said of an end is one short line', async () => {
  const { stores, live, inbox, clock } = world();
  const result = { response: '', exitCode: 1, signal: null, truncated: false };
  const error = { reason: 'restarts_exhausted', message: `it\n failed ${'x'.repeat(200)}` };
  await stores.agents.mirror(endedAgent(1, { state: 'failed', result: { ...result, error } }));
  await stores.agents.mirror(endedAgent(2, { result }));
  await using _announcements = live();
  await clock.advance(0);
  const texts = (await inbox()).map(({ message }) => message.parts[0]?.text);
  expect(texts).toEqual([`agent 1 failed: ${`it failed ${'x'.repeat(200)}`.slice(0, 120)}…`, 'agent 2 completed']);
});

test('hundreds of ends at once are all announced', async () => {
  const { stores, live, inbox, clock } = world();
  for (let n = 1; n <= 250; n += 1) await stores.agents.mirror(endedAgent(n));
  await using _announcements = live();
  await clock.advance(10);
  expect(await inbox()).toHaveLength(250);
});

test('a mailbox that is full takes no announcement; the end is still told', async () => {
  const { stores, live, inbox, clock, fillMail, heard } = world();
  fillMail();
  await stores.agents.mirror(endedAgent(1));
  await using _announcements = live();
  await clock.advance(0);
  expect(await inbox()).toEqual([]);
  expect(ended(heard)).toEqual([agentIdOf(1)]);
  expect(await stores.agents.listUnannounced(spawnerId, 9)).toEqual([]);
});

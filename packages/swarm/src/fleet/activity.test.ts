import { GetActivityReply, type NodeId } from '@skein/contracts';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { expect, test } from 'vitest';
import type { InboxRow } from '../directives/inbox-store.ts';
import { createInMemoryStores } from '../in-memory-stores.ts';
import type { NodeEntry } from '../membership/node-store.ts';
import type { PeerCaller } from '../peers/peer-caller.ts';
import {
  agentIdNo,
  agentNo,
  answerOf,
  databaseIdNo,
  directiveIdNo,
  nodeIdNo,
  nodeNo,
  someMetrics,
  used,
} from '../testing/fleet-examples.ts';
import { createActivity } from './activity.ts';

const self = nodeIdNo(0);

/** A node that asks: `answer` is what the peers say. */
function asking(peers: NodeEntry[], answer: (id: NodeId, signal: AbortSignal) => Promise<GetActivityReply>) {
  const clock = createFakeClock();
  const stores = createInMemoryStores({ clock, random: createSeededRandom(1) });
  const running: Partial<InboxRow>[] = [];
  const calls: { id: NodeId; method: string; params: unknown }[] = [];
  let flushes = 0;
  const caller: Pick<PeerCaller, 'call'> = {
    async call(peer, method, params, reply, { signal }) {
      calls.push({ id: peer.nodeId, method, params });
      return reply.parse(await answer(peer.nodeId, signal));
    },
  };
  const activity = createActivity({
    ...{ self, databaseId: databaseIdNo(0), usage: stores.usage, agents: stores.agents, caller, clock },
    nodes: { list: async () => [nodeNo(0), ...peers] },
    inbox: { listRunning: async () => running as InboxRow[] }, // the fields that are told
    recorder: {
      async flush() {
        flushes += 1;
        await stores.usage.record(self, [{ runId: 'run', usage: used({ tokensIn: 3 }) }]);
      },
    },
    readMetrics: async () => someMetrics,
    logger: createMemoryLogger(),
  });
  return { clock, stores, activity, running, calls, flushes: () => flushes };
}

const never = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
const noSignal = new AbortController().signal;

test('a node tells what runs on it, with usage that was recorded right before', async () => {
  const { activity, stores, running, clock } = asking([], () => Promise.reject());
  const { id, nodeId, spawnedBy, directiveId, parentDirectiveId, agentType, name, mode } = agentNo(1);
  const agent = { id, spawnedBy, directiveId, parentDirectiveId, agentType, name, mode };
  await stores.agents.open({ ...agent, nodeId: self });
  await stores.agents.mirror(agentNo(2, { nodeId }));
  const row = { sourceNodeId: nodeIdNo(1), parentDirectiveId: null, startedAt: clock.now() };
  const spawn = { kind: 'spawn_agent', payload: { agentType: 'test', instruction: '' } } as InboxRow['order'];
  const task = { kind: 'execute_task', payload: { command: ['true'] } } as InboxRow['order'];
  running.push({ ...row, id: directiveIdNo(1), order: spawn }, { ...row, id: directiveIdNo(2), order: task });
  const told = await activity.tell(self, { usageSince: new Date(clock.now()).toISOString() });
  expect(GetActivityReply.parse(told)).toEqual(told);
  expect(told.agents.map((agent) => agent.id)).toEqual([agentIdNo(1)]);
  expect(told.directives).toEqual([
    {
      ...{ id: directiveIdNo(2), kind: 'execute_task', sourceNodeId: nodeIdNo(1), parentDirectiveId: null },
      startedAt: '2026-01-01T00:00:00.000Z',
    },
  ]);
  expect(told.usage.hours.map(({ usage }) => usage)).toEqual([used({ tokensIn: 3 })]);
});

test('what an agent says of its progress is told to its spawner, and to the own operator', async () => {
  const { activity, stores, clock } = asking([], () => Promise.reject());
  for (const n of [1, 2]) {
    const { id, directiveId, parentDirectiveId, agentType, name, mode } = agentNo(n);
    const agent = { id, nodeId: self, directiveId, parentDirectiveId, agentType, name, mode };
    await stores.agents.open({ ...agent, spawnedBy: nodeIdNo(n) });
    await stores.agents.progress(id, { progress: `page ${n}` });
  }
  const usageSince = new Date(clock.now()).toISOString();
  const heard = async (asker: NodeId) =>
    (await activity.tell(asker, { usageSince })).agents.map(({ progress }) => progress).toSorted();
  expect(await heard(nodeIdNo(1))).toEqual([null, 'page 1']);
  expect(await heard(nodeIdNo(3))).toEqual([null, null]);
  expect(await heard(self)).toEqual(['page 1', 'page 2']);
});

test('everybody who is there is asked, and nobody else; what they answer is kept as copies', async () => {
  const peers = [
    nodeNo(1),
    nodeNo(2, { liveness: 'suspect' }),
    nodeNo(3, { liveness: 'offline' }),
    nodeNo(4, { liveness: 'unverified' }),
    nodeNo(5, { eligibility: 'sealed' }),
    nodeNo(6, { eligibility: 'draining' }),
  ];
  const hour = { hour: '2026-01-01T00:00:00.000Z', usage: used({ cpuMs: 9 }) };
  const { activity, stores, calls, clock } = asking(peers, async (id) => {
    if (id === nodeIdNo(2)) throw new Error('not today');
    return answerOf(1, { usage: { databaseId: databaseIdNo(1), hours: [hour] } });
  });
  const answers = await activity.askAll(clock.now(), noSignal);
  expect(calls.map(({ id }) => id)).toEqual([nodeIdNo(1), nodeIdNo(2), nodeIdNo(6)]);
  expect(calls[0]).toMatchObject({ method: 'SwarmGetActivity', params: { usageSince: '2026-01-01T00:00:00.000Z' } });
  expect([...answers].filter(([, answer]) => answer).map(([id]) => id)).toEqual([self, nodeIdNo(1), nodeIdNo(6)]);
  expect((await stores.usage.hours(0)).map(({ nodeId, hours }) => [nodeId, hours])).toEqual([
    [self, [{ hour: hour.hour, usage: used({ tokensIn: 3 }) }]],
    [nodeIdNo(1), [hour]],
    [nodeIdNo(6), [hour]],
  ]);
});

test('a node that does not answer holds the others up for two seconds, and no longer', async () => {
  const { activity, clock } = asking([nodeNo(1), nodeNo(2)], (id, signal) =>
    id === nodeIdNo(1) ? never(signal) : Promise.resolve(answerOf(2)),
  );
  let answers: ReadonlyMap<NodeId, unknown> | undefined;
  const asked = activity.askAll(clock.now(), noSignal).then((all) => {
    answers = all;
  });
  await clock.advance(1_999);
  expect(answers).toBeUndefined();
  await clock.advance(1);
  await asked;
  expect([answers?.get(nodeIdNo(1)), answers?.get(nodeIdNo(2))]).toEqual([undefined, answerOf(2)]);
  expect(clock.sleeping).toBe(0);
});

test('sixteen nodes are asked at once, and the next one when the first has answered', async () => {
  const waiting: (() => void)[] = [];
  const peers = Array.from({ length: 20 }, (_, n) => nodeNo(n + 1));
  const { activity, clock } = asking(peers, () => new Promise((answer) => waiting.push(() => answer(answerOf(1)))));
  const asked = activity.askAll(clock.now(), noSignal);
  await clock.advance(0);
  expect(waiting.length).toBe(16);
  waiting[0]?.();
  await clock.advance(0);
  expect(waiting.length).toBe(17);
  while (waiting.length > 0) {
    waiting.shift()?.();
    await clock.advance(0);
  }
  expect((await asked).size).toBe(21);
});

test('an abort ends the asking with its reason', async () => {
  const { activity, clock } = asking([nodeNo(1)], (_id, signal) => never(signal));
  const stop = new AbortController();
  const asked = activity.askAll(clock.now(), stop.signal).catch((cause) => cause);
  await clock.advance(10);
  const reason = new Error('enough');
  stop.abort(reason);
  expect(await asked).toBe(reason);
});

test('a node speaks for its own agents alone', async () => {
  const { activity, clock } = asking([nodeNo(1)], async () =>
    answerOf(1, { agents: [agentNo(1), agentNo(2, { nodeId: nodeIdNo(2) })] }),
  );
  const answer = await activity.ask(nodeNo(1), clock.now(), noSignal);
  expect(answer?.agents.map(({ id }) => id)).toEqual([agentIdNo(1)]);
});

/** Messages that are no directives, to a node whose program has an agent for them. */
import { type A2AClient, type AgentExecutor, createA2AClient } from '@skein/a2a-transport';
import type { Task } from '@skein/contracts/a2a';
import { systemRandom } from '@skein/contracts/runtime';
import { describe, expect, test } from 'vitest';
import { SwarmError } from '../errors.ts';
import { createInMemoryStores } from '../in-memory-stores.ts';
import { issueCallToken } from '../security/call-token.ts';
import type { SwarmNodeOptions } from '../swarm-node-options.ts';
import { createTestSwarm, type TestMember, type TestSwarm } from '../testing/index.ts';
import { awaited, startJoined } from '../testing/test-members.ts';

/** Says what was said, and how; what is asked to wait it works on until it is told to stop. */
const echo: AgentExecutor['execute'] = async function* ({ message, task }, { signal, principal }) {
  const text = message.parts[0]?.text ?? '';
  yield { status: { state: 'TASK_STATE_WORKING' } };
  if (text === 'wait') await new Promise((_, reject) => signal.addEventListener('abort', reject, { once: true }));
  if (text === 'ask') yield { status: { state: 'TASK_STATE_INPUT_REQUIRED' } };
  else yield { artifact: { parts: [{ text: `${principal?.kind}: ${text}${task ? ' again' : ''}` }] } };
};

const operated: Partial<SwarmNodeOptions> = { executor: echo, isOperator: (token) => token === 'the-operator' };

const operatorOf = ({ clock, http }: TestSwarm, { origin }: TestMember): A2AClient =>
  createA2AClient({
    ...{ endpoint: `${origin}/a2a`, http, clock },
    authorize: async () => ({ authorization: 'Bearer the-operator' }),
  });

/** A client that signs with the key of one node and calls another. */
const nodeOf = ({ clock, http }: TestSwarm, { identity }: TestMember, called: TestMember): A2AClient =>
  createA2AClient({
    ...{ endpoint: `${called.origin}/a2a`, http, clock },
    authorize: async ({ body }) => {
      const call = { audience: called.identity.nodeId, body, jti: systemRandom.uuid() };
      return { authorization: `Bearer ${issueCallToken({ identity, clock }, call)}` };
    },
  });

async function sent(swarm: TestSwarm, client: A2AClient, text: string, returnImmediately = false): Promise<Task> {
  const message = { messageId: systemRandom.uuid(), role: 'ROLE_USER' as const, parts: [{ text }] };
  const answer = await awaited(swarm, client.sendMessage({ message, configuration: { returnImmediately } }));
  if (!('task' in answer)) throw new Error('a task was expected');
  return answer.task;
}

const TASK_NOT_FOUND = { code: 'RPC_ERROR', rpc: { reason: 'TASK_NOT_FOUND' } };

test('the operator’s message is answered by the program’s agent, and its task outlives the process', async () => {
  await using swarm = await createTestSwarm();
  const member = await swarm.add('node', operated);
  await member.node.start();
  const client = operatorOf(swarm, member);
  const task = await sent(swarm, client, 'hello');
  expect(task).toMatchObject({
    status: { state: 'TASK_STATE_COMPLETED' },
    artifacts: [{ parts: [{ text: 'operator: hello' }] }],
  });
  const left = await sent(swarm, client, 'wait', true);
  expect(left.status.state).toBe('TASK_STATE_WORKING');
  await swarm.pass(1_000);
  member.kill();
  await (await member.restart()).start();
  expect(await awaited(swarm, client.getTask({ id: task.id }))).toEqual(task);
  expect(await awaited(swarm, client.getTask({ id: left.id }))).toMatchObject({
    status: { state: 'TASK_STATE_FAILED', message: { parts: [{ text: expect.stringContaining('process') }] } },
  });
});

test('a start ends what an earlier life left running, before anybody asks', async () => {
  await using swarm = await createTestSwarm();
  const member = await swarm.add('node', operated);
  await member.node.start();
  const { id } = await sent(swarm, operatorOf(swarm, member), 'wait', true);
  await swarm.pass(1_000);
  const owner = (await member.stores.a2aTasks.running(10)).find(({ task }) => task.id === id)?.owner ?? '';
  member.kill();
  await (await member.restart()).start();
  expect(await member.stores.a2aTasks.running(10)).toEqual([]);
  expect((await member.stores.a2aTasks.find(owner, id))?.task.status.state).toBe('TASK_STATE_FAILED');
});

test('without an agent a message is refused with why, and nothing tells of it', async () => {
  await using swarm = await createTestSwarm();
  const member = await swarm.add('node', { isOperator: (token) => token === 'the-operator' });
  await member.node.start();
  const client = operatorOf(swarm, member);
  const task = await sent(swarm, client, 'hello');
  expect(task.status).toMatchObject({
    state: 'TASK_STATE_REJECTED',
    message: { parts: [{ text: expect.stringMatching(/`executor` of createSwarmNode.*urn:skein:a2a:swarm:v1/) }] },
  });
  const config = { taskId: task.id, url: 'https://hooks.example/' };
  await expect(awaited(swarm, client.createTaskPushNotificationConfig(config))).rejects.toMatchObject({
    rpc: { reason: 'PUSH_NOTIFICATION_NOT_SUPPORTED' },
  });
});

test('each principal’s tasks are its own: to any other they are unknown, and not even counted', async () => {
  await using swarm = await createTestSwarm();
  const [called, caller, other] = await startJoined(swarm, operated, {}, {});
  if (!caller || !other) throw new Error('three were started');
  const clients = {
    operator: operatorOf(swarm, called),
    caller: nodeOf(swarm, caller, called),
    other: nodeOf(swarm, other, called),
  };
  const tasks = {
    operator: await sent(swarm, clients.operator, 'ask'),
    caller: await sent(swarm, clients.caller, 'ask'),
    other: await sent(swarm, clients.other, 'ask'),
  };
  expect(tasks.caller.status.state).toBe('TASK_STATE_INPUT_REQUIRED');
  for (const who of ['operator', 'caller', 'other'] as const) {
    const { tasks: listed, totalSize } = await awaited(swarm, clients[who].listTasks());
    expect([who, totalSize, listed.map(({ id }) => id)]).toEqual([who, 1, [tasks[who].id]]);
    for (const whose of ['operator', 'caller', 'other'] as const) {
      if (whose === who) continue;
      const { id, contextId } = tasks[whose];
      await expect(awaited(swarm, clients[who].getTask({ id }))).rejects.toMatchObject(TASK_NOT_FOUND);
      await expect(awaited(swarm, clients[who].cancelTask({ id }))).rejects.toMatchObject(TASK_NOT_FOUND);
      const message = { messageId: 'm', role: 'ROLE_USER' as const, parts: [{ text: 'mine?' }], taskId: id };
      await expect(awaited(swarm, clients[who].sendMessage({ message }))).rejects.toMatchObject(TASK_NOT_FOUND);
      const config = { taskId: id, url: 'https://hooks.example/' };
      await expect(awaited(swarm, clients[who].createTaskPushNotificationConfig(config))).rejects.toMatchObject(
        TASK_NOT_FOUND,
      );
      expect((await awaited(swarm, clients[who].listTasks({ contextId: contextId ?? '' }))).totalSize).toBe(0);
    }
  }
});

describe('a list of tasks', () => {
  /** Plain tasks and directives of one node at another, in turn; the oldest first. */
  async function mixed(swarm: TestSwarm) {
    const [called, caller] = await startJoined(swarm, operated, {});
    if (!caller) throw new Error('two were started');
    const client = nodeOf(swarm, caller, called);
    const ids: string[] = [];
    for (const text of ['one', 'two', 'three']) {
      await swarm.pass(2_000);
      ids.push((await sent(swarm, client, text)).id);
      await swarm.pass(2_000);
      const order = { kind: 'query_resources', payload: {} } as const;
      await awaited(swarm, caller.node.dispatch({ ...order, target: called.identity.nodeId }));
      const [newest] = await called.stores.inbox.list(called.identity.nodeId, { limit: 1 });
      ids.push(newest?.rowId ?? '');
    }
    return { called, client, ids };
  }

  test('has plain tasks and directives together, newest first, page by page', async () => {
    await using swarm = await createTestSwarm();
    const { called, client, ids } = await mixed(swarm);
    const newestFirst = [...ids].reverse();
    const all = await awaited(swarm, client.listTasks());
    expect(all.tasks.map(({ id }) => id)).toEqual(newestFirst);
    expect(all).toMatchObject({ totalSize: 6, nextPageToken: '' });
    for (const pageSize of [1, 2, 3, 4, 6]) {
      const paged: string[] = [];
      for (let pageToken = ''; ; ) {
        const page = await awaited(swarm, client.listTasks({ pageSize, pageToken }));
        expect(page.totalSize).toBe(6);
        paged.push(...page.tasks.map(({ id }) => id));
        pageToken = page.nextPageToken;
        if (pageToken === '') break;
      }
      expect(paged, `pages of ${pageSize}`).toEqual(newestFirst);
    }
    expect((await awaited(swarm, operatorOf(swarm, called).listTasks())).totalSize).toBe(0);
  });

  test('is narrowed by state, context and moment across both', async () => {
    await using swarm = await createTestSwarm();
    const { client, ids } = await mixed(swarm);
    const [, firstDirective, secondPlain, secondDirective] = ids;
    const found = async (params: Parameters<A2AClient['listTasks']>[0]) =>
      (await awaited(swarm, client.listTasks(params))).tasks.map(({ id }) => id);
    const all = await awaited(swarm, client.listTasks());
    const contextOf = (id?: string) => all.tasks.find((task) => task.id === id)?.contextId ?? '';
    expect(await found({ contextId: contextOf(firstDirective) })).toEqual([firstDirective]);
    expect(await found({ contextId: contextOf(secondPlain) })).toEqual([secondPlain]);
    expect(await found({ status: 'TASK_STATE_COMPLETED' })).toEqual([...ids].reverse());
    expect(await found({ status: 'TASK_STATE_WORKING' })).toEqual([]);
    expect(await found({ status: 'TASK_STATE_INPUT_REQUIRED' })).toEqual([]);
    const statusTimestampAfter = all.tasks.find(({ id }) => id === secondDirective)?.status.timestamp ?? '';
    expect(await found({ statusTimestampAfter })).toEqual([...ids.slice(3)].reverse());
    expect(await found({ contextId: 'a\0b' })).toEqual([]);
    const forged = Buffer.from(JSON.stringify(['yesterday', 'x'])).toString('base64url');
    await expect(awaited(swarm, client.listTasks({ pageToken: forged }))).rejects.toMatchObject({
      rpc: { reason: 'INVALID_PARAMS' },
    });
  });
});

test('a node that is drained begins nothing new, though what has begun may go on', async () => {
  await using swarm = await createTestSwarm();
  const member = await swarm.add('node', operated);
  await member.node.start();
  const client = operatorOf(swarm, member);
  const asked = await sent(swarm, client, 'ask');
  await awaited(swarm, member.node.drain());
  await expect(sent(swarm, client, 'hello')).rejects.toMatchObject({
    status: 503,
    rpc: { reason: expect.stringMatching(/NODE_DRAIN/) },
  });
  expect((await awaited(swarm, client.getTask({ id: asked.id }))).status.state).toBe('TASK_STATE_INPUT_REQUIRED');
  await awaited(swarm, member.node.undrain());
  const message = { messageId: 'm', role: 'ROLE_USER' as const, parts: [{ text: 'well' }], taskId: asked.id };
  expect(await awaited(swarm, client.sendMessage({ message }))).toMatchObject({
    task: { status: { state: 'TASK_STATE_COMPLETED' }, artifacts: [{ parts: [{ text: 'operator: well again' }] }] },
  });
});

test.each([
  ['drained', 'NODE_DRAINING'],
  ['sealed', 'NODE_SEALED'],
])(
  'a node without an agent that is %s refuses a message as any other does, and keeps nothing of it',
  async (out, why) => {
    await using swarm = await createTestSwarm();
    const member = await swarm.add('node', { isOperator: (token) => token === 'the-operator' });
    await member.node.start();
    const client = operatorOf(swarm, member);
    await awaited<unknown>(swarm, out === 'sealed' ? member.node.seal() : member.node.drain());
    await expect(sent(swarm, client, 'hello')).rejects.toMatchObject({ status: 503, rpc: { reason: why } });
    expect((await awaited(swarm, client.listTasks())).totalSize).toBe(0);
  },
);

test('while the stores are away whoever asks for a task is told to come again', async () => {
  await using swarm = await createTestSwarm();
  const stores = createInMemoryStores({ clock: swarm.clock, random: systemRandom });
  const member = await swarm.add('node', { ...operated, stores });
  await member.node.start();
  stores.a2aTasks.find = () => Promise.reject(new SwarmError('STORE_UNAVAILABLE', 'the database is away'));
  stores.a2aTasks.list = () => Promise.reject(new SwarmError('STORE_UNAVAILABLE', 'the database is away'));
  const client = operatorOf(swarm, member);
  for (const ask of [() => client.getTask({ id: 't' }), () => client.listTasks()])
    await expect(awaited<unknown>(swarm, ask())).rejects.toMatchObject({
      status: 503,
      rpc: { reason: 'STORE_UNAVAILABLE' },
    });
});

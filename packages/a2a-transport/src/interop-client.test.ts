/** Our client calls the official SDK's server, in v1.0 and in its v0.3 mode, and our own, alike: over real HTTP. */
import type { StreamResponse, Task } from '@skein/contracts/a2a';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type ConnectedA2AClient, connectA2AClient, textOf } from './index.ts';
import { collect } from './testing/collect.ts';
import { type ServedApp, serveApp } from './testing/index.ts';
import { serveOurAgent } from './testing/interop/our-agent.ts';
import { serveSdkAgent } from './testing/interop/sdk-agent.ts';

const agents = [
  { name: 'the SDK', version: '1.0', serve: () => serveSdkAgent(['1.0']) },
  { name: 'the SDK in its v0.3 mode', version: '0.3', serve: () => serveSdkAgent(['0.3']) },
  { name: 'ours', version: '1.0', serve: (hooks: string[]) => serveOurAgent(false, hooks) },
  { name: 'ours in v0.3', version: '0.3', serve: (hooks: string[]) => serveOurAgent(true, hooks) },
] as const;

describe.each(agents)('$name', ({ name, version, serve }) => {
  let served: ServedApp;
  let hook: ServedApp;
  let notified: unknown[];
  let client: ConnectedA2AClient;

  beforeEach(async () => {
    notified = [];
    const receiver = new Hono().post('/', async (c) => {
      notified.push(await c.req.json());
      return c.body(null, 204);
    });
    hook = await serveApp(receiver.fetch);
    served = await serve([hook.origin]);
    client = await connectA2AClient(served.origin, { versions: [version] });
  });

  afterEach(async () => {
    await client.close();
    await Promise.all([served.close(), hook.close()]);
  });

  const state = (event: StreamResponse) => {
    if ('task' in event) return event.task.status.state;
    return 'statusUpdate' in event ? event.statusUpdate.status.state : undefined;
  };
  const taskIn = (answer: { task: Task } | object): Task => {
    if ('task' in answer) return answer.task;
    throw new Error('a task was expected');
  };
  /** A task that waits, with the stream that tells of it, which has told that it is there. */
  const begin = async () => {
    const events = client.sendStreamingMessage('wait')[Symbol.asyncIterator]();
    const first = await events.next();
    return { id: taskIn(first.value ?? {}).id, events };
  };
  const rest = async (events: AsyncIterator<StreamResponse>) =>
    collect({ [Symbol.asyncIterator]: () => ({ next: () => events.next() }) });

  test('is found by its card, and spoken to in the version that it names', () => {
    expect(client.version).toBe(version);
    expect(client.card.supportedInterfaces[0]).toMatchObject({ protocolBinding: 'JSONRPC' });
  });

  test('answers a message with a task, which is found again, and is cancelled no more', async () => {
    const answer = await client.sendMessage('work');
    const task = taskIn(answer);
    expect(task).toMatchObject({ status: { state: 'TASK_STATE_COMPLETED' }, artifacts: [{ artifactId: 'out' }] });
    expect(textOf(answer)).toBe('one two');
    expect(await client.getTask({ id: task.id })).toMatchObject({ id: task.id, contextId: task.contextId });
    expect((await client.getTask({ id: task.id, historyLength: 0 })).history ?? []).toEqual([]);
    await expect(client.cancelTask({ id: task.id })).rejects.toMatchObject({ rpc: { reason: 'TASK_NOT_CANCELABLE' } });
    await expect(client.getTask({ id: 'unknown' })).rejects.toMatchObject({ rpc: { reason: 'TASK_NOT_FOUND' } });
  });

  test('answers with a message where it needs no task, as a reply and as a stream', async () => {
    const message = { message: { role: 'ROLE_AGENT', parts: [{ text: 'answer' }] } };
    expect(await client.sendMessage('answer')).toMatchObject(message);
    expect(await collect(client.sendStreamingMessage('answer'))).toMatchObject([message]);
  });

  test('streams a task from its first snapshot to its end', async () => {
    const events = await collect(client.sendStreamingMessage('work'));
    expect(events[0]).toHaveProperty('task');
    const pieces = events.flatMap((event) => ('artifactUpdate' in event ? event.artifactUpdate.artifact.parts : []));
    expect(pieces.map(({ text }) => text)).toEqual(['one ', 'two']);
    expect(state(events.at(-1) ?? events[0] ?? taskless)).toBe('TASK_STATE_COMPLETED');
  });

  test('is subscribed to while it works, and both readers hear of the cancellation', async () => {
    const { id, events } = await begin();
    const second = client.subscribeToTask({ id })[Symbol.asyncIterator]();
    expect(taskIn((await second.next()).value ?? {}).id).toBe(id);
    const heard = Promise.all([rest(events), rest(second)]);
    expect((await client.cancelTask({ id })).status.state).toBe('TASK_STATE_CANCELED');
    for (const each of await heard) expect(each.map(state).at(-1)).toBe('TASK_STATE_CANCELED');
    await expect(collect(client.subscribeToTask({ id: 'unknown' }))).rejects.toMatchObject({
      rpc: { reason: 'TASK_NOT_FOUND' },
    });
  });

  test('lists its tasks page by page, where the version has lists', async () => {
    const ids: string[] = [];
    for (const _ of [1, 2, 3]) ids.push(taskIn(await client.sendMessage('work')).id);
    if (version === '0.3') {
      await expect(client.listTasks()).rejects.toMatchObject({ code: 'NOT_OFFERED' });
      return;
    }
    const page = await client.listTasks({ pageSize: 2 });
    expect(page).toMatchObject({ tasks: [{}, {}], totalSize: 3 });
    const all = await collect(client.iterateTasks({ pageSize: 2 }));
    expect(all.map(({ id }) => id).sort()).toEqual(ids.sort());
  });

  test('takes, tells, lists and deletes where to push, and pushes there', async () => {
    const { id: taskId, events } = await begin();
    const config = { taskId, id: 'p-1', url: `${hook.origin}/` };
    expect(await client.createTaskPushNotificationConfig(config)).toMatchObject(config);
    await client.createTaskPushNotificationConfig({ ...config, id: 'p-2', url: `${hook.origin}/other` });
    expect(await client.getTaskPushNotificationConfig({ taskId, id: 'p-1' })).toMatchObject(config);
    await client.deleteTaskPushNotificationConfig({ taskId, id: 'p-2' });
    const { configs } = await client.listTaskPushNotificationConfigs({ taskId });
    expect(configs).toMatchObject([config]);
    await client.cancelTask({ id: taskId });
    await rest(events);
    const canceled = version === '1.0' ? 'TASK_STATE_CANCELED' : 'canceled';
    await expect.poll(() => JSON.stringify(notified)).toContain(`"${canceled}"`);
  });

  test('tells its extended card, or that it has none', async () => {
    const card = client.getExtendedAgentCard();
    if (name.startsWith('the SDK')) expect(await card).toMatchObject({ name: 'SDK, extended' });
    else await expect(card).rejects.toMatchObject({ rpc: { domain: 'a2a-protocol.org' } });
  });
});

const taskless: StreamResponse = { message: { messageId: 'none', role: 'ROLE_AGENT', parts: [{ text: '' }] } };

test('of an agent that speaks both versions the newer one is spoken', async () => {
  await using served = await serveSdkAgent(['0.3', '1.0']);
  const client = await connectA2AClient(served.origin);
  expect(client.version).toBe('1.0');
  expect(textOf(await client.sendMessage('work'))).toBe('one two');
  await client.close();
});

import {
  AgentCard,
  type Message,
  Role,
  type SendMessageRequest,
  type Task,
  type TaskPushNotificationConfig,
  TaskState,
} from '@a2a-js/sdk';
import { ClientFactory, DefaultAgentCardResolver, JsonRpcTransportFactory } from '@a2a-js/sdk/client';
import { LegacyJsonRpcTransportHandler } from '@a2a-js/sdk/compat/v0_3/server';
import { TaskNotCancelableError, TaskNotFoundError } from '@a2a-js/sdk/errors';
import {
  AgentEvent,
  DefaultRequestHandler,
  InMemoryTaskStore,
  type AgentExecutor as SdkExecutor,
  ServerCallContext,
} from '@a2a-js/sdk/server';
import type { SendMessageParams, Task as V1Task } from '@skein/contracts/a2a';
import { silentLogger, systemClock, systemRandom } from '@skein/contracts/runtime';
import { Hono } from 'hono';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGuardedHttp, type GuardedHttp } from './client/guarded-http.ts';
import { v03Dialect } from './dialects/v0-3/dialect.ts';
import { writePushNotification } from './dialects/v0-3/push-notification.ts';
import {
  type A2AServer,
  type AgentExecutor,
  createA2AClient,
  createA2AServer,
  createInMemoryTaskStore,
} from './index.ts';
import type { OperationName, Operations } from './operations/operation.ts';
import { createPushNotifications } from './push/create-push-notifications.ts';
import { createFakePushConfigs } from './testing/fake-push-configs.ts';
import { createLinkedHttp, type ServedApp, serveApp } from './testing/index.ts';

/** A2A v0.3 with the official SDK's v0.3 mode at the other end. */
const agent: AgentExecutor = {
  async *execute({ message, task }, { signal }) {
    const text = message.parts[0]?.text;
    if (text === 'answer') return yield { message: { parts: [{ text: 'an answer' }] } };
    yield { status: { state: 'TASK_STATE_WORKING' } };
    if (text === 'wait') await new Promise((resolve) => signal.addEventListener('abort', resolve));
    if (text === 'ask' && !task) {
      return yield { status: { state: 'TASK_STATE_INPUT_REQUIRED', message: { parts: [{ text: 'what?' }] } } };
    }
    yield { artifact: { artifactId: 'out', parts: [{ text: 'one ' }] } };
    yield { artifact: { artifactId: 'out', parts: [{ data: [2] }] }, append: true, lastChunk: true };
    return yield { status: { state: 'TASK_STATE_COMPLETED', message: { parts: [{ text: 'done' }] } } };
  },
};

describe('the SDK’s v0.3 client calls our server', () => {
  let server: A2AServer;
  let served: ServedApp;
  let http: GuardedHttp;
  let webhook: ServedApp;
  let notified: { type: string | null; token: string | null; body: unknown }[];

  beforeEach(async () => {
    notified = [];
    const receiver = new Hono().post('/', async (c) => {
      const { headers } = c.req.raw;
      const token = headers.get('x-a2a-notification-token');
      notified.push({ type: headers.get('content-type'), token, body: await c.req.json() });
      return c.body(null, 204);
    });
    webhook = await serveApp(receiver.fetch);
    http = createGuardedHttp({ allow: [{ origin: webhook.origin }] });
    const taskStore = createInMemoryTaskStore();
    const deps = { clock: systemClock, random: systemRandom, logger: silentLogger };
    const push = createPushNotifications({
      ...{ configs: createFakePushConfigs(), tasks: taskStore, http, writeV03: writePushNotification },
      ...deps,
    });
    let url = '';
    server = createA2AServer({
      card: () => ({ name: 'agent', url }),
      executor: agent,
      extensions: [{ uri: 'urn:test:extension' }],
      taskStore,
      push,
      ...deps,
    });
    served = await serveApp(server.app.fetch);
    url = served.origin;
  });

  afterEach(async () => {
    await server.close();
    await Promise.all([served.close(), webhook.close(), http.close()]);
  });

  const legacyCompat = { enabled: true };
  const connect = (path = '/.well-known/agent.json') =>
    new ClientFactory({
      transports: [new JsonRpcTransportFactory({ legacyCompat })],
      cardResolver: new DefaultAgentCardResolver({ legacyCompat, path }),
    }).createFromUrl(served.origin);

  const call = async (method: string, params: unknown): Promise<unknown> => {
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: `tasks/pushNotificationConfig/${method}`, params });
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${served.origin}/a2a`, { method: 'POST', headers, body })).json();
  };

  test('it finds the agent by a card of v0.3 and speaks to it as such', async () => {
    const client = await connect();
    expect(client.transport.protocolVersion).toBe('0.3');
    const reply = await fetch(`${served.origin}/.well-known/agent-card.json`, { headers: { 'A2A-Version': '0.3' } });
    expect(await reply.json()).toMatchObject({ protocolVersion: '0.3.0', url: `${served.origin}/a2a` });
  });

  test('it sends a message, gets the finished task and finds it again', async () => {
    const client = await connect();
    const task = taskOf(await client.sendMessage(request('work')));
    expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
    expect(task.artifacts[0]?.parts.map(({ content }) => content)).toEqual([
      { $case: 'text', value: 'one ' },
      { $case: 'data', value: [2] },
    ]);
    expect(await client.getTask({ tenant: '', id: task.id })).toEqual(task);
    expect((await client.getTask({ tenant: '', id: task.id, historyLength: 0 })).history).toEqual([]);
  });

  test('it waits or does not, as it says', async () => {
    const client = await connect();
    const at = (returnImmediately: boolean) => ({
      ...request(returnImmediately ? 'wait' : 'work'),
      configuration: { acceptedOutputModes: [], taskPushNotificationConfig: undefined, returnImmediately },
    });
    const early = taskOf(await client.sendMessage(at(true)));
    expect([TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING]).toContain(early.status?.state);
    expect(taskOf(await client.sendMessage(at(false))).status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
  });

  test('it receives a message where the agent needed no task', async () => {
    const message = await (await connect()).sendMessage(request('answer'));
    if (!('messageId' in message)) throw new Error('a message was expected');
    expect(message.role).toBe(Role.ROLE_AGENT);
  });

  test('it streams a task from its first snapshot to its end', async () => {
    const events: string[] = [];
    for await (const { payload } of (await connect()).sendMessageStream(request('work'))) {
      events.push(payload?.$case ?? 'nothing');
    }
    expect(events).toEqual(['task', 'statusUpdate', 'artifactUpdate', 'artifactUpdate', 'statusUpdate']);
  });

  test('it continues a task that asked for input', async () => {
    const client = await connect();
    const asked = taskOf(await client.sendMessage(request('ask')));
    expect(asked.status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
    const done = taskOf(await client.sendMessage(request('this', { taskId: asked.id })));
    expect(done).toMatchObject({ id: asked.id, status: { state: TaskState.TASK_STATE_COMPLETED } });
  });

  test('it subscribes to a task that works, cancels it, once, and both streams end with the cancellation', async () => {
    const client = await connect();
    const last: (TaskState | undefined)[] = [];
    const first = client.sendMessageStream(request('wait'))[Symbol.asyncIterator]();
    const { value } = await first.next();
    const id = value?.payload?.$case === 'task' ? value.payload.value.id : '';
    const second = client.resubscribeTask({ tenant: '', id })[Symbol.asyncIterator]();
    expect((await second.next()).value?.payload?.$case).toBe('task');
    const canceled = await client.cancelTask({ tenant: '', id, metadata: undefined });
    expect(canceled.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
    for (const stream of [first, second]) {
      let state: TaskState | undefined;
      for (let next = await stream.next(); !next.done; next = await stream.next()) {
        const { payload } = next.value;
        if (payload?.$case === 'statusUpdate') state = payload.value.status?.state;
      }
      last.push(state);
    }
    expect(last).toEqual([TaskState.TASK_STATE_CANCELED, TaskState.TASK_STATE_CANCELED]);
    const again = client.cancelTask({ tenant: '', id, metadata: undefined });
    await expect(again).rejects.toBeInstanceOf(TaskNotCancelableError);
  });

  test('it reads our errors as its own', async () => {
    const client = await connect();
    await expect(client.getTask({ tenant: '', id: 'unknown' })).rejects.toBeInstanceOf(TaskNotFoundError);
    const more = client.sendMessage(request('more', { taskId: 'unknown' }));
    await expect(more).rejects.toBeInstanceOf(TaskNotFoundError);
  });

  test('it says where to push, and is pushed whole tasks in the words of v0.3', async () => {
    const client = await connect();
    const stream = client.sendMessageStream(request('wait'))[Symbol.asyncIterator]();
    const { value } = await stream.next();
    const taskId = value?.payload?.$case === 'task' ? value.payload.value.id : '';
    const config: TaskPushNotificationConfig = {
      ...{ tenant: '', taskId, id: 'p-1', url: `${webhook.origin}/`, token: 'secret', authentication: undefined },
    };
    const other = { ...config, id: 'p-2', url: `${webhook.origin}/other` };
    expect(await client.createTaskPushNotificationConfig(config)).toEqual(config);
    await client.createTaskPushNotificationConfig(other);
    const masked = { ...config, token: '********' };
    expect(await client.getTaskPushNotificationConfig({ tenant: '', taskId, id: 'p-1' })).toEqual(masked);
    await client.deleteTaskPushNotificationConfig({ tenant: '', taskId, id: 'p-2' });
    const listed = await client.listTaskPushNotificationConfig({ tenant: '', taskId, pageSize: 0, pageToken: '' });
    expect(listed.configs).toEqual([masked]);
    await client.cancelTask({ tenant: '', id: taskId, metadata: undefined });
    await expect
      .poll(() => notified.at(-1))
      .toMatchObject({
        type: 'application/json',
        token: 'secret',
        body: { kind: 'task', id: taskId, status: { state: 'canceled' } },
      });
  });

  test('it is told of a configuration by the task alone, as v0.3 allows', async () => {
    const client = await connect();
    const { id } = taskOf(await client.sendMessage(request('ask')));
    const pushNotificationConfig = { id, url: `${webhook.origin}/` };
    const { id: _, ...nameless } = pushNotificationConfig;
    await call('set', { taskId: id, pushNotificationConfig: nameless });
    const config = { taskId: id, pushNotificationConfig };
    expect(await call('get', { id })).toEqual({ jsonrpc: '2.0', id: 1, result: config });
    expect(await call('list', { id })).toEqual({ jsonrpc: '2.0', id: 1, result: [config] });
  });

  // The dispatcher makes `{}` of every null.
  test('deleting a configuration answers null', async () => {
    const { id } = taskOf(await (await connect()).sendMessage(request('ask')));
    const gone = await call('delete', { id, pushNotificationConfigId: 'p-1' });
    expect(gone).toEqual({ jsonrpc: '2.0', id: 1, result: null });
  });

  // Streams stay open while a task waits for input, as v1.0 has it.
  test('a stream ends where the agent asks, after an update that is final', { timeout: 1_000 }, async () => {
    const stream = (await connect()).sendMessageStream(request('ask'));
    for await (const _ of stream);
  });

  // The server reads `A2A-Extensions` alone.
  test('an extension is activated by the header of v0.3', async () => {
    const headers = { 'content-type': 'application/json', 'X-A2A-Extensions': 'urn:test:extension' };
    const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tasks/get', params: { id: 'unknown' } });
    const reply = await fetch(`${served.origin}/a2a`, { method: 'POST', headers, body });
    expect(reply.headers.get('x-a2a-extensions')).toBe('urn:test:extension');
  });
});

describe('our client’s words reach the SDK’s v0.3 server', () => {
  const endpoint = 'http://sdk.test/a2a';

  const connect = () => {
    const card = AgentCard.fromJSON({
      name: 'sdk',
      supportedInterfaces: [{ url: endpoint, protocolBinding: 'JSONRPC', protocolVersion: '0.3' }],
      capabilities: { streaming: true },
    });
    const handler = new DefaultRequestHandler(card, new InMemoryTaskStore(), sdkAgent);
    const transport = new LegacyJsonRpcTransportHandler(handler);
    const app = new Hono().post('/a2a', async (c) => {
      const reply = await transport.handle(await c.req.json(), new ServerCallContext());
      if (Symbol.asyncIterator in reply) throw new Error('no stream was asked for');
      return c.json(reply);
    });
    const http = createLinkedHttp(new Map([['http://sdk.test', app.fetch]]));
    const client = createA2AClient({ endpoint, http });
    return async <Name extends OperationName>(
      operation: Name,
      params: Operations[Name]['params'],
    ): Promise<unknown> => {
      const method = v03Dialect.methods[operation] ?? '';
      const result = await client.call(method, v03Dialect.client.writeParams(operation, params));
      return v03Dialect.client.readResult(operation, result);
    };
  };

  test('a message is sent, its task found, and cancelled no more', async () => {
    const call = connect();
    const { task } = (await call('sendMessage', message('work'))) as { task: V1Task }; // the agent below makes tasks
    expect(task).toMatchObject({
      status: { state: 'TASK_STATE_COMPLETED' },
      artifacts: [{ artifactId: 'out', parts: [{ data: [2] }] }],
    });
    expect(await call('getTask', { id: task.id })).toEqual(task);
    await expect(call('cancelTask', { id: task.id })).rejects.toMatchObject({ rpc: { reason: 'TASK_NOT_CANCELABLE' } });
    await expect(call('getTask', { id: 'unknown' })).rejects.toMatchObject({ rpc: { reason: 'TASK_NOT_FOUND' } });
  });

  test('a message may be all the answer', async () => {
    const answer = await connect()('sendMessage', message('answer'));
    expect(answer).toMatchObject({ message: { role: 'ROLE_AGENT', parts: [{ text: 'an answer' }] } });
  });
});

const sdkAgent: SdkExecutor = {
  async execute({ taskId, contextId, userMessage }, bus) {
    const { content } = userMessage.parts[0] ?? {};
    if (content?.value === 'answer') {
      bus.publish(
        AgentEvent.message({ ...request('an answer', { contextId }).message, role: Role.ROLE_AGENT } as Message),
      );
    } else {
      const part = {
        content: { $case: 'data' as const, value: [2] },
        metadata: undefined,
        filename: '',
        mediaType: '',
      };
      const artifact = {
        artifactId: 'out',
        name: '',
        description: '',
        parts: [part],
        metadata: undefined,
        extensions: [],
      };
      const status = { state: TaskState.TASK_STATE_COMPLETED, message: undefined, timestamp: undefined };
      const task = {
        id: taskId,
        contextId,
        status,
        artifacts: [artifact],
        history: [userMessage],
        metadata: undefined,
      };
      bus.publish(AgentEvent.task(task));
    }
    bus.finished();
  },
  cancelTask: async () => {},
};

function message(text: string): SendMessageParams {
  const parts = [{ text }];
  return { message: { messageId: crypto.randomUUID(), role: 'ROLE_USER', parts }, configuration: {} };
}

function taskOf(result: Task | Message): Task {
  if ('status' in result) return result;
  throw new Error('a task was expected');
}

function request(text: string, ids: { taskId?: string; contextId?: string } = {}): SendMessageRequest {
  return {
    tenant: '',
    message: {
      messageId: crypto.randomUUID(),
      contextId: '',
      taskId: '',
      role: Role.ROLE_USER,
      parts: [{ content: { $case: 'text', value: text }, metadata: undefined, filename: '', mediaType: '' }],
      metadata: undefined,
      extensions: [],
      referenceTaskIds: [],
      ...ids,
    },
    configuration: undefined,
    metadata: undefined,
  };
}

import { Role, type SendMessageRequest, TaskState } from '@a2a-js/sdk';
import { ClientFactory, ServiceParameters, withA2AExtensions } from '@a2a-js/sdk/client';
import { TaskNotCancelableError, TaskNotFoundError } from '@a2a-js/sdk/errors';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type A2AServer, type AgentExecutor, createA2AServer } from './index.ts';
import { createTestCard, type ServedApp, serveApp } from './testing/index.ts';

/** The official SDK's client against our server, over real HTTP on loopback. */
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
    yield { artifact: { artifactId: 'out', parts: [{ data: { two: 2 } }] }, append: true, lastChunk: true };
    return yield { status: { state: 'TASK_STATE_COMPLETED', message: { parts: [{ text: 'done' }] } } };
  },
};

let server: A2AServer;
let served: ServedApp;

beforeEach(async () => {
  let origin = '';
  server = createA2AServer({
    card: () =>
      createTestCard({
        supportedInterfaces: [{ url: `${origin}/a2a`, protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
      }),
    executor: agent,
    extensions: [{ uri: 'urn:test:extension' }],
  });
  served = await serveApp(server.app.fetch);
  origin = served.origin;
});

afterEach(async () => {
  await server.close();
  await served.close();
});

function request(text: string, ids: { taskId?: string } = {}): SendMessageRequest {
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

const connect = () => new ClientFactory().createFromUrl(served.origin);

test('the SDK sends a message, gets the finished task and finds it again', async () => {
  const client = await connect();
  const task = await client.sendMessage(request('work'));
  if (!('status' in task)) throw new Error('a task was expected');
  expect(task.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
  expect(task.artifacts[0]?.parts.map(({ content }) => content)).toEqual([
    { $case: 'text', value: 'one ' },
    { $case: 'data', value: { two: 2 } },
  ]);
  expect(await client.getTask({ tenant: '', id: task.id })).toEqual(task);
  expect((await client.getTask({ tenant: '', id: task.id, historyLength: 0 })).history).toEqual([]);
});

test('the SDK receives a message where the agent needed no task', async () => {
  const message = await (await connect()).sendMessage(request('answer'));
  if (!('messageId' in message)) throw new Error('a message was expected');
  expect(message.role).toBe(Role.ROLE_AGENT);
});

test('the SDK streams a task from its first snapshot to its end', async () => {
  const events: string[] = [];
  for await (const { payload } of (await connect()).sendMessageStream(request('work'))) {
    events.push(payload?.$case ?? 'nothing');
  }
  expect(events).toEqual(['task', 'statusUpdate', 'artifactUpdate', 'artifactUpdate', 'statusUpdate']);
});

test('the SDK cancels a task that works, once, and its stream ends with the cancellation', async () => {
  const client = await connect();
  const states: (TaskState | undefined)[] = [];
  let taskId = '';
  for await (const { payload } of client.sendMessageStream(request('wait'))) {
    if (payload?.$case === 'task') taskId = payload.value.id;
    if (payload?.$case !== 'statusUpdate') continue;
    states.push(payload.value.status?.state);
    if (states.length > 1) continue;
    const canceled = await client.cancelTask({ tenant: '', id: taskId, metadata: undefined });
    expect(canceled.status?.state).toBe(TaskState.TASK_STATE_CANCELED);
  }
  expect(states).toEqual([TaskState.TASK_STATE_WORKING, TaskState.TASK_STATE_CANCELED]);
  await expect(client.cancelTask({ tenant: '', id: taskId, metadata: undefined })).rejects.toBeInstanceOf(
    TaskNotCancelableError,
  );
});

test('the SDK continues a task that asked for input', async () => {
  const client = await connect();
  const asked = await client.sendMessage(request('ask'));
  if (!('status' in asked)) throw new Error('a task was expected');
  expect(asked.status?.state).toBe(TaskState.TASK_STATE_INPUT_REQUIRED);
  const done = await client.sendMessage(request('this', { taskId: asked.id }));
  if (!('status' in done)) throw new Error('a task was expected');
  expect(done.id).toBe(asked.id);
  expect(done.status?.state).toBe(TaskState.TASK_STATE_COMPLETED);
  expect(done.history.map(({ role }) => role)).toEqual([Role.ROLE_USER, Role.ROLE_AGENT, Role.ROLE_USER]);
});

test('the SDK reads our errors as its own', async () => {
  const client = await connect();
  await expect(client.getTask({ tenant: '', id: 'unknown' })).rejects.toBeInstanceOf(TaskNotFoundError);
  await expect(client.sendMessage(request('more', { taskId: 'unknown' }))).rejects.toBeInstanceOf(TaskNotFoundError);
});

test('the SDK may activate an extension', async () => {
  const serviceParameters = ServiceParameters.create(withA2AExtensions('urn:test:extension'));
  const task = await (await connect()).sendMessage(request('work'), { serviceParameters });
  expect('status' in task).toBe(true);
});

test('the SDK that stops reading ends its stream, not the task', async () => {
  const client = await connect();
  let taskId = '';
  for await (const { payload } of client.sendMessageStream(request('wait'))) {
    if (payload?.$case === 'task') taskId = payload.value.id;
    break;
  }
  const task = await client.getTask({ tenant: '', id: taskId });
  expect([TaskState.TASK_STATE_SUBMITTED, TaskState.TASK_STATE_WORKING]).toContain(task.status?.state);
});

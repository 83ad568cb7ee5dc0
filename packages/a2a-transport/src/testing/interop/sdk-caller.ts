import {
  type Message,
  type Part,
  Role,
  type SendMessageRequest,
  type StreamResponse,
  type Task,
  type TaskPushNotificationConfig,
  TaskState,
} from '@a2a-js/sdk';
import { ClientFactory, DefaultAgentCardResolver, JsonRpcTransportFactory } from '@a2a-js/sdk/client';
import { systemRandom } from '@skein/contracts/runtime';
import { type Caller, type Heard, methodIn, type PushPlace, type Told } from './caller.ts';

/** The official SDK's client, or its v0.3 mode. */
export async function connectSdk(origin: string, version: '1.0' | '0.3'): Promise<Caller> {
  const called: string[] = [];
  const fetchImpl: typeof fetch = (input, init) => {
    if (typeof init?.body === 'string') called.push(methodIn(init.body));
    return fetch(input, init);
  };
  const legacyCompat = { enabled: version === '0.3' };
  const client = await new ClientFactory({
    transports: [new JsonRpcTransportFactory({ fetchImpl, legacyCompat })],
    cardResolver: new DefaultAgentCardResolver({
      legacyCompat,
      ...(version === '0.3' && { path: '/.well-known/agent.json' }),
    }),
  }).createFromUrl(origin);
  const tenant = '';
  return {
    version: client.transport.protocolVersion,
    called,
    send: async (text) => toldIn(await client.sendMessage(request(text))),
    stream: (text) => heard(client.sendMessageStream(request(text))),
    get: async (id) => told(await client.getTask({ tenant, id })),
    async list() {
      const everything = { contextId: '', status: TaskState.TASK_STATE_UNSPECIFIED, pageToken: '' };
      const { tasks } = await client.listTasks({ tenant, ...everything, statusTimestampAfter: undefined });
      return tasks.map(({ id }) => id);
    },
    cancel: async (id) => told(await client.cancelTask({ tenant, id, metadata: undefined })),
    subscribe: (id) => heard(client.resubscribeTask({ tenant, id })),
    createPush: async (place) =>
      placeOf(
        await client.createTaskPushNotificationConfig({ tenant, ...place, token: '', authentication: undefined }),
      ),
    getPush: async (taskId, id) => placeOf(await client.getTaskPushNotificationConfig({ tenant, taskId, id })),
    async listPush(taskId) {
      const page = { pageSize: 0, pageToken: '' };
      return (await client.listTaskPushNotificationConfig({ tenant, taskId, ...page })).configs.map(placeOf);
    },
    deletePush: (taskId, id) => client.deleteTaskPushNotificationConfig({ tenant, taskId, id }),
    close: async () => {},
  };
}

function request(text: string): SendMessageRequest {
  const part = { content: { $case: 'text' as const, value: text }, metadata: undefined, filename: '', mediaType: '' };
  const nowhere = { contextId: '', taskId: '', metadata: undefined, extensions: [], referenceTaskIds: [] };
  const message: Message = { messageId: systemRandom.uuid(), role: Role.ROLE_USER, parts: [part], ...nowhere };
  return { tenant: '', message, configuration: undefined, metadata: undefined };
}

const textOf = (parts: readonly Part[]) =>
  parts.map(({ content }) => (content?.$case === 'text' ? content.value : '')).join('');
const stateOf = (state: TaskState = TaskState.TASK_STATE_UNSPECIFIED): string => TaskState[state];

function told({ id, status, artifacts }: Task): Told {
  return { taskId: id, state: stateOf(status?.state), text: artifacts.map(({ parts }) => textOf(parts)).join('') };
}

function toldIn(answer: Task | Message): Told {
  if ('status' in answer) return told(answer);
  throw new Error('a task was expected');
}

async function* heard(events: AsyncIterable<StreamResponse>): AsyncGenerator<Heard> {
  for await (const { payload } of events) {
    if (payload?.$case === 'task') yield { task: told(payload.value) };
    else if (payload?.$case === 'statusUpdate') yield { state: stateOf(payload.value.status?.state) };
    else if (payload?.$case === 'artifactUpdate') yield { text: textOf(payload.value.artifact?.parts ?? []) };
  }
}

function placeOf({ taskId, id, url }: TaskPushNotificationConfig): PushPlace {
  return { taskId, id, url };
}

import type { Part, SendMessageResponse, StreamResponse, Task, TaskPushNotificationConfig } from '@skein/contracts/a2a';
import type { SpokenVersion } from '../../client/choose-interface.ts';
import { connectA2AClient } from '../../client/connect-client.ts';
import { createUndiciHttp } from '../../client/undici-http.ts';
import { type Caller, type Heard, methodIn, type PushPlace, type Told } from './caller.ts';

/** Our client, in one version of A2A. */
export async function connectOurs(origin: string, version: SpokenVersion): Promise<Caller> {
  const called: string[] = [];
  const http = createUndiciHttp();
  const noting = {
    request: (...[request]: Parameters<typeof http.request>) => {
      if (request.body) called.push(methodIn(request.body));
      return http.request(request);
    },
  };
  const client = await connectA2AClient(origin, { http: noting, versions: [version] });
  return {
    version: client.version,
    called,
    send: async (text) => toldIn(await client.sendMessage(text)),
    stream: (text) => heard(client.sendStreamingMessage(text)),
    get: async (id) => told(await client.getTask({ id })),
    list: async () => (await client.listTasks()).tasks.map(({ id }) => id),
    cancel: async (id) => told(await client.cancelTask({ id })),
    subscribe: (id) => heard(client.subscribeToTask({ id })),
    createPush: async (place) => placeOf(await client.createTaskPushNotificationConfig({ ...place })),
    getPush: async (taskId, id) => placeOf(await client.getTaskPushNotificationConfig({ taskId, id })),
    listPush: async (taskId) => (await client.listTaskPushNotificationConfigs({ taskId })).configs.map(placeOf),
    deletePush: (taskId, id) => client.deleteTaskPushNotificationConfig({ taskId, id }),
    async close() {
      await client.close();
      await http.close();
    },
  };
}

const textOf = (parts: readonly Part[]) => parts.map(({ text = '' }) => text).join('');

function told({ id, status, artifacts = [] }: Task): Told {
  return { taskId: id, state: status.state, text: artifacts.map(({ parts }) => textOf(parts)).join('') };
}

function toldIn(answer: SendMessageResponse): Told {
  if ('task' in answer) return told(answer.task);
  throw new Error('a task was expected');
}

async function* heard(events: AsyncIterable<StreamResponse>): AsyncGenerator<Heard> {
  for await (const event of events) {
    if ('task' in event) yield { task: told(event.task) };
    else if ('statusUpdate' in event) yield { state: event.statusUpdate.status.state };
    else if ('artifactUpdate' in event) yield { text: textOf(event.artifactUpdate.artifact.parts) };
  }
}

function placeOf({ taskId = '', id = '', url }: TaskPushNotificationConfig): PushPlace {
  return { taskId, id, url };
}

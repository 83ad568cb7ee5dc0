/** What the owner of a configuration can read of its deliveries, and nobody else. */
import { createFakeClock } from '@skein/contracts/testing';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { GuardedHttp } from '../client/guarded-http.ts';
import type { Authenticator } from '../server/principal.ts';
import { type A2AServer, createA2AServer } from '../server/server.ts';
import { ownerOf } from '../tasks/task-owner.ts';
import { callMethod } from '../testing/rpc.ts';
import { textMessage } from '../testing/test-agent.ts';
import { PUSH_STATUS_EXTENSION } from './push-status.ts';

/** A receiver that is gone for good: the first delivery to it is the last. */
const gone: GuardedHttp = {
  request: async () => ({ status: 410, headers: new Headers(), body: (async function* () {})() }),
  refusalOf: () => undefined,
  close: async () => {},
  [Symbol.asyncDispose]: async () => {},
};
const authenticator: Authenticator = {
  authenticate: async ({ headers }) => ({
    status: 'authenticated',
    principal: { id: headers.get('authorization') ?? '', kind: 'user' },
  }),
};
const activated = { 'a2a-extensions': PUSH_STATUS_EXTENSION };
const alice = { authorization: 'alice' };
const mallory = { authorization: 'mallory' };
const url = 'https://receiver.example/';
const broken = { state: 'disabled', delivered: 2, failures: 1, lastFailure: 'The receiver answered 410' };

let server: A2AServer;
let taskId: string;

const result = async (method: string, params: object, headers: Record<string, string>) => {
  const { body } = await callMethod(server, method, params, headers);
  return Object(body).result;
};
const deliveries = (id: string) => server.push?.deliveries(ownerOf({ id, kind: 'user' }, undefined), taskId);

beforeEach(async () => {
  server = createA2AServer({
    card: { name: 'Asks' },
    async *executor() {
      yield { status: { state: 'TASK_STATE_INPUT_REQUIRED' } };
    },
    ...{ authenticator, clock: createFakeClock(), push: { http: gone } },
  });
  taskId = (await result('SendMessage', textMessage('hi'), alice)).task.id;
  await result('CreateTaskPushNotificationConfig', { taskId, id: 'p-1', url, token: 'secret' }, alice);
});

afterEach(() => server.close());

/** Its cancellation is what the receiver does not take. */
async function disable(): Promise<void> {
  await result('CancelTask', { id: taskId }, alice);
  await vi.waitFor(async () => expect(await deliveries('alice')).toMatchObject([{ state: 'disabled' }]));
}

test('an agent that pushes declares that it can tell', async () => {
  const card = await (await server.app.request('/.well-known/agent-card.json')).json();
  expect(card).toMatchObject({
    capabilities: { extensions: expect.arrayContaining([expect.objectContaining({ uri: PUSH_STATUS_EXTENSION })]) },
  });
  const silent = createA2AServer({ card: { name: 'Silent' }, async *executor() {} });
  const other = await (await silent.app.request('/.well-known/agent-card.json')).json();
  expect(JSON.stringify(other)).not.toContain(PUSH_STATUS_EXTENSION);
  expect(silent.push).toBeUndefined();
});

describe.each([
  {
    method: 'GetTaskPushNotificationConfig',
    params: () => ({ taskId, id: 'p-1' }),
    configIn: (read: unknown): unknown => read,
  },
  {
    method: 'ListTaskPushNotificationConfigs',
    params: () => ({ taskId }),
    configIn: (read: unknown): unknown => Object(read).configs[0],
  },
])('$method', ({ method, params, configIn }) => {
  const plain = () => ({ taskId, id: 'p-1', url, token: '********' });

  test('says how the deliveries stand to an owner who activated the extension, and says that it does', async () => {
    const before = await callMethod(server, method, params(), { ...alice, ...activated });
    expect(before.headers.get('a2a-extensions')).toBe(PUSH_STATUS_EXTENSION);
    const waiting = { state: 'active', delivered: 2, failures: 0 };
    expect(configIn(Object(before.body).result)).toEqual({ ...plain(), status: waiting });
    await disable();
    const after = await result(method, params(), { ...alice, ...activated });
    expect(configIn(after)).toEqual({ ...plain(), status: broken });
  });

  test('says nothing of it to who did not', async () => {
    await disable();
    const { headers, body } = await callMethod(server, method, params(), alice);
    expect(headers.get('a2a-extensions')).toBeNull();
    expect(configIn(Object(body).result)).toEqual(plain());
  });

  test('is to anybody else as though there were no such task', async () => {
    await disable();
    const ask = async (id: string) => {
      const { body } = await callMethod(server, method, { ...params(), taskId: id }, { ...mallory, ...activated });
      return JSON.stringify(body).replaceAll(id, 'ID');
    };
    expect(await ask(taskId)).toBe(await ask('unknown'));
    expect(await ask(taskId)).toContain('TASK_NOT_FOUND');
  });
});

test('whoever has the server in hand reads the same, by owner', async () => {
  await disable();
  expect(await deliveries('alice')).toEqual([{ taskId, id: 'p-1', ...broken }]);
  expect(await deliveries('mallory')).toEqual([]);
});

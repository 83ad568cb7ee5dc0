/** The whole way over real sockets: log, store, guarded client, receiver. */
import { TaskState, type TaskStatusUpdateEvent } from '@a2a-js/sdk';
import { DefaultPushNotificationSender, InMemoryPushNotificationStore, ServerCallContext } from '@a2a-js/sdk/server';
import type { StreamResponse } from '@skein/contracts/a2a';
import { type LogFields, systemClock, systemRandom } from '@skein/contracts/runtime';
import { createMemoryLogger } from '@skein/contracts/testing';
import { Hono } from 'hono';
import { afterEach, expect, test, vi } from 'vitest';
import { createGuardedHttp } from '../client/guarded-http.ts';
import type { AllowedTarget } from '../client/target-rules.ts';
import { createInMemoryTaskStore } from '../tasks/in-memory-task-store.ts';
import { serveApp } from '../testing/serve-app.ts';
import { createPushNotifications } from './create-push-notifications.ts';
import { createInMemoryPushConfigStore } from './in-memory-push-config-store.ts';
import { createPushReceiver } from './push-receiver.ts';

const secrets = { token: 'tok', authentication: { scheme: 'Bearer', credentials: 'cred' } };
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

const update = (taskId: string, text: string, last = false): StreamResponse => ({
  statusUpdate: {
    taskId,
    contextId: 'c',
    status: {
      state: last ? 'TASK_STATE_COMPLETED' : 'TASK_STATE_WORKING',
      message: { messageId: text, role: 'ROLE_AGENT', parts: [{ text }] },
    },
  },
});

/** A finished task with a log of so many events. */
async function createFinishedTask(events: readonly StreamResponse[]) {
  const tasks = createInMemoryTaskStore();
  const task = { id: 't', contextId: 'c', status: { state: 'TASK_STATE_COMPLETED' as const } };
  await tasks.commit({ owner: 'alice', task, after: 0, events, running: false });
  return tasks;
}

function createService(
  tasks: Awaited<ReturnType<typeof createFinishedTask>>,
  allow: AllowedTarget[],
  guard: Parameters<typeof createGuardedHttp>[0] = {},
) {
  const configs = createInMemoryPushConfigStore();
  const http = createGuardedHttp({ allow, ...guard });
  const memory = createMemoryLogger();
  let onWarning = () => {};
  const disabled = new Promise<void>((resolve) => {
    onWarning = resolve;
  });
  const logger = {
    ...memory,
    warn(message: string, fields?: LogFields) {
      memory.warn(message, fields);
      onWarning();
    },
  };
  const push = createPushNotifications(
    { configs, tasks, http, clock: systemClock, random: systemRandom, logger },
    { maxFailures: 3, backoff: { baseMs: 1, capMs: 5 } },
  );
  ends.push(
    () => http.close(),
    () => push.close(),
  );
  return { push, lines: memory.lines, disabled };
}

const one = { after: 0, protocolVersion: '1.0' as const };

test('a receiver on loopback that the operator allows takes every event once, although it stumbles', async () => {
  const events = ['first', 'second', 'third'].map((text) => update('t', text)).concat(update('t', 'end', true));
  const taken: StreamResponse[] = [];
  let stumbles = 2;
  let finish = () => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  const receiver = createPushReceiver({
    ...secrets,
    path: '/hook',
    onEvent(event) {
      if (taken.length === 1 && stumbles-- > 0) throw new Error('not now');
      taken.push(event);
      if (taken.length === events.length) finish();
    },
  });
  const served = await serveApp(receiver.fetch);
  ends.push(() => served.close());
  const { push } = createService(await createFinishedTask(events), [{ origin: served.origin }]);
  await push.create('alice', 't', { url: `${served.origin}/hook`, ...secrets }, one);
  await finished;
  expect(taken).toEqual(events);
});

test('a redirect is not followed, and after the last try its owner reads why', async () => {
  const asked: string[] = [];
  const served = await serveApp((request) => {
    asked.push(new URL(request.url).pathname);
    return new Hono()
      .post('/hook', (c) => c.redirect('/secret', 307))
      .all('*', (c) => c.text('in'))
      .fetch(request);
  });
  ends.push(() => served.close());
  const { push, lines, disabled } = createService(await createFinishedTask([update('t', 'end', true)]), [
    { origin: served.origin },
  ]);
  await push.create('alice', 't', { url: `${served.origin}/hook`, id: 'one' }, one);
  await disabled;
  expect(asked).toEqual(['/hook', '/hook', '/hook']);
  expect(await push.deliveries('alice', 't')).toMatchObject([{ lastFailure: 'The receiver answered 307' }]);
  expect(lines.at(-1)).toMatchObject({ level: 'warn', fields: { taskId: 't', configId: 'one', failures: 3 } });
});

test('a name that leads into the network of the agent reads like one that leads nowhere, and nobody is asked', async () => {
  let asked = 0;
  const served = await serveApp(() => {
    asked += 1;
    return new Response();
  });
  ends.push(() => served.close());
  const reasons: (string | undefined)[] = [];
  for (const resolve of [async () => ['127.0.0.1'], () => Promise.reject(new Error('ENOTFOUND'))]) {
    const { push, disabled } = createService(await createFinishedTask([update('t', 'end', true)]), [], { resolve });
    const url = `https://internal.example:${new URL(served.origin).port}/`;
    await push.create('alice', 't', { url, id: 'one' }, one);
    await disabled;
    reasons.push((await push.deliveries('alice', 't'))[0]?.lastFailure);
  }
  expect(reasons).toEqual(Array(2).fill('The receiver cannot be reached'));
  expect(asked).toBe(0);
  const { push } = createService(await createFinishedTask([]), []);
  await expect(push.create('alice', 't', { url: served.origin }, one)).rejects.toMatchObject({
    reason: 'INVALID_PARAMS',
  });
});

test.each([
  { what: 'credentials', config: { authentication: secrets.authentication, token: 'tok' } },
  { what: 'a token', config: { authentication: undefined, token: 'tok' } },
])('the official SDK’s sender is received, with $what', async ({ config }) => {
  const said = vi.spyOn(console, 'info').mockReturnValue();
  ends.push(async () => said.mockRestore());
  const taken: StreamResponse[] = [];
  const own = config.authentication ? secrets : { token: secrets.token };
  const served = await serveApp(createPushReceiver({ ...own, onEvent: (event) => void taken.push(event) }).fetch);
  ends.push(() => served.close());
  const store = new InMemoryPushNotificationStore();
  const context = new ServerCallContext({ requestedVersion: '1.0' });
  await store.save('t', context, { ...config, id: 'one', taskId: 't', tenant: '', url: `${served.origin}/` });
  const value: TaskStatusUpdateEvent = {
    taskId: 't',
    contextId: 'c',
    status: { state: TaskState.TASK_STATE_WORKING, message: undefined, timestamp: undefined },
    metadata: undefined,
  };
  await new DefaultPushNotificationSender(store).send({ payload: { $case: 'statusUpdate', value } }, context);
  expect(taken).toMatchObject([{ statusUpdate: { taskId: 't', status: { state: 'TASK_STATE_WORKING' } } }]);
});

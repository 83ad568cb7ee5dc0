/** §11: the same operations over plain HTTP. */
import { describe, expect, test } from 'vitest';
import type * as z from 'zod';
import { HttpError, type Method, results, StreamResponse } from './strict.ts';
import { card, createSubject, type Headers10, readEvents, type Subject, say, shapeOf } from './subject.ts';

const base = '/rest';
const media = 'application/a2a+json';
const create = (overrides: Parameters<typeof createSubject>[0] = {}) =>
  createSubject({ httpJsonPath: base, ...overrides });

interface Request {
  method: 'GET' | 'POST' | 'DELETE';
  path: string;
  body?: unknown;
  headers?: Headers10;
}

function send(subject: Subject, { method, path, body, headers = {} }: Request): Promise<Response> {
  const usual = { 'a2a-version': '1.0', ...(body !== undefined && { 'content-type': media }) };
  return subject.fetch(`${base}${path}`, {
    method,
    headers: { ...usual, ...headers },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
}

/** Asks for something that has to be answered, in the form of one operation's result. */
async function ask<Name extends Method>(subject: Subject, name: Name, request: Request) {
  const reply = await send(subject, request);
  const text = await reply.text();
  expect(`${reply.status} ${text}`).toMatch(/^200 /);
  expect(reply.headers.get('content-type')).toMatch(/^application\/a2a\+json\b/);
  // The schema is the operation's own.
  return results[name].parse(JSON.parse(text)) as z.infer<(typeof results)[Name]>;
}

async function refuse(subject: Subject, request: Request) {
  const reply = await send(subject, request);
  expect(reply.headers.get('content-type')).toMatch(/^application\/(a2a\+)?json\b/);
  const { error } = HttpError.parse(await reply.json());
  expect(error.code).toBe(reply.status);
  const { reason, domain } = error.details[0];
  return { headers: reply.headers, reason, domain, httpStatus: reply.status, ...error };
}

async function stream(subject: Subject, request: Request) {
  return readEvents(await send(subject, request), (data) => StreamResponse.parse(data));
}

test('every operation has its place', async () => {
  const authenticator = {
    authenticate: async () => ({ status: 'authenticated' as const, principal: { id: 'ada', kind: 'user' } }),
  };
  await using subject = create({ authenticator, extendedCard: async () => card });
  const sent = await ask(subject, 'SendMessage', { method: 'POST', path: '/message:send', body: say('ask') });
  if (!('task' in sent)) throw new Error('a task was expected');
  const { id } = sent.task;
  expect(await ask(subject, 'GetTask', { method: 'GET', path: `/tasks/${id}` })).toEqual(sent.task);
  const list = await ask(subject, 'ListTasks', { method: 'GET', path: '/tasks' });
  expect(list.tasks.map((task) => task.id)).toEqual([id]);

  const configs = `/tasks/${id}/pushNotificationConfigs`;
  const body = { id: 'p', url: 'https://hooks.example/a' };
  const made = await ask(subject, 'CreateTaskPushNotificationConfig', { method: 'POST', path: configs, body });
  expect(made).toEqual({ ...body, taskId: id });
  const one = { method: 'GET', path: `${configs}/p` } as const;
  expect(await ask(subject, 'GetTaskPushNotificationConfig', one)).toEqual(made);
  const all = await ask(subject, 'ListTaskPushNotificationConfigs', { method: 'GET', path: configs });
  expect(all.configs).toEqual([made]);
  await ask(subject, 'DeleteTaskPushNotificationConfig', { method: 'DELETE', path: `${configs}/p` });
  expect(await refuse(subject, one)).toMatchObject({ httpStatus: 404 });

  const followed = await stream(subject, { method: 'POST', path: `/tasks/${id}:subscribe` });
  expect(shapeOf(await followed.next())).toBe('task:INPUT_REQUIRED');
  const canceled = await ask(subject, 'CancelTask', { method: 'POST', path: `/tasks/${id}:cancel`, body: {} });
  expect(canceled.status.state).toBe('TASK_STATE_CANCELED');
  expect((await followed.rest()).map(shapeOf)).toEqual(['status:CANCELED']);
  const told = await stream(subject, { method: 'POST', path: '/message:stream', body: say('work') });
  expect(shapeOf((await told.rest()).at(-1))).toBe('status:COMPLETED');
  expect(await ask(subject, 'GetExtendedAgentCard', { method: 'GET', path: '/extendedAgentCard' })).toMatchObject({
    name: card.name,
  });
});

test('a task can be subscribed to by GET, as the proto says', async () => {
  await using subject = create();
  const { id } = await subject.task('ask');
  const followed = await stream(subject, { method: 'GET', path: `/tasks/${id}:subscribe` });
  expect(shapeOf(await followed.next())).toBe('task:INPUT_REQUIRED');
  await followed.leave();
});

test('a cancellation needs no body', async () => {
  await using subject = create();
  const { id } = await subject.task('ask');
  const canceled = await ask(subject, 'CancelTask', { method: 'POST', path: `/tasks/${id}:cancel` });
  expect(canceled.status.state).toBe('TASK_STATE_CANCELED');
});

test('a task is the same task over both bindings', async () => {
  await using subject = create();
  const overRpc = await subject.task('ask');
  expect(await ask(subject, 'GetTask', { method: 'GET', path: `/tasks/${overRpc.id}` })).toEqual(overRpc);
  const body = say('the red one', { taskId: overRpc.id });
  const overHttp = await ask(subject, 'SendMessage', { method: 'POST', path: '/message:send', body });
  expect(overHttp).toEqual({ task: await subject.call('GetTask', { id: overRpc.id }) });
  const answer = await ask(subject, 'SendMessage', { method: 'POST', path: '/message:send', body: say('answer') });
  expect(answer).toHaveProperty('message');
});

describe('the query', () => {
  test('the query of a list filters, pages and bounds', async () => {
    await using subject = create();
    const one = await subject.task('work', { contextId: 'a b' });
    await subject.clock.advance(1_000);
    const two = await subject.task('ask', { contextId: 'a b' });
    await subject.task('work', { contextId: 'other' });
    const list = (query: string) => ask(subject, 'ListTasks', { method: 'GET', path: `/tasks?${query}` });
    const first = await list('contextId=a%20b&pageSize=1&historyLength=0');
    expect(first).toMatchObject({ pageSize: 1, totalSize: 2, tasks: [{ id: two.id }] });
    expect(first.tasks[0]).not.toHaveProperty('history');
    const second = await list(`contextId=a%20b&pageSize=1&pageToken=${encodeURIComponent(first.nextPageToken)}`);
    expect(second.tasks.map(({ id }) => id)).toEqual([one.id]);
    const waiting = await list('status=TASK_STATE_INPUT_REQUIRED');
    expect(waiting.tasks.map(({ id }) => id)).toEqual([two.id]);
    expect((await list('statusTimestampAfter=2026-01-01T00%3A00%3A01Z')).totalSize).toBe(2);
    expect((await list('includeArtifacts=true')).tasks.at(-1)).toHaveProperty('artifacts');
    expect((await list('includeArtifacts=false')).tasks.at(-1)).not.toHaveProperty('artifacts');
  });

  test('what is encoded in path and query is decoded', async () => {
    await using subject = create();
    const { id: taskId } = await subject.task('ask', { contextId: 'a/b & ü' });
    const path = `/tasks?contextId=${encodeURIComponent('a/b & ü')}`;
    expect((await ask(subject, 'ListTasks', { method: 'GET', path })).totalSize).toBe(1);
    const configs = `/tasks/${encodeURIComponent(taskId)}/pushNotificationConfigs`;
    const body = { id: 'ü & more', url: 'https://hooks.example/a' };
    await ask(subject, 'CreateTaskPushNotificationConfig', { method: 'POST', path: configs, body });
    const one = `${configs}/${encodeURIComponent(body.id)}`;
    expect(await ask(subject, 'GetTaskPushNotificationConfig', { method: 'GET', path: one })).toMatchObject(body);
  });

  test.each(['taskId', 'task_id'])('what a query or a body says in %s does not stand in for the path', async (name) => {
    await using subject = create();
    const [{ id: mine }, { id: other }] = [await subject.task('ask'), await subject.task('ask')];
    const configs = (taskId: string) => `/tasks/${taskId}/pushNotificationConfigs`;
    const body = { id: 'p', url: 'https://hooks.example/a', [name]: mine };
    const made = await ask(subject, 'CreateTaskPushNotificationConfig', { method: 'POST', path: configs(other), body });
    expect(made.taskId).toBe(other);
    const path = `${configs('unknown')}?${name}=${other}`;
    for (const at of [path, path.replace('?', '/p?')])
      expect(await refuse(subject, { method: 'GET', path: at })).toMatchObject({ httpStatus: 404 });
    const both = { ...body, taskId: mine, task_id: mine };
    expect(await refuse(subject, { method: 'POST', path: configs('unknown'), body: both })).toMatchObject({
      httpStatus: 404,
    });
  });

  test.each([
    ['/tasks?pageSize=1&pageSize=2', 'pageSize'],
    ['/%E0%A4%A/tasks', 'percent'],
    ['/tasks/%zz', 'percent'],
  ])('%s can be read in two ways or in none, and is refused', async (path, says) => {
    await using subject = create();
    const { httpStatus, message } = await refuse(subject, { method: 'GET', path });
    expect(httpStatus).toBe(400);
    expect(message).toContain(says);
  });

  test('a query in snake_case is understood, as a body is', async () => {
    await using subject = create();
    await subject.task('work', { contextId: 'mine' });
    const path = '/tasks?context_id=mine&page_size=1&include_artifacts=true&history_length=0';
    const list = await ask(subject, 'ListTasks', { method: 'GET', path });
    expect(list).toMatchObject({ pageSize: 1, totalSize: 1 });
    expect(list.tasks[0]).toHaveProperty('artifacts');
    expect(list.tasks[0]).not.toHaveProperty('history');
  });

  test('historyLength stands in the query of a task', async () => {
    await using subject = create();
    const { id } = await subject.task('ask');
    const task = await ask(subject, 'GetTask', { method: 'GET', path: `/tasks/${id}?historyLength=0` });
    expect(task).not.toHaveProperty('history');
  });
});

describe('errors', () => {
  const { message } = say('work');
  interface Case extends Request {
    name: string;
    status: number;
    word: string;
    reason: string;
  }
  const cases: Case[] = [
    { name: 'TaskNotFound', method: 'GET', path: '/tasks/x', status: 404, word: 'NOT_FOUND', reason: 'TASK_NOT_FOUND' },
    {
      name: 'TaskNotFound, of a cancellation,',
      method: 'POST',
      path: '/tasks/x:cancel',
      body: {},
      status: 404,
      word: 'NOT_FOUND',
      reason: 'TASK_NOT_FOUND',
    },
    {
      name: 'TaskNotFound, of a stream,',
      method: 'POST',
      path: '/tasks/x:subscribe',
      status: 404,
      word: 'NOT_FOUND',
      reason: 'TASK_NOT_FOUND',
    },
    {
      name: 'ContentType, of an agent,',
      method: 'POST',
      path: '/message:send',
      body: say('refuse'),
      status: 400,
      word: 'INVALID_ARGUMENT',
      reason: 'CONTENT_TYPE_NOT_SUPPORTED',
    },
    {
      name: 'Version',
      method: 'GET',
      path: '/tasks/x',
      headers: { 'a2a-version': '99.0' },
      status: 400,
      word: 'FAILED_PRECONDITION',
      reason: 'VERSION_NOT_SUPPORTED',
    },
    {
      name: 'a wrong parameter',
      method: 'GET',
      path: '/tasks?pageSize=150',
      status: 400,
      word: 'INVALID_ARGUMENT',
      reason: 'INVALID_PARAMS',
    },
    {
      name: 'a wrong body',
      method: 'POST',
      path: '/message:send',
      body: { message: { ...message, parts: [] } },
      status: 400,
      word: 'INVALID_ARGUMENT',
      reason: 'INVALID_PARAMS',
    },
    {
      name: 'broken JSON',
      method: 'POST',
      path: '/message:send',
      body: '{"message":',
      status: 400,
      word: 'INVALID_ARGUMENT',
      reason: 'PARSE_ERROR',
    },
    {
      name: 'a crash',
      method: 'POST',
      path: '/message:send',
      body: say('crash'),
      status: 500,
      word: 'INTERNAL',
      reason: 'INTERNAL_ERROR',
    },
  ];
  test.each(cases)('$name is $status $reason', async ({ status, word, reason, ...request }) => {
    await using subject = create();
    const refusal = await refuse(subject, request);
    expect(refusal).toMatchObject({ httpStatus: status, status: word, reason, domain: 'a2a-protocol.org' });
    expect(JSON.stringify(refusal)).not.toContain('hunter2');
  });

  test('what a task’s state forbids is 400 FAILED_PRECONDITION', async () => {
    await using subject = create();
    const { id } = await subject.task('work');
    const precondition = { httpStatus: 400, status: 'FAILED_PRECONDITION' };
    const cancel: Request = { method: 'POST', path: `/tasks/${id}:cancel`, body: {} };
    expect(await refuse(subject, cancel)).toMatchObject({ ...precondition, reason: 'TASK_NOT_CANCELABLE' });
    const subscribe: Request = { method: 'POST', path: `/tasks/${id}:subscribe` };
    expect(await refuse(subject, subscribe)).toMatchObject({ ...precondition, reason: 'UNSUPPORTED_OPERATION' });
    const more: Request = { method: 'POST', path: '/message:send', body: say('more', { taskId: id }) };
    expect(await refuse(subject, more)).toMatchObject({ ...precondition, reason: 'UNSUPPORTED_OPERATION' });
  });

  test('capabilities that are not declared are 400 FAILED_PRECONDITION', async () => {
    const capabilities = { streaming: false, pushNotifications: false, extendedAgentCard: false };
    await using subject = create({ card: { ...card, capabilities } });
    const { id } = await subject.task('ask');
    const refused: [Request, string][] = [
      [{ method: 'POST', path: '/message:stream', body: say('work') }, 'UNSUPPORTED_OPERATION'],
      [{ method: 'POST', path: `/tasks/${id}:subscribe` }, 'UNSUPPORTED_OPERATION'],
      [{ method: 'GET', path: '/extendedAgentCard' }, 'UNSUPPORTED_OPERATION'],
      [{ method: 'GET', path: `/tasks/${id}/pushNotificationConfigs` }, 'PUSH_NOTIFICATION_NOT_SUPPORTED'],
    ];
    for (const [request, reason] of refused) {
      expect(await refuse(subject, request)).toMatchObject({ httpStatus: 400, status: 'FAILED_PRECONDITION', reason });
    }
  });

  test('wrong parameters stand in a google.rpc.BadRequest', async () => {
    await using subject = create();
    const { details } = await refuse(subject, { method: 'GET', path: '/tasks?pageSize=150' });
    expect(details).toContainEqual({
      '@type': 'type.googleapis.com/google.rpc.BadRequest',
      fieldViolations: [{ field: 'pageSize', description: expect.stringMatching(/\w/) }],
    });
  });

  test('what is no place of A2A is told so in the form of any error', async () => {
    await using subject = create();
    for (const path of ['/nowhere', '/message:nothing', '/tasks/x/y']) {
      expect(await refuse(subject, { method: 'POST', path, body: {} })).toMatchObject({
        httpStatus: 404,
        status: 'NOT_FOUND',
      });
    }
  });

  test('what is no place of A2A is 404', async () => {
    await using subject = create();
    for (const path of ['/nowhere', '/message:nothing', '/tasks/x:nothing', '/tasks/x/y']) {
      expect((await send(subject, { method: 'POST', path, body: {} })).status, path).toBe(404);
    }
  });
});

test('a stream is of bare events, in order, to the terminal one', async () => {
  await using subject = create();
  const told = await stream(subject, { method: 'POST', path: '/message:stream', body: say('work') });
  const shapes = (await told.rest()).map(shapeOf);
  expect(shapes).toEqual(['task:SUBMITTED', 'status:WORKING', 'artifact', 'artifact', 'status:COMPLETED']);
});

test('a stream resumes after its Last-Event-ID', async () => {
  await using subject = create();
  const told = await stream(subject, { method: 'POST', path: '/message:stream', body: say('work') });
  const events = await told.rest();
  const first = events[0];
  if (!first || !('task' in first)) throw new Error('a task was expected');
  const headers = { 'last-event-id': told.ids[1] ?? '' };
  const again = await stream(subject, { method: 'POST', path: `/tasks/${first.task.id}:subscribe`, headers });
  expect(await again.rest()).toEqual(events.slice(2));
});

test.each([media, 'application/json', 'application/a2a+json; charset=utf-8'])(
  'a body may be %s, and the answer is application/a2a+json',
  async (type) => {
    await using subject = create();
    const headers = { 'content-type': type };
    await ask(subject, 'SendMessage', { method: 'POST', path: '/message:send', body: say('work'), headers });
  },
);

test('a body of another type is refused before it is read', async () => {
  await using subject = create();
  const headers = { 'content-type': 'text/plain' };
  const refusal = await refuse(subject, { method: 'POST', path: '/message:send', body: '{', headers });
  expect(refusal).toMatchObject({ reason: 'CONTENT_TYPE_NOT_SUPPORTED' });
});

test('version and extensions come by header', async () => {
  const uri = 'https://extensions.example/must/v1';
  const capabilities = { ...card.capabilities, extensions: [{ uri, required: true }] };
  await using subject = create({ card: { ...card, capabilities } });
  const request: Request = { method: 'POST', path: '/message:send', body: say('work') };
  expect(await refuse(subject, request)).toMatchObject({ httpStatus: 400, reason: 'EXTENSION_SUPPORT_REQUIRED' });
  const reply = await send(subject, { ...request, headers: { 'A2A-EXTENSIONS': uri } });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('a2a-extensions')).toBe(uri);
  const byQuery = await send(subject, {
    method: 'GET',
    path: '/tasks?A2A-Version=1.0',
    headers: { 'a2a-version': null, 'a2a-extensions': uri },
  });
  expect(byQuery.status).toBe(200);
});

test('a tenant in the path is the tenant of the request', async () => {
  await using subject = create();
  const sent = await ask(subject, 'SendMessage', { method: 'POST', path: '/red/message:send', body: say('ask') });
  if (!('task' in sent)) throw new Error('a task was expected');
  expect(subject.agent.asked[0]?.tenant).toBe('red');
  const { id } = sent.task;
  expect(await ask(subject, 'GetTask', { method: 'GET', path: `/red/tasks/${id}` })).toMatchObject({ id });
  expect(await refuse(subject, { method: 'GET', path: `/blue/tasks/${id}` })).toMatchObject({ httpStatus: 404 });
  expect(await refuse(subject, { method: 'GET', path: `/tasks/${id}` })).toMatchObject({ httpStatus: 404 });
  expect(await subject.call('GetTask', { tenant: 'red', id })).toMatchObject({ id });
});

test('without credentials every place is 401 with a challenge', async () => {
  const authenticator = { authenticate: async () => ({ status: 'anonymous' as const }) };
  await using subject = create({ authenticator });
  const places: Request[] = [
    { method: 'POST', path: '/message:send', body: say('work') },
    { method: 'POST', path: '/message:stream', body: say('work') },
    { method: 'GET', path: '/tasks' },
    { method: 'GET', path: '/tasks/x' },
    { method: 'POST', path: '/tasks/x:cancel', body: {} },
    { method: 'POST', path: '/tasks/x:subscribe' },
    { method: 'GET', path: '/tasks/x/pushNotificationConfigs' },
    { method: 'GET', path: '/extendedAgentCard' },
  ];
  for (const place of places) {
    const refusal = await refuse(subject, place);
    expect(refusal).toMatchObject({ httpStatus: 401, status: 'UNAUTHENTICATED' });
    expect(refusal.headers.get('www-authenticate')).toMatch(/^Bearer/);
  }
  expect(subject.agent.asked).toHaveLength(0);
});

test('the card declares it, after what was there', async () => {
  const { supportedInterfaces: _, ...described } = card;
  await using subject = create({ card: { ...described, url: 'https://agent.example' } });
  const reply = await subject.fetch('/.well-known/agent-card.json');
  expect(await reply.json()).toMatchObject({
    supportedInterfaces: [
      { url: 'https://agent.example/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' },
      { url: 'https://agent.example/rest', protocolBinding: 'HTTP+JSON', protocolVersion: '1.0' },
      { url: 'https://agent.example/a2a', protocolBinding: 'JSONRPC', protocolVersion: '0.3' },
    ],
  });
});

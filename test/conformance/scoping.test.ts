/** §13.1, §7.4, §3.3.2: who may see what, and that nobody learns of what is not theirs. */
import type { Authenticator } from '@skein/a2a-transport';
import { describe, expect, test } from 'vitest';
import { card, createSubject, readRefusal, rpcBody, type Subject, say } from './subject.ts';

const authenticator: Authenticator = {
  async authenticate({ headers }) {
    const name = headers.get('authorization')?.split(' ')[1];
    if (!name) return { status: 'anonymous' };
    if (name === 'expired') return { status: 'refused', reason: 'TOKEN_EXPIRED', message: 'The token is too old' };
    return { status: 'authenticated', principal: { id: name, kind: 'user' } };
  },
};
const as = (name: string) => ({ authorization: `Bearer ${name}` });
const guarded = () => createSubject({ authenticator });

const calls: Readonly<Record<string, (id: string) => unknown>> = {
  SendMessage: (taskId) => say('more', { taskId }),
  SendStreamingMessage: (taskId) => say('more', { taskId }),
  GetTask: (id) => ({ id }),
  CancelTask: (id) => ({ id }),
  SubscribeToTask: (id) => ({ id }),
  CreateTaskPushNotificationConfig: (taskId) => ({ taskId, id: 'p', url: 'https://hooks.example/a' }),
  GetTaskPushNotificationConfig: (taskId) => ({ taskId, id: 'p' }),
  ListTaskPushNotificationConfigs: (taskId) => ({ taskId }),
  DeleteTaskPushNotificationConfig: (taskId) => ({ taskId, id: 'p' }),
};

/** The whole answer as text, without the id that was asked for. */
async function answer(subject: Subject, method: string, id: string, name: string): Promise<string> {
  const reply = await subject.fetch('/a2a', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'a2a-version': '1.0', ...as(name) },
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: calls[method]?.(id) }),
  });
  const headers = [...reply.headers].filter(([header]) => header !== 'content-length');
  return JSON.stringify([reply.status, headers, (await reply.text()).replaceAll(id, '<id>')]);
}

describe("another's task", () => {
  test.each(Object.keys(calls))('%s answers exactly as for an unknown one', async (method) => {
    await using subject = guarded();
    const { id } = await subject.task('ask', {}, as('ada'));
    await subject.call(
      'CreateTaskPushNotificationConfig',
      { taskId: id, id: 'p', url: 'https://hooks.example/a' },
      as('ada'),
    );
    const theirs = await answer(subject, method, id, 'bob');
    expect(theirs).toContain('-32001');
    expect(theirs).toBe(await answer(subject, method, 'f3f7f1a4-0000-4000-8000-000000000000', 'bob'));
    expect(await subject.call('GetTask', { id }, as('ada'))).toMatchObject({
      status: { state: 'TASK_STATE_INPUT_REQUIRED' },
    });
    expect(await subject.call('GetTaskPushNotificationConfig', { taskId: id, id: 'p' }, as('ada'))).toMatchObject({
      id: 'p',
    });
  });

  test('that has ended answers so too', async () => {
    await using subject = guarded();
    const { id } = await subject.task('work', {}, as('ada'));
    for (const method of Object.keys(calls)) {
      expect(await answer(subject, method, id, 'bob')).toBe(await answer(subject, method, 'unknown', 'bob'));
    }
  });

  test('is in no list and in no count, with and without filters', async () => {
    await using subject = guarded();
    await subject.task('work', { contextId: 'shared' }, as('ada'));
    await subject.task('work', { contextId: 'shared' }, as('bob'));
    await subject.task('work', {}, as('ada'));
    for (const params of [{}, { contextId: 'shared' }, { status: 'TASK_STATE_COMPLETED' }]) {
      const list = await subject.call('ListTasks', params, as('bob'));
      expect(list).toMatchObject({ totalSize: 1, nextPageToken: '' });
      expect(list.tasks).toHaveLength(1);
    }
    expect((await subject.call('ListTasks', {}, as('eve'))).totalSize).toBe(0);
  });

  test("is not reached by another's page token", async () => {
    await using subject = guarded();
    for (let n = 0; n < 3; n += 1) await subject.task('work', {}, as('ada'));
    const { nextPageToken } = await subject.call('ListTasks', { pageSize: 1 }, as('ada'));
    const list = await subject.call('ListTasks', { pageToken: nextPageToken }, as('bob'));
    expect(list).toMatchObject({ tasks: [], totalSize: 0 });
  });

  test("is not reached by another's Last-Event-ID", async () => {
    await using subject = guarded();
    const stream = await subject.stream('SendStreamingMessage', say('wait'), as('ada'));
    const first = await stream.next();
    if (!first || !('task' in first)) throw new Error('a task was expected');
    const refused = await subject.refuse(
      'SubscribeToTask',
      { id: first.task.id },
      { ...as('bob'), 'last-event-id': stream.ids[0] ?? '' },
    );
    expect(refused).toMatchObject({ code: -32001 });
    await stream.leave();
  });
});

describe('tenants', () => {
  test('do not see each other, though the principal is the same', async () => {
    await using subject = guarded();
    const sent = await subject.call('SendMessage', { tenant: 'red', ...say('ask') }, as('ada'));
    if (!('task' in sent)) throw new Error('a task was expected');
    const { id } = sent.task;
    expect(subject.agent.asked[0]?.tenant).toBe('red');
    expect(await subject.call('GetTask', { tenant: 'red', id }, as('ada'))).toMatchObject({ id });
    expect(await subject.refuse('GetTask', { tenant: 'blue', id }, as('ada'))).toMatchObject({ code: -32001 });
    expect(await subject.refuse('GetTask', { id }, as('ada'))).toMatchObject({ code: -32001 });
    expect((await subject.call('ListTasks', { tenant: 'blue' }, as('ada'))).totalSize).toBe(0);
  });
});

test('a tenant in the path of the endpoint is the tenant of the request', async () => {
  await using subject = guarded();
  const post = (path: string, method: string, params: unknown) =>
    subject.fetch(path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'a2a-version': '1.0', ...as('ada') },
      body: rpcBody(method, params),
    });
  expect(await (await post('/a2a/red', 'SendMessage', say('ask'))).json()).toHaveProperty('result.task');
  expect(subject.agent.asked[0]?.tenant).toBe('red');
  const { taskId: id } = subject.agent.asked[0] ?? {};
  expect(await subject.call('GetTask', { tenant: 'red', id }, as('ada'))).toMatchObject({ id });
  expect(await (await post('/a2a/red/', 'GetTask', { id })).json()).toMatchObject({ result: { id } });
  expect(await readRefusal(await post('/a2a/blue', 'GetTask', { id }))).toMatchObject({ code: -32001 });
  expect(await readRefusal(await post('/a2a/red', 'GetTask', { id, tenant: 'blue' }))).toMatchObject({ code: -32602 });
});

describe('credentials', () => {
  const methods = [...Object.keys(calls), 'ListTasks', 'GetExtendedAgentCard'];

  test.each(methods)('%s without any is 401 with a challenge, and does nothing', async (method) => {
    await using subject = guarded();
    const refusal = await subject.refuse(method, method === 'SendMessage' ? say('work') : (calls[method]?.('x') ?? {}));
    expect(refusal.status).toBe(401);
    expect(refusal.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(subject.agent.asked).toHaveLength(0);
  });

  test('that are bad are 401 with the reason', async () => {
    await using subject = guarded();
    const refusal = await subject.refuse('SendMessage', say('work'), as('expired'));
    expect(refusal).toMatchObject({ status: 401, reason: 'TOKEN_EXPIRED' });
    expect(refusal.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(subject.agent.asked).toHaveLength(0);
  });

  test('are asked for as the card declares them', async () => {
    const securitySchemes = { basic: { httpAuthSecurityScheme: { scheme: 'Basic' } } };
    const securityRequirements = [{ schemes: { basic: {} } }];
    await using subject = createSubject({ authenticator, card: { ...card, securitySchemes, securityRequirements } });
    const refusal = await subject.refuse('GetTask', { id: 'x' });
    expect(refusal.headers.get('www-authenticate')).toMatch(/^Basic\b/);
  });

  test('appear in no log and in no answer', async () => {
    await using subject = guarded();
    const token = 'sk-very-secret-token';
    await subject.refuse('SendMessage', say('crash'), as(token));
    await subject.refuse('GetTask', { id: 'x' }, as(token));
    const task = await subject.task('fail', {}, as(token));
    expect(JSON.stringify([task, subject.logger.lines])).not.toContain(token);
  });
});

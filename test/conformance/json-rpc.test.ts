/** §9 and JSON-RPC 2.0 itself: the envelope, from both of its ends. */
import { describe, expect, test } from 'vitest';
import { createSubject, type Headers10, readRefusal, rpcBody, type Subject, say } from './subject.ts';

const post = (
  subject: Subject,
  body: string | Uint8Array<ArrayBuffer>,
  { path = '/a2a', ...headers }: Headers10 & { path?: string } = {},
) =>
  subject.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'a2a-version': '1.0', ...headers },
    body,
  });
const get = (id: string | number | null) => rpcBody('GetTask', { id: 'x' }, id);

test.each(['/a2a', '/a2a/'])('the endpoint answers at %s', async (path) => {
  await using subject = createSubject();
  expect(await readRefusal(await post(subject, get(1), { path }))).toMatchObject({ code: -32001 });
});

test.each([1, 0, -7, 2 ** 40, 'text', '', '1'])('an id of %o comes back with its type', async (id) => {
  await using subject = createSubject();
  const refused = await readRefusal(await post(subject, get(id)));
  expect(refused.id).toBe(id);
  const done = await (await post(subject, rpcBody('SendMessage', say('work'), id))).json();
  expect(done).toMatchObject({ id, result: { task: {} } });
});

test('a result has no error beside it, an error no result', async () => {
  await using subject = createSubject();
  const done: unknown = await (await post(subject, rpcBody('SendMessage', say('work')))).json();
  expect(done).toStrictEqual({ jsonrpc: '2.0', id: 1, result: expect.any(Object) });
  const refused: unknown = await (await post(subject, get(1))).json();
  const error = { code: -32001, message: expect.any(String), data: expect.any(Array) };
  expect(refused).toStrictEqual({ jsonrpc: '2.0', id: 1, error });
});

describe('what is no call is told what it is', () => {
  const cases = [
    { name: 'broken JSON', body: '{"jsonrpc": "2.0", "id": 1,', code: -32700, id: null },
    { name: 'an empty body', body: '', code: -32700, id: null },
    { name: 'a text', body: '"hello"', code: -32600, id: null },
    { name: 'null', body: 'null', code: -32600, id: null },
    { name: 'an empty object', body: '{}', code: -32600, id: null },
    { name: 'an empty batch', body: '[]', code: -32600, id: null },
    { name: 'no version', body: '{"id":1,"method":"GetTask","params":{"id":"x"}}', code: -32600, id: 1 },
    { name: 'another version', body: '{"jsonrpc":"1.0","id":1,"method":"GetTask"}', code: -32600, id: 1 },
    { name: 'a version that is a number', body: '{"jsonrpc":2.0,"id":1,"method":"GetTask"}', code: -32600, id: 1 },
    { name: 'no method', body: '{"jsonrpc":"2.0","id":3}', code: -32600, id: 3 },
    { name: 'a method that is a number', body: '{"jsonrpc":"2.0","id":3,"method":7}', code: -32600, id: 3 },
    { name: 'an id that is an object', body: '{"jsonrpc":"2.0","id":{},"method":"GetTask"}', code: -32600, id: null },
    { name: 'an id that is true', body: '{"jsonrpc":"2.0","id":true,"method":"GetTask"}', code: -32600, id: null },
    { name: 'an unknown method', body: '{"jsonrpc":"2.0","id":3,"method":"Nope"}', code: -32601, id: 3 },
    { name: 'a method in another case', body: '{"jsonrpc":"2.0","id":3,"method":"getTask"}', code: -32601, id: 3 },
    { name: 'a method of objects', body: '{"jsonrpc":"2.0","id":3,"method":"toString"}', code: -32601, id: 3 },
    {
      name: 'a method of v0.3 under v1.0',
      body: '{"jsonrpc":"2.0","id":3,"method":"message/send"}',
      code: -32601,
      id: 3,
    },
    { name: 'no params', body: '{"jsonrpc":"2.0","id":3,"method":"GetTask"}', code: -32602, id: 3 },
    {
      name: 'params in a list',
      body: '{"jsonrpc":"2.0","id":3,"method":"GetTask","params":["x"]}',
      code: -32602,
      id: 3,
    },
    { name: 'params of text', body: '{"jsonrpc":"2.0","id":3,"method":"GetTask","params":"x"}', code: -32602, id: 3 },
  ];
  test.each(cases)('$name is $code', async ({ body, code, id }) => {
    await using subject = createSubject();
    const refusal = await readRefusal(await post(subject, body));
    expect(refusal).toMatchObject({ status: 200, code, id });
  });

  test('a body that is no UTF-8 is -32700', async () => {
    await using subject = createSubject();
    const body = Uint8Array.from([...new TextEncoder().encode('{"jsonrpc":"2.0","id":"'), 0xff, 0x22, 0x7d]);
    expect(await readRefusal(await post(subject, body))).toMatchObject({ code: -32700 });
  });

  test('a body that is too large is 413, one that is too deep -32600', async () => {
    await using subject = createSubject({ limits: { maxBodyBytes: 4_096, maxDepth: 16 } });
    const large = await post(subject, rpcBody('SendMessage', say('x'.repeat(5_000))));
    expect(large.status).toBe(413);
    const deep = `${'['.repeat(40)}${']'.repeat(40)}`;
    const params = `{"message":{"messageId":"m","role":"ROLE_USER","parts":[{"data":${deep}}]}}`;
    const reply = await post(subject, `{"jsonrpc":"2.0","id":1,"method":"SendMessage","params":${params}}`);
    expect(await readRefusal(reply)).toMatchObject({ code: -32600 });
  });
});

describe('Content-Type', () => {
  test.each([
    { type: 'text/plain', body: '{' },
    { type: 'text/plain', body: rpcBody('GetTask', { id: 'x' }) },
    { type: null, body: '{}' },
    { type: 'application/xml', body: '<a/>' },
    { type: 'text/plain; application/json', body: '{}' },
  ])('$type is -32005, whatever its body', async ({ type, body }) => {
    await using subject = createSubject();
    // Bytes, because a text gets a type of its own from fetch.
    const reply = await post(subject, new TextEncoder().encode(body), { 'content-type': type });
    expect(await readRefusal(reply)).toMatchObject({ code: -32005, reason: 'CONTENT_TYPE_NOT_SUPPORTED' });
  });

  test.each(['application/json', 'application/json; charset=utf-8', 'Application/JSON'])('%s is read', async (type) => {
    await using subject = createSubject();
    expect(await readRefusal(await post(subject, get(1), { 'content-type': type }))).toMatchObject({ code: -32001 });
  });
});

describe('notifications', () => {
  test('get no reply, and are carried out', async () => {
    await using subject = createSubject();
    const body = JSON.stringify({ jsonrpc: '2.0', method: 'SendMessage', params: say('work') });
    const reply = await post(subject, body);
    expect(reply.status).toBe(204);
    expect(await reply.text()).toBe('');
    expect(subject.agent.asked).toHaveLength(1);
  });

  test.each([
    { name: 'a refusal', body: JSON.stringify({ jsonrpc: '2.0', method: 'GetTask', params: { id: 'x' } }) },
    { name: 'an unknown method', body: JSON.stringify({ jsonrpc: '2.0', method: 'Nope' }) },
    { name: 'a batch of them', body: JSON.stringify([{ jsonrpc: '2.0', method: 'GetTask', params: { id: 'x' } }]) },
  ])('get no reply to $name', async ({ body }) => {
    await using subject = createSubject();
    expect(await (await post(subject, body)).text()).toBe('');
  });
});

describe('batches', () => {
  test('fan out, and each call gets its own reply', async () => {
    await using subject = createSubject();
    const { id } = await subject.task('work');
    const body = `[${rpcBody('GetTask', { id }, 'a')},7,${get(2)},${JSON.stringify({ jsonrpc: '2.0', method: 'GetTask' })}]`;
    const replies = await (await post(subject, body)).json();
    expect(replies).toHaveLength(3);
    expect(replies).toMatchObject([
      { id: 'a', result: { id } },
      { id: null, error: { code: -32600 } },
      { id: 2, error: { code: -32001 } },
    ]);
  });
});

test('a __proto__ among the params pollutes nothing', async () => {
  await using subject = createSubject();
  const body = '{"jsonrpc":"2.0","id":3,"method":"GetTask","params":{"id":"x","__proto__":{"polluted":1}}}';
  expect((await readRefusal(await post(subject, body))).code).toBeLessThan(0);
  expect({}).not.toHaveProperty('polluted');
});

test('every method of the specification is there under its name', async () => {
  await using subject = createSubject();
  const methods = [
    'SendMessage',
    'SendStreamingMessage',
    'GetTask',
    'ListTasks',
    'CancelTask',
    'SubscribeToTask',
    'CreateTaskPushNotificationConfig',
    'GetTaskPushNotificationConfig',
    'ListTaskPushNotificationConfigs',
    'DeleteTaskPushNotificationConfig',
    'GetExtendedAgentCard',
  ];
  for (const method of methods) {
    const reply: unknown = await (await post(subject, rpcBody(method, { pageSize: -1 }))).json();
    expect(reply, method).not.toMatchObject({ error: { code: -32601 } });
  }
});

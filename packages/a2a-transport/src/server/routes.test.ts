import { createMemoryLogger } from '@skein/contracts/testing';
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { ApplicationError } from '../errors.ts';
import { callMethod, postRaw } from '../testing/rpc.ts';
import { createTestCard, textMessage } from '../testing/test-agent.ts';
import type { AgentExecutor } from './agent-executor.ts';
import { createA2AServer } from './server.ts';

const executor: AgentExecutor = {
  async *execute({ message }) {
    const text = message.parts[0]?.text;
    if (text === 'crash') throw new Error('the password is hunter2');
    if (text === 'busy') {
      const refusal = { domain: 'test', reason: 'BUSY', message: 'busy', httpStatus: 429, retryAfterMs: 1_200 };
      throw new ApplicationError({ ...refusal, metadata: { queue: 'full' } });
    }
    yield { status: { state: 'TASK_STATE_COMPLETED' } };
  },
};
const logger = createMemoryLogger();
const server = createA2AServer({ card: createTestCard(), executor, logger });
const call = (id: unknown, method = 'GetTask', params: unknown = { id: 'unknown' }) => ({
  jsonrpc: '2.0',
  id,
  method,
  params,
});
const error = (code: number, id: unknown = null) => ({ jsonrpc: '2.0', id, error: { code } });

describe('JSON-RPC answers under HTTP 200', () => {
  test.each([
    { name: 'broken JSON', body: '{"jsonrpc"', reply: error(-32700) },
    { name: 'an empty body', body: '', reply: error(-32700) },
    { name: 'null', body: 'null', reply: error(-32600) },
    { name: 'an empty batch', body: '[]', reply: error(-32600) },
    { name: 'a batch of null', body: '[null]', reply: [error(-32600)] },
    { name: 'a batch of one', body: JSON.stringify([call(1)]), reply: [error(-32001, 1)] },
    {
      name: 'a batch of three',
      body: JSON.stringify([call('a'), 7, call(2)]),
      reply: [error(-32001, 'a'), error(-32600), error(-32001, 2)],
    },
    {
      name: 'a stream in a batch',
      body: JSON.stringify([call(1, 'SendStreamingMessage', textMessage('hi'))]),
      reply: [error(-32600, 1)],
    },
    { name: 'no method', body: '{"jsonrpc":"2.0","id":3}', reply: error(-32600, 3) },
    { name: 'an unknown method', body: '{"jsonrpc":"2.0","id":3,"method":"Nope"}', reply: error(-32601, 3) },
    { name: 'a method of v0.3', body: '{"jsonrpc":"2.0","id":3,"method":"message/send"}', reply: error(-32601, 3) },
    { name: 'no params', body: '{"jsonrpc":"2.0","id":3,"method":"GetTask"}', reply: error(-32602, 3) },
    {
      name: 'params in a list',
      body: '{"jsonrpc":"2.0","id":3,"method":"GetTask","params":["x"]}',
      reply: error(-32602, 3),
    },
    {
      name: 'params of text',
      body: '{"jsonrpc":"2.0","id":3,"method":"GetTask","params":"x"}',
      reply: error(-32602, 3),
    },
    {
      name: 'a negative history',
      body: JSON.stringify(call(1, 'GetTask', { id: 'x', historyLength: -1 })),
      reply: error(-32602, 1),
    },
    {
      name: 'an empty part list',
      body: JSON.stringify(call(1, 'SendMessage', textMessage('', { parts: [] }))),
      reply: error(-32602, 1),
    },
    {
      name: 'a push configuration',
      body: JSON.stringify(
        call(1, 'SendMessage', { ...textMessage('x'), configuration: { taskPushNotificationConfig: { url: 'x' } } }),
      ),
      reply: error(-32003, 1),
    },
    { name: 'an unknown task', body: JSON.stringify(call(1)), reply: error(-32001, 1) },
    { name: 'an unknown task to cancel', body: JSON.stringify(call(1, 'CancelTask')), reply: error(-32001, 1) },
    {
      name: 'a crash before the first event',
      body: JSON.stringify(call(1, 'SendMessage', textMessage('crash'))),
      reply: error(-32603, 1),
    },
    {
      name: 'a crash instead of a stream',
      body: JSON.stringify(call(1, 'SendStreamingMessage', textMessage('crash'))),
      reply: error(-32603, 1),
    },
    {
      name: 'prototype pollution',
      body: '{"jsonrpc":"2.0","id":3,"method":"GetTask","params":{"__proto__":{}}}',
      reply: error(-32600, 3),
    },
  ])('$name', async ({ body, reply }) => {
    const answer = await postRaw(server, body);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/json');
    expect(answer.body).toMatchObject(reply);
    expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|null,"error":null|"result"/);
  });
});

test.each([
  { type: 'text/plain', body: '{' },
  { type: null, body: '{}' },
  { type: 'application/jsonp', body: '{}' },
  { type: 'text/plain; application/json', body: '{}' },
])('a body of $type is refused before it is read', async ({ type, body }) => {
  // A byte body, because fetch gives a text body a type of its own.
  const answer = await postRaw(server, new TextEncoder().encode(body), { 'content-type': type });
  expect(answer).toMatchObject({ status: 200, body: error(-32005) });
});

test.each(['application/json; charset=utf-8', 'Application/JSON'])('a body of %s is read', async (type) => {
  expect((await postRaw(server, '{', { 'content-type': type })).body).toMatchObject(error(-32700));
});

test.each(['/a2a', '/a2a/'])('the endpoint answers at %s', async (path) => {
  expect((await postRaw(server, JSON.stringify(call(1)), {}, path)).body).toMatchObject(error(-32001, 1));
});

test.each([{ length: true }, { length: false }])(
  'a body over the limit is 413, its length declared: $length',
  async ({ length }) => {
    const small = createA2AServer({ card: createTestCard(), executor, limits: { maxBodyBytes: 100 } });
    const post = (size: number) => postRaw(small, 'x'.repeat(size), length ? { 'content-length': String(size) } : {});
    expect(await post(101)).toMatchObject({ status: 413, body: error(-32600) });
    expect(await post(100)).toMatchObject({ status: 200, body: error(-32700) });
  },
);

test.each([
  JSON.stringify({ ...call(1), id: undefined }),
  JSON.stringify([{ ...call(1), id: undefined }]),
  JSON.stringify({ ...call(1, 'SendMessage', textMessage('crash')), id: undefined }),
  JSON.stringify({ ...call(1, 'SendStreamingMessage', textMessage('hi')), id: undefined }),
])('a notification gets 204 and no body: %s', async (body) => {
  expect(await postRaw(server, body)).toMatchObject({ status: 204, body: undefined });
});

test.each([
  { version: '1.0', known: true },
  { version: '1.0.3', known: true },
  { version: ' 1.0 ', known: true },
  { version: '99.0', known: false },
  { version: '0.3', known: false },
  { version: '1.1', known: false },
  { version: '1.0.x', known: false },
  { version: '', known: false },
  { version: null, known: false },
])('version $version is spoken: $known', async ({ version, known }) => {
  const { body } = await callMethod(server, 'GetTask', { id: 'unknown' }, { 'a2a-version': version });
  expect(body).toMatchObject(error(known ? -32001 : -32009, 1));
});

test('the version may stand in the query', async () => {
  const ask = (version: string) =>
    postRaw(server, JSON.stringify(call(1)), { 'a2a-version': null }, `/a2a?A2A-Version=${version}`);
  expect((await ask('1.0')).body).toMatchObject(error(-32001, 1));
  expect((await ask('2.0')).body).toMatchObject(error(-32009, 1));
});

test("an application's refusal brings its HTTP status, Retry-After and ErrorInfo", async () => {
  const { status, headers, body } = await callMethod(server, 'SendMessage', textMessage('busy'));
  expect(status).toBe(429);
  expect(headers.get('retry-after')).toBe('2');
  expect(body).toMatchObject({
    error: { code: -31000, message: 'busy', data: [{ reason: 'BUSY', domain: 'test', metadata: { queue: 'full' } }] },
  });
});

test('a failure that was not meant for the caller is told to the log', async () => {
  await callMethod(server, 'SendMessage', textMessage('crash'));
  expect(logger.lines.at(-1)).toMatchObject({ level: 'error', fields: { error: expect.any(Error) } });
});

test('requests in the spelling of protobuf are understood, and answered in ours', async () => {
  const message = {
    message_id: 'm',
    role: 'ROLE_USER',
    parts: [{ text: 'hi', media_type: 'text/plain', url: null }],
    context_id: 'c',
    task_id: null,
  };
  const sent = await callMethod(server, 'SendMessage', { message, configuration: { history_length: 1 } });
  expect(sent.body).toMatchObject({
    result: {
      task: {
        contextId: 'c',
        history: [{ messageId: 'm', contextId: 'c', parts: [{ text: 'hi', mediaType: 'text/plain' }] }],
      },
    },
  });
});

test('what belongs to users keeps its spelling', async () => {
  const parts = [{ data: { task_id: null }, metadata: { media_type: 1 } }];
  const sent = await callMethod(server, 'SendMessage', textMessage('x', { parts, metadata: { context_id: 'mine' } }));
  expect(sent.body).toMatchObject({ result: { task: { history: [{ parts, metadata: { context_id: 'mine' } }] } } });
});

test('a server that closes answers 503', async () => {
  const closing = createA2AServer({ card: createTestCard(), executor });
  await Promise.all([closing.close(), closing.close()]);
  expect(await callMethod(closing, 'GetTask', { id: 'x' })).toMatchObject({ status: 503, body: error(-32603) });
});

test('middleware may read the body of a call before it is answered', async () => {
  const app = new Hono();
  app.use(async (c, next) => {
    await c.req.text();
    await next();
  });
  app.route('/', server.app);
  const { body } = await postRaw({ app }, JSON.stringify(call(1)));
  expect(body).toMatchObject(error(-32001, 1));
});

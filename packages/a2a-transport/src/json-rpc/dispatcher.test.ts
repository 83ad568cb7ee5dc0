import { expect, test } from 'vitest';
import { A2AError } from '../errors.ts';
import { createDispatcher, type Method } from './dispatcher.ts';

const dispatch = createDispatcher<{ caller: string }>(
  new Map<string, Method<{ caller: string }>>([
    ['Hello', { handle: async (params, { caller }) => ({ params, caller }) }],
    ['Nothing', { handle: async () => undefined }],
    ['Respelt', { handle: async () => 'taskId', write: (result) => ({ said: result }) }],
    ['Fail', { handle: () => Promise.reject(new Error('the password is hunter2')) }],
    ['Refuse', { handle: () => Promise.reject(new A2AError('TASK_NOT_FOUND', 'Task not found')) }],
    [
      'FailAtOnce',
      {
        handle() {
          throw new Error('the password is hunter2');
        },
      },
    ],
  ]),
  {
    before(method) {
      if (method === 'Closed') throw new A2AError('UNSUPPORTED_OPERATION', 'closed');
    },
  },
);
const call = (method: string, id: string | number | null | undefined = 1) =>
  dispatch({ id, method, params: { a: 1 } }, { caller: 'me' });

test('a method gets its params and context, and its result goes back under the same id', async () => {
  for (const id of [0, 7, '7', '', null]) {
    const { reply, cause } = await call('Hello', id);
    expect(reply).toStrictEqual({ jsonrpc: '2.0', id, result: { params: { a: 1 }, caller: 'me' } });
    expect(cause).toBeUndefined();
  }
});

test('a result of nothing is an empty object, never null', async () => {
  expect((await call('Nothing')).reply).toStrictEqual({ jsonrpc: '2.0', id: 1, result: {} });
});

test('a result is said as its method says it', async () => {
  expect((await call('Respelt')).reply).toStrictEqual({ jsonrpc: '2.0', id: 1, result: { said: 'taskId' } });
});

test.each([
  { method: 'FailAtOnce', code: -32603, message: 'Internal error' },
  { method: 'Fail', code: -32603, message: 'Internal error' },
  { method: 'Refuse', code: -32001, message: 'Task not found' },
  { method: 'Unknown', code: -32601, message: 'Method not found' },
  { method: 'toString', code: -32601, message: 'Method not found' },
  { method: 'rpc.discover', code: -32601, message: 'Method not found' },
  { method: 'Closed', code: -32004, message: 'closed' },
])('$method answers $code, and the cause is kept for the log', async ({ method, code, message }) => {
  const { reply, cause } = await call(method);
  expect(reply).toMatchObject({ jsonrpc: '2.0', id: 1, error: { code, message } });
  expect(Object.keys(reply ?? {})).toEqual(['jsonrpc', 'id', 'error']);
  expect(JSON.stringify(reply)).not.toContain('hunter2');
  expect(cause).toBeInstanceOf(Error);
});

test.each(['Hello', 'Nothing', 'Fail', 'Refuse', 'Unknown', 'Closed'])(
  'a notification of %s has no reply',
  async (method) => {
    expect((await dispatch({ id: undefined, method, params: {} }, { caller: 'me' })).reply).toBeUndefined();
  },
);

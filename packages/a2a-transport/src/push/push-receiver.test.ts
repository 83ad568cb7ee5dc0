import type { StreamResponse } from '@skein/contracts/a2a';
import { createMemoryLogger } from '@skein/contracts/testing';
import { describe, expect, test } from 'vitest';
import { createPushReceiver, type PushReceiverOptions } from './push-receiver.ts';

const event: StreamResponse = {
  statusUpdate: { taskId: 't', contextId: 'c', status: { state: 'TASK_STATE_WORKING' } },
};
const secrets = { token: 'tok', authentication: { scheme: 'Bearer', credentials: 'cred' } };
const known = { authorization: 'Bearer cred', 'x-a2a-notification-token': 'tok' };

function receive(options: Partial<PushReceiverOptions> = {}) {
  const taken: string[] = [];
  const app = createPushReceiver({ ...secrets, onEvent: (_event, { taskId }) => void taken.push(taskId), ...options });
  const post = async (headers: Record<string, string>, body: string = JSON.stringify(event), path = '/') =>
    (await app.request(path, { method: 'POST', headers, body })).status;
  return { taken, post };
}

test('an event comes in as it was sent, and is acknowledged without a word', async () => {
  const events: unknown[] = [];
  const { post } = receive({ onEvent: (...args) => void events.push(args), path: '/hooks/a2a' });
  expect(await post({ ...known, 'idempotency-key': '"t:1"' }, JSON.stringify(event), '/hooks/a2a')).toBe(204);
  expect(events).toEqual([[event, { taskId: 't', key: '"t:1"' }]]);
});

describe('who does not know the secrets stays outside', () => {
  test.each<[string, Record<string, string>]>([
    ['nothing', {}],
    ['no credentials and an empty scheme', { 'x-a2a-notification-token': 'tok', authorization: '' }],
    ['no credentials', { 'x-a2a-notification-token': 'tok' }],
    ['another token', { ...known, 'x-a2a-notification-token': 'tokk' }],
    ['other credentials', { ...known, authorization: 'Bearer cre' }],
    ['another scheme', { ...known, authorization: 'Basic cred' }],
    ['credentials alone', { ...known, authorization: 'cred' }],
  ])('%s', async (_what, headers) => {
    const { post, taken } = receive();
    expect(await post(headers)).toBe(401);
    expect(taken).toEqual([]);
  });

  test('the scheme is compared as HTTP does, whatever its case', async () => {
    expect(await receive().post({ ...known, authorization: 'bearer cred' })).toBe(204);
  });

  test('credentials are enough where the sender sends no token, as the official SDKs do', async () => {
    expect(await receive().post({ authorization: 'Bearer cred' })).toBe(204);
  });

  test('one secret is enough where the configuration has one', async () => {
    const app = createPushReceiver({ token: 'tok', onEvent: () => {} });
    const headers = { 'x-a2a-notification-token': 'tok' };
    expect((await app.request('/', { method: 'POST', headers, body: JSON.stringify(event) })).status).toBe(204);
    expect((await app.request('/', { method: 'POST', body: JSON.stringify(event) })).status).toBe(401);
  });

  test('a receiver without any secret is not made', () => {
    expect(() => createPushReceiver({ onEvent: () => {} })).toThrow(/needs the token or the authentication/);
  });
});

test.each([
  ['no JSON', '{'],
  ['no event', '{"hello":"world"}'],
  ['a JSON-RPC envelope', JSON.stringify({ jsonrpc: '2.0', id: 1, result: event })],
  ['a poisoned prototype', '{"statusUpdate":{"__proto__":{}}}'],
  [
    'a message without a task',
    JSON.stringify({ message: { messageId: 'm', role: 'ROLE_AGENT', parts: [{ text: '' }] } }),
  ],
])('%s is refused', async (_what, body) => {
  const { post, taken } = receive();
  expect([await post(known, body), taken]).toEqual([400, []]);
});

test('too much is refused', async () => {
  expect(await receive({ maxBodyBytes: 10 }).post(known)).toBe(413);
});

test('what cannot be taken is to come again, and its receiver says so to its log alone', async () => {
  let fails = true;
  const logger = createMemoryLogger();
  const onEvent = async () => {
    if (fails) throw new Error('full');
  };
  const { post } = receive({ onEvent, logger });
  expect(await post({ ...known, 'idempotency-key': 'k' })).toBe(500);
  expect(logger.lines).toMatchObject([{ message: 'push notification was not taken', fields: { taskId: 't' } }]);
  fails = false;
  expect(await post({ ...known, 'idempotency-key': 'k' })).toBe(204);
});

test('an event that comes again is taken once, also while the first is being worked on', async () => {
  const { promise, resolve } = deferred();
  let count = 0;
  const { post } = receive({
    remembered: 2,
    onEvent: async () => {
      count += 1;
      if (count === 1) await promise;
    },
  });
  const both = Promise.all([1, 2].map(() => post({ ...known, 'idempotency-key': 'k1' })));
  resolve();
  expect(await both).toEqual([204, 204]);
  await post({ ...known, 'idempotency-key': 'k1' });
  expect(count).toBe(1);
  for (const key of ['k2', 'k3', 'k1']) await post({ ...known, 'idempotency-key': key });
  expect(count).toBe(4); // the oldest was forgotten: memory is bounded
  await post(known);
  await post(known);
  expect(count).toBe(6); // what has no key cannot be told apart
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

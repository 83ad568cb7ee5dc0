import { expect, test } from 'vitest';
import { createCaller } from './caller.ts';

test('each call has an id of its own, and gets the result of the reply to it', async () => {
  const caller = createCaller();
  const ids: unknown[] = [];
  for (const result of [{ a: 1 }, null, 0]) {
    const answer = await caller.call('M', { p: 1 }, async (request) => {
      ids.push(request.id);
      expect(request).toMatchObject({ jsonrpc: '2.0', method: 'M', params: { p: 1 } });
      return { jsonrpc: '2.0', id: request.id, result };
    });
    expect(answer).toEqual(result);
  }
  expect(new Set(ids).size).toBe(3);
});

test.each([
  { name: 'another id', reply: { jsonrpc: '2.0', id: 'other', result: {} }, code: 'INVALID_REPLY' },
  { name: 'no id', reply: { jsonrpc: '2.0', id: null, result: {} }, code: 'INVALID_REPLY' },
  { name: 'no envelope', reply: { ok: true }, code: 'INVALID_REPLY' },
  { name: 'nothing', reply: undefined, code: 'INVALID_REPLY' },
  { name: 'a batch', reply: [], code: 'INVALID_REPLY' },
  { name: 'an error', reply: { jsonrpc: '2.0', id: 1, error: { code: -32001, message: 'm' } }, code: 'RPC_ERROR' },
  {
    name: 'an error without an id',
    reply: { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'm' } },
    code: 'RPC_ERROR',
  },
])('a reply with $name rejects with $code instead of waiting for ever', async ({ reply, code }) => {
  await expect(createCaller().call('M', {}, async () => reply)).rejects.toMatchObject({ code });
});

test('a failure of the exchange arrives as it is', async () => {
  const failure = new Error('mine');
  const failing = createCaller().call('M', {}, async () => {
    throw failure;
  });
  await expect(failing).rejects.toBe(failure);
});

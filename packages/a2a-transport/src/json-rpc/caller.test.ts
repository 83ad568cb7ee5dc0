import { expect, test } from 'vitest';
import { createRequests, readResult } from './caller.ts';

test('each request has an id of its own, and what it asks', () => {
  const requestOf = createRequests();
  const requests = [1, 2, 3].map((p) => requestOf('M', { p }));
  expect(requests[1]).toEqual({ jsonrpc: '2.0', id: requests[1]?.id, method: 'M', params: { p: 2 } });
  expect(new Set(requests.map(({ id }) => id)).size).toBe(3);
});

const request = createRequests()('M', {});
const { id } = request;

test.each([{ a: 1 }, null, 0, false])('the result %j is the reply’s', (result) => {
  expect(readResult({ jsonrpc: '2.0', id, result }, request)).toEqual(result);
  expect(readResult({ jsonrpc: '2.0', id, result, error: null }, request)).toEqual(result);
});

test.each([
  { name: 'another id', reply: { jsonrpc: '2.0', id: 'other', result: {} }, code: 'INVALID_REPLY' },
  { name: 'no id', reply: { jsonrpc: '2.0', id: null, result: {} }, code: 'INVALID_REPLY' },
  { name: 'an id of no kind', reply: { jsonrpc: '2.0', id: {}, result: {} }, code: 'INVALID_REPLY' },
  { name: 'no version', reply: { id, result: {} }, code: 'INVALID_REPLY' },
  { name: 'no result', reply: { jsonrpc: '2.0', id }, code: 'INVALID_REPLY' },
  { name: 'no envelope', reply: { ok: true }, code: 'INVALID_REPLY' },
  { name: 'nothing', reply: undefined, code: 'INVALID_REPLY' },
  { name: 'null', reply: null, code: 'INVALID_REPLY' },
  { name: 'a text', reply: 'text', code: 'INVALID_REPLY' },
  { name: 'a batch', reply: [], code: 'INVALID_REPLY' },
  { name: 'an error that is none', reply: { jsonrpc: '2.0', id, error: 'bad' }, code: 'INVALID_REPLY' },
  { name: 'an error', reply: { jsonrpc: '2.0', id, error: { code: -32001, message: 'm' } }, code: 'RPC_ERROR' },
  {
    name: 'an error without an id',
    reply: { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'm' } },
    code: 'RPC_ERROR',
  },
])('a reply with $name is $code', ({ reply, code }) => {
  expect(() => readResult(reply, request)).toThrow(expect.objectContaining({ code }));
});

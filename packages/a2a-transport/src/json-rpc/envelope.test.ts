import { describe, expect, test } from 'vitest';
import { A2AError } from '../errors.ts';
import { JsonRpcReply, readRequestBody } from './envelope.ts';

const limits = { maxDepth: 64, maxBatch: 3 };
const read = (text: string) => readRequestBody(new TextEncoder().encode(text), limits);
const entriesOf = (text: string) => {
  const body = read(text);
  return 'batch' in body ? body.batch : [body.entry];
};
const shape = (text: string) =>
  entriesOf(text).map((entry) => ('call' in entry ? entry.call : { reason: entry.refusal.reason, id: entry.id }));

describe('a body that answers nobody singly is refused whole', () => {
  test.each([
    { text: '', reason: 'PARSE_ERROR' },
    { text: '{', reason: 'PARSE_ERROR' },
    { text: '{"jsonrpc":"2.0",}', reason: 'PARSE_ERROR' },
    { text: 'undefined', reason: 'PARSE_ERROR' },
    { text: '\ufeff\u0000', reason: 'PARSE_ERROR' },
    { text: '[]', reason: 'INVALID_REQUEST' },
    { text: '[1,1,1,1]', reason: 'INVALID_REQUEST' },
  ])('$text → $reason', ({ text, reason }) => {
    expect(() => read(text)).toThrow(expect.objectContaining({ name: 'A2AError', reason }));
  });

  test('bytes that are no UTF-8', () => {
    expect(() => readRequestBody(new Uint8Array([0x22, 0xff, 0x22]), limits)).toThrow(A2AError);
  });
});

describe('an entry is a call, or a refusal with the id that it names', () => {
  const invalid = (id: unknown = null) => ({ reason: 'INVALID_REQUEST', id });
  test.each([
    { text: 'null', entries: [invalid()] },
    { text: '1', entries: [invalid()] },
    { text: '"SendMessage"', entries: [invalid()] },
    { text: '{}', entries: [invalid()] },
    { text: '{"method":"A","id":1}', entries: [invalid(1)] },
    { text: '{"jsonrpc":"1.0","method":"A","id":1}', entries: [invalid(1)] },
    { text: '{"jsonrpc":2.0,"method":"A","id":1}', entries: [invalid(1)] },
    { text: '{"jsonrpc":"2.0","id":"x"}', entries: [invalid('x')] },
    { text: '{"jsonrpc":"2.0","method":"","id":1}', entries: [invalid(1)] },
    { text: '{"jsonrpc":"2.0","method":7,"id":1}', entries: [invalid(1)] },
    { text: '{"jsonrpc":"2.0","method":"A","id":{}}', entries: [invalid()] },
    { text: '{"jsonrpc":"2.0","method":"A","id":true}', entries: [invalid()] },
    { text: '{"jsonrpc":"2.0","method":"A","id":1e999}', entries: [invalid()] },
    { text: '{"jsonrpc":"2.0","method":"A","id":1.5}', entries: [{ id: 1.5, method: 'A', params: undefined }] },
    { text: '{"jsonrpc":"2.0","method":"A","id":-1e20}', entries: [{ id: -1e20, method: 'A', params: undefined }] },
    { text: '{"jsonrpc":"2.0","method":"A","id":1,"params":{"__proto__":{}}}', entries: [invalid(1)] },
    { text: '[null]', entries: [invalid()] },
    { text: '[[]]', entries: [invalid()] },
    { text: '{"jsonrpc":"2.0","method":"A","id":1}', entries: [{ id: 1, method: 'A', params: undefined }] },
    { text: '{"jsonrpc":"2.0","method":"A","id":"1"}', entries: [{ id: '1', method: 'A', params: undefined }] },
    { text: '{"jsonrpc":"2.0","method":"A","id":null}', entries: [{ id: null, method: 'A', params: undefined }] },
    { text: '{"jsonrpc":"2.0","method":"A","params":{}}', entries: [{ id: undefined, method: 'A', params: {} }] },
    {
      text: '[{"jsonrpc":"2.0","method":"A","id":1,"x":0},2]',
      entries: [{ id: 1, method: 'A', params: undefined }, invalid()],
    },
  ])('$text', ({ text, entries }) => {
    expect(shape(text)).toEqual(entries);
    expect('batch' in read(text)).toBe(text.startsWith('['));
  });

  test('one bad entry of a batch does not spoil the others', () => {
    const deep = '['.repeat(70) + ']'.repeat(70);
    const text = `[{"jsonrpc":"2.0","method":"A","id":1,"params":${deep}},{"jsonrpc":"2.0","method":"B","id":2}]`;
    expect(shape(text)).toEqual([
      { reason: 'INVALID_REQUEST', id: 1 },
      { id: 2, method: 'B', params: undefined },
    ]);
  });
});

test.each([
  { reply: { jsonrpc: '2.0', id: 1, result: {} }, key: 'result' },
  { reply: { jsonrpc: '2.0', id: 1, result: null }, key: 'result' },
  { reply: { jsonrpc: '2.0', id: 1, result: 0, error: null }, key: 'result' },
  { reply: { jsonrpc: '2.0', id: null, error: { code: 1, message: 'a' } }, key: 'error' },
  { reply: { jsonrpc: '2.0', id: 1 }, key: undefined },
  { reply: { jsonrpc: '2.0', id: 1, error: null }, key: undefined },
  { reply: { id: 1, result: {} }, key: undefined },
  { reply: { jsonrpc: '2.0', id: 1, error: { code: 'x', message: 'a' } }, key: undefined },
  { reply: [], key: undefined },
])('a reply is a result or an error: $reply → $key', ({ reply, key }) => {
  const read = JsonRpcReply.safeParse(reply).data;
  expect(read && Object.keys(read).filter((name) => name === 'result' || name === 'error')).toEqual(key && [key]);
});

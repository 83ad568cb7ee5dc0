import { expect, test } from 'vitest';
import { A2AError, ApplicationError } from '../errors.ts';
import { isRefusal, readJsonRpcError, toJsonRpcError } from './errors.ts';

const type = 'type.googleapis.com/google.rpc.ErrorInfo';

test.each([
  { reason: 'PARSE_ERROR', code: -32700 },
  { reason: 'INVALID_REQUEST', code: -32600 },
  { reason: 'METHOD_NOT_FOUND', code: -32601 },
  { reason: 'INVALID_PARAMS', code: -32602 },
  { reason: 'INTERNAL_ERROR', code: -32603 },
  { reason: 'TASK_NOT_FOUND', code: -32001 },
  { reason: 'TASK_NOT_CANCELABLE', code: -32002 },
  { reason: 'PUSH_NOTIFICATION_NOT_SUPPORTED', code: -32003 },
  { reason: 'UNSUPPORTED_OPERATION', code: -32004 },
  { reason: 'CONTENT_TYPE_NOT_SUPPORTED', code: -32005 },
  { reason: 'INVALID_AGENT_RESPONSE', code: -32006 },
  { reason: 'EXTENSION_SUPPORT_REQUIRED', code: -32008 },
  { reason: 'VERSION_NOT_SUPPORTED', code: -32009 },
] as const)('$reason travels as $code and is read back', ({ reason, code }) => {
  const error = toJsonRpcError(new A2AError(reason, 'said', { metadata: { taskId: 't' } }));
  const info = { '@type': type, reason, domain: 'a2a-protocol.org', metadata: { taskId: 't' } };
  expect(error).toEqual({ code, message: 'said', data: [info] });
  expect(readJsonRpcError(error)).toEqual({ ...info, '@type': undefined, code, message: 'said' });
});

test("an application's error keeps its own domain, and a code that nobody reserves", () => {
  const error = toJsonRpcError(new ApplicationError({ domain: 'skein', reason: 'NODE_SEALED', message: 'no' }));
  expect(error).toEqual({
    code: -31000,
    message: 'no',
    data: [{ '@type': type, reason: 'NODE_SEALED', domain: 'skein' }],
  });
  expect(toJsonRpcError(new ApplicationError({ domain: 'd', reason: 'R', message: '', code: -5 })).code).toBe(-5);
});

test.each([new Error('password=hunter2'), 'text', undefined, { code: -32001, message: 'fake' }])(
  'what nobody meant for the caller (%o) says nothing',
  (cause) => {
    expect(isRefusal(cause)).toBe(false);
    expect(toJsonRpcError(cause)).toEqual({
      code: -32603,
      message: 'Internal error',
      data: [{ '@type': type, reason: 'INTERNAL_ERROR', domain: 'a2a-protocol.org' }],
    });
  },
);

test.each([
  { data: undefined, reason: 'TASK_NOT_FOUND' },
  { data: 'text', reason: 'TASK_NOT_FOUND' },
  { data: [{ '@type': 'other' }, 7], reason: 'TASK_NOT_FOUND' },
  { data: [{ '@type': 'other' }, { '@type': type, reason: 'MINE', domain: 'd' }], reason: 'MINE' },
])('without an ErrorInfo the number tells the reason: $data → $reason', ({ data, reason }) => {
  expect(readJsonRpcError({ code: -32001, message: 'm', data }).reason).toBe(reason);
});

test('an unknown number has no reason', () => {
  expect(readJsonRpcError({ code: 17, message: 'm' })).toEqual({ code: 17, message: 'm' });
});

test.each<[string, object]>([
  ['a code of letters', { code: 'X', message: 'x' }],
  ['no domain', { reason: 'X', message: 'x' }],
  ['no reason', { domain: 'agent.example', message: 'x' }],
])('an ApplicationError with %s is refused where it is made, for no reply may carry it', (_what, options) => {
  // What no program with types can hand in.
  const given = options as ConstructorParameters<typeof ApplicationError>[0];
  expect(() => new ApplicationError(given)).toThrow(TypeError);
});

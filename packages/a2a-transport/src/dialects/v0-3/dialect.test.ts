import { describe, expect, test } from 'vitest';
import { A2AClientError, A2AError } from '../../errors.ts';
import { v03Dialect } from './dialect.ts';

const { server, client, methods } = v03Dialect;

test('whoever lists tasks is told that v0.3 cannot', () => {
  expect(methods.listTasks).toBeUndefined();
  expect(() => server.readParams('listTasks', {})).toThrow('A2A v0.3 has no list of tasks over JSON-RPC');
  expect(() => client.writeParams('listTasks', {})).toThrow('A2A v0.3 has no list of tasks over JSON-RPC');
});

test('what makes no sense is the caller’s fault in a request and the agent’s in a reply', () => {
  expect(() => server.readParams('sendMessage', { message: 'hi' })).toThrow(A2AError);
  expect(() => client.readResult('sendMessage', { kind: 'task' })).toThrow(A2AClientError);
  expect(() => client.readResult('sendMessage', { kind: 'task' })).toThrow(
    'not an answer of A2A v0.3: task.status must be an object',
  );
});

describe('only a task is an answer where a task is asked for', () => {
  const status = { state: 'working' };
  test.each([
    { result: { kind: 'task', id: 't', status }, fits: true },
    { result: { id: 't', status }, fits: true },
    { result: { kind: 'status-update', taskId: 't', status }, fits: false },
    { result: null, fits: false },
  ])('$result → $fits', ({ result, fits }) => {
    const read = () => client.readResult('getTask', result);
    if (fits) expect(read()).toEqual({ id: 't', status: { state: 'TASK_STATE_WORKING' } });
    else expect(read).toThrow(A2AClientError);
  });
});

test.each([{ result: null }, { result: {} }, { result: undefined }])(
  'a deletion answered by $result is done',
  ({ result }) => {
    expect(client.readResult('deletePushConfig', result)).toEqual({});
  },
);

test.each([{ params: undefined }, { params: {} }, { params: null }])(
  'an extended card is asked for with $params',
  ({ params }) => {
    expect(server.readParams('getExtendedAgentCard', params)).toEqual({});
    expect(client.writeParams('getExtendedAgentCard', { tenant: 't' })).toBeUndefined();
  },
);

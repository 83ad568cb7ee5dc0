import { expect, test } from 'vitest';
import type { Dialect } from '../dialects/dialect.ts';
import { v03Dialect } from '../dialects/v0-3/dialect.ts';
import { v1 } from '../dialects/v1.ts';
import type { OperationName } from '../operations/operation.ts';
import { readOperationResult } from './operation-results.ts';

const status = { state: 'TASK_STATE_WORKING' };
const task = { id: 't', status };

test.each<{ name: string; dialect: Dialect; operation: OperationName; result: unknown }>([
  { name: 'a task without an id', dialect: v1, operation: 'getTask', result: { status } },
  { name: 'a bare task', dialect: v1, operation: 'sendMessage', result: task },
  { name: 'a wrapped task', dialect: v1, operation: 'cancelTask', result: { task } },
  { name: 'an unknown state', dialect: v1, operation: 'getTask', result: { id: 't', status: { state: 'done' } } },
  { name: 'a list', dialect: v1, operation: 'listTasks', result: [task] },
  { name: 'no configuration', dialect: v1, operation: 'getPushConfig', result: null },
  { name: 'a card without a name', dialect: v1, operation: 'getExtendedAgentCard', result: {} },
  { name: 'v1.0 in v0.3', dialect: v03Dialect, operation: 'sendMessage', result: { task } },
  { name: 'another kind', dialect: v03Dialect, operation: 'getTask', result: { ...task, kind: 'message' } },
])('$name is no answer to $operation', ({ dialect, operation, result }) => {
  const code = 'INVALID_REPLY';
  expect(() => readOperationResult(dialect, operation, result)).toThrow(expect.objectContaining({ code }));
});

test('what A2A does not know is kept, and what goes without saying is filled in', () => {
  const extended = { ...task, extra: 1, status: { ...status, extra: 2 } };
  expect(readOperationResult(v1, 'getTask', extended)).toEqual(extended);
  expect(readOperationResult(v1, 'sendMessage', { task: extended })).toEqual({ task: extended });
  expect(readOperationResult(v1, 'listTasks', {})).toMatchObject({ tasks: [], nextPageToken: '' });
  for (const nothing of [null, {}, undefined]) {
    expect(readOperationResult(v1, 'deletePushConfig', nothing)).toEqual({});
  }
});

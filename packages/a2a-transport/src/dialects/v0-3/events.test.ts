import { TaskState } from '@skein/contracts/a2a';
import { describe, expect, test } from 'vitest';
import { readEvent, writeEvent } from './events.ts';

const update = (state: TaskState) => ({ statusUpdate: { taskId: 't', contextId: 'c', status: { state } } });

test.each([
  { state: 'TASK_STATE_SUBMITTED', word: 'submitted', final: false },
  { state: 'TASK_STATE_WORKING', word: 'working', final: false },
  { state: 'TASK_STATE_AUTH_REQUIRED', word: 'auth-required', final: false },
  { state: 'TASK_STATE_INPUT_REQUIRED', word: 'input-required', final: true },
  { state: 'TASK_STATE_COMPLETED', word: 'completed', final: true },
  { state: 'TASK_STATE_FAILED', word: 'failed', final: true },
  { state: 'TASK_STATE_CANCELED', word: 'canceled', final: true },
  { state: 'TASK_STATE_REJECTED', word: 'rejected', final: true },
] as const)('$state is $word, final: $final', ({ state, word, final }) => {
  const wire = { kind: 'status-update', taskId: 't', contextId: 'c', status: { state: word }, final };
  expect(writeEvent(update(state))).toEqual(wire);
  expect(readEvent(wire)).toEqual(update(state));
});

test('every state has its word', () => {
  for (const state of TaskState.options) expect(readEvent(writeEvent(update(state)))).toEqual(update(state));
});

describe('an event without a kind is what it looks like', () => {
  const status = { state: 'working' };
  test.each([
    { wire: { id: 't', status }, key: 'task' },
    { wire: { taskId: 't', contextId: 'c', status, final: false }, key: 'statusUpdate' },
    { wire: { taskId: 't', contextId: 'c', artifact: { artifactId: 'a', parts: [] } }, key: 'artifactUpdate' },
    { wire: { messageId: 'm', taskId: 't', role: 'agent', parts: [] }, key: 'message' },
  ])('$wire → $key', ({ wire, key }) => {
    expect(Object.keys(readEvent(wire))).toEqual([key]);
  });
});

describe('an event that makes no sense is refused', () => {
  test.each([
    { wire: null, says: 'result must be an object' },
    { wire: [], says: 'result must be an object' },
    { wire: {}, says: 'kind must be' },
    { wire: { kind: 'progress' }, says: 'kind must be' },
    { wire: { task: { id: 't' } }, says: 'kind must be' },
    { wire: { kind: 'task', id: 't' }, says: 'task.status must be an object' },
    {
      wire: { kind: 'task', id: 't', status: { state: 'unknown' } },
      says: 'task.status.state must be one of submitted,',
    },
    {
      wire: { kind: 'task', id: 't', status: { state: 'working' }, history: {} },
      says: 'task.history must be an array',
    },
    { wire: { kind: 'artifact-update', taskId: 't' }, says: 'artifact must be an object' },
  ])('$wire', ({ wire, says }) => {
    expect(() => readEvent(wire)).toThrow(says);
  });
});

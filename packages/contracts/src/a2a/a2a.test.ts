import { describe, expect, test } from 'vitest';
import {
  AgentCard,
  isInterrupted,
  isTerminal,
  Message,
  Part,
  SendMessageParams,
  SendMessageResponse,
  StreamResponse,
  Task,
  TaskState,
} from './index.ts';

describe('a part holds exactly one content', () => {
  test.each([
    { part: { text: '' }, valid: true },
    { part: { raw: 'aGk=', mediaType: 'text/plain', filename: 'hi.txt' }, valid: true },
    { part: { url: 'https://example.com/a.png' }, valid: true },
    { part: { data: { any: ['thing'] } }, valid: true },
    { part: { data: null }, valid: true },
    { part: { data: false, metadata: { a: 1 } }, valid: true },
    { part: {}, valid: false },
    { part: { mediaType: 'text/plain' }, valid: false },
    { part: { text: 'a', data: 1 }, valid: false },
    { part: { text: 1 }, valid: false },
    { part: 'text', valid: false },
  ])('$part → $valid', ({ part, valid }) => {
    expect(Part.safeParse(part).success).toBe(valid);
  });
});

describe('a message has an id, a known role and at least one part', () => {
  const message = { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'hi' }] };
  test.each([
    { change: {}, valid: true },
    { change: { role: 'ROLE_AGENT' }, valid: true },
    { change: { role: 'user' }, valid: false },
    { change: { role: 'ROLE_UNSPECIFIED' }, valid: false },
    { change: { parts: [] }, valid: false },
    { change: { messageId: '' }, valid: false },
    { change: { contextId: 7 }, valid: false },
  ])('$change → $valid', ({ change, valid }) => {
    expect(Message.safeParse({ ...message, ...change }).success).toBe(valid);
  });

  test('what the schema does not know is kept', () => {
    expect(Message.parse({ ...message, later: 1 })).toEqual({ ...message, later: 1 });
  });
});

test('each state is active, interrupted or terminal', () => {
  const phaseOf = (state: TaskState) =>
    isTerminal(state) ? 'terminal' : isInterrupted(state) ? 'interrupted' : 'active';
  expect(Object.fromEntries(TaskState.options.map((state) => [state, phaseOf(state)]))).toEqual({
    TASK_STATE_SUBMITTED: 'active',
    TASK_STATE_WORKING: 'active',
    TASK_STATE_INPUT_REQUIRED: 'interrupted',
    TASK_STATE_AUTH_REQUIRED: 'interrupted',
    TASK_STATE_COMPLETED: 'terminal',
    TASK_STATE_FAILED: 'terminal',
    TASK_STATE_CANCELED: 'terminal',
    TASK_STATE_REJECTED: 'terminal',
  });
});

describe('a stream event is told apart by its only key', () => {
  const task = { id: 't', contextId: 'c', status: { state: 'TASK_STATE_WORKING' } };
  const ids = { taskId: 't', contextId: 'c' };
  test.each([
    { event: { task }, key: 'task' },
    { event: { message: { messageId: 'm', role: 'ROLE_AGENT', parts: [{ text: 'a' }] } }, key: 'message' },
    { event: { statusUpdate: { ...ids, status: task.status } }, key: 'statusUpdate' },
    {
      event: { artifactUpdate: { ...ids, artifact: { artifactId: 'a', parts: [{ text: 'x' }] } } },
      key: 'artifactUpdate',
    },
  ])('$key', ({ event, key }) => {
    expect(Object.keys(StreamResponse.parse({ ...event, unknown: 1 }))).toEqual([key]);
  });

  test('no known key is no event', () => {
    expect(StreamResponse.safeParse({ other: task }).success).toBe(false);
    expect(SendMessageResponse.safeParse({ statusUpdate: { ...ids, status: task.status } }).success).toBe(false);
  });
});

test('a task needs an id and a status, and nothing else', () => {
  expect(Task.safeParse({ id: 't', status: { state: 'TASK_STATE_SUBMITTED' } }).success).toBe(true);
  expect(Task.safeParse({ id: 't' }).success).toBe(false);
  expect(Task.safeParse({ id: 't', status: { state: 'working' } }).success).toBe(false);
});

test.each([{ historyLength: -1 }, { historyLength: 1.5 }, { historyLength: '2' }, { returnImmediately: 1 }])(
  'a configuration of %o is refused',
  (configuration) => {
    const message = { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'hi' }] };
    expect(SendMessageParams.safeParse({ message, configuration }).success).toBe(false);
  },
);

test('a card whose writer leaves empty fields out is read with them', () => {
  const supportedInterfaces = [{ url: 'https://a.example/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }];
  const card = AgentCard.parse({ name: 'a', supportedInterfaces });
  expect(card).toMatchObject({ description: '', capabilities: {}, skills: [], defaultInputModes: [] });
  expect(AgentCard.safeParse({ name: 'a', supportedInterfaces: [] }).success).toBe(false);
});

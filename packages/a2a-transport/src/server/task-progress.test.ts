import type { Artifact, Message, StreamResponse, Task } from '@skein/contracts/a2a';
import { describe, expect, test } from 'vitest';
import { progress, withHistory } from './task-progress.ts';

const ids = { taskId: 't', contextId: 'c' };
const said = (text: string): Message => ({ messageId: text, role: 'ROLE_AGENT', parts: [{ text }] });
const task: Task = { id: 't', contextId: 'c', status: { state: 'TASK_STATE_WORKING' }, history: [said('first')] };
const artifact = (artifactId: string, ...texts: string[]): Artifact => ({
  artifactId,
  parts: texts.map((text) => ({ text })),
});

describe('an artifact update', () => {
  const one = { ...task, artifacts: [artifact('a', '1'), artifact('b', '2')] };
  test.each([
    {
      name: 'adds',
      artifactUpdate: { artifact: artifact('c', '3') },
      artifacts: [artifact('a', '1'), artifact('b', '2'), artifact('c', '3')],
    },
    {
      name: 'replaces',
      artifactUpdate: { artifact: artifact('a', '3') },
      artifacts: [artifact('a', '3'), artifact('b', '2')],
    },
    {
      name: 'appends',
      artifactUpdate: { artifact: artifact('a', '3'), append: true },
      artifacts: [artifact('a', '1', '3'), artifact('b', '2')],
    },
    {
      name: 'appends to nothing',
      artifactUpdate: { artifact: artifact('c', '3'), append: true },
      artifacts: [artifact('a', '1'), artifact('b', '2'), artifact('c', '3')],
    },
  ])('$name', ({ artifactUpdate, artifacts }) => {
    expect(progress(one, { artifactUpdate: { ...ids, ...artifactUpdate } })).toEqual({ ...task, artifacts });
    expect(one.artifacts).toHaveLength(2);
  });
});

test('a status message moves into the history when the next status comes', () => {
  const update = (state: Task['status']['state'], message?: Message): StreamResponse => ({
    statusUpdate: { ...ids, status: { state, ...(message && { message }) } },
  });
  const asked = progress(task, update('TASK_STATE_INPUT_REQUIRED', said('what?')));
  expect(asked.history).toEqual([said('first')]);
  const working = progress(asked, update('TASK_STATE_WORKING'));
  expect(working).toEqual({
    ...task,
    status: { state: 'TASK_STATE_WORKING' },
    history: [said('first'), said('what?')],
  });
});

test('metadata of a status is added to the task; a task replaces; a message changes nothing', () => {
  const status = { state: 'TASK_STATE_WORKING' as const };
  const first = progress({ ...task, metadata: { a: 1 } }, { statusUpdate: { ...ids, status, metadata: { b: 2 } } });
  expect(first.metadata).toEqual({ a: 1, b: 2 });
  expect(progress(first, { task })).toBe(task);
  expect(progress(task, { message: said('x') })).toBe(task);
});

test.each([
  { historyLength: undefined, texts: ['1', '2', '3'] },
  { historyLength: 0, texts: undefined },
  { historyLength: 2, texts: ['2', '3'] },
  { historyLength: 9, texts: ['1', '2', '3'] },
])('a history length of $historyLength leaves $texts', ({ historyLength, texts }) => {
  const long = { ...task, history: ['1', '2', '3'].map(said) };
  expect(withHistory(long, historyLength).history?.map(({ messageId }) => messageId)).toEqual(texts);
});

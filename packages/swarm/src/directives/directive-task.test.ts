import { RESULT_MEDIA_TYPE } from '@skein/contracts';
import { type StreamResponse, TaskState } from '@skein/contracts/a2a';
import { expect, test } from 'vitest';
import { readNews } from './directive-task.ts';

const ids = { taskId: 't', contextId: 'c' };
const news = (event: StreamResponse) => [...readNews(event)];

test.each(TaskState.options)('%s alone never ends a directive: only a result does', (state) => {
  const told = [
    ...news({ task: { id: 't', status: { state } } }),
    ...news({ statusUpdate: { ...ids, status: { state } } }),
  ];
  expect(told.filter(({ type }) => type === 'result')).toEqual([]);
});

test('a state of another version of A2A is no state, and ends nothing', () => {
  for (const state of ['completed', 'COMPLETED', 'working', 'done', '']) {
    expect(TaskState.safeParse(state).success).toBe(false);
    const foreign = { statusUpdate: { ...ids, status: { state } } } as unknown as StreamResponse; // as it may come
    expect(news(foreign)).toEqual([]);
  }
});

test('a message in the place of a task tells nothing, whatever it says', () => {
  const parts = [{ data: { status: 'completed' }, mediaType: RESULT_MEDIA_TYPE }];
  expect(news({ message: { messageId: 'm', role: 'ROLE_AGENT', parts } })).toEqual([]);
});

test('a result that has not the shape of one is refused, and not read as a success', () => {
  const artifact = (data: unknown) => ({ artifactId: 'result', parts: [{ data, mediaType: RESULT_MEDIA_TYPE }] });
  for (const data of [{}, { status: 'completed' }, { status: 'done', started: true }, null])
    expect(() => news({ artifactUpdate: { ...ids, artifact: artifact(data) } })).toThrow();
});

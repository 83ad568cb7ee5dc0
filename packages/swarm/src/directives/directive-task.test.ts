import { DatabaseId, InboxState, RESULT_MEDIA_TYPE } from '@skein/contracts';
import { type StreamResponse, TaskState } from '@skein/contracts/a2a';
import { expect, test } from 'vitest';
import { readNews, statesShownAs, toTask } from './directive-task.ts';
import type { InboxRow } from './inbox-store.ts';

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

test('a list by state finds what shows that state, and nothing else', () => {
  const databaseId = DatabaseId.parse(crypto.randomUUID());
  for (const state of InboxState.options)
    for (const starts of [0, 1, 2]) {
      const row = { rowId: 'r', id: 'd', state, starts, receivedAt: 0, endedAt: null, startedAt: null } as InboxRow; // what a task is made of
      const shown = toTask(row, databaseId).status.state;
      const found = (each: TaskState) =>
        statesShownAs(each).some((one) => one.state === state && one.started === starts > 0);
      expect(TaskState.options.filter(found)).toEqual([shown]);
    }
  expect(statesShownAs('TASK_STATE_INPUT_REQUIRED')).toEqual([]);
});

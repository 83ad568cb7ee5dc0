import type { StreamResponse, Task } from '@skein/contracts/a2a';
import { expect, test, vi } from 'vitest';
import { GAP_KEY } from './streamed-event.ts';
import { TaskFeed } from './task-feed.ts';
import { TaskReading } from './task-reading.ts';
import type { LoggedEvent, TaskStore } from './task-store.ts';

const task: Task = { id: 't', status: { state: 'TASK_STATE_WORKING' } };
const working: StreamResponse = {
  statusUpdate: { taskId: 't', contextId: 'c', status: { state: 'TASK_STATE_WORKING' } },
};
const completed: StreamResponse = {
  statusUpdate: { taskId: 't', contextId: 'c', status: { state: 'TASK_STATE_COMPLETED' } },
};
const logged = (...seqs: number[]): LoggedEvent[] => seqs.map((seq) => ({ seq, event: working }));
const forever = { signal: new AbortController().signal };

interface Lost {
  /** What the store has after the place that the reader is at. */
  events: LoggedEvent[];
  found: { task: Task; seq: number } | undefined;
}

/** A reader at event 1 of a feed that holds events 8 and 9 alone. */
function lag({ events, found }: Lost) {
  const feed = new TaskFeed(2);
  feed.push(6, [working, working, completed]);
  const store = { events: vi.fn<TaskStore['events']>(async () => events), find: async () => found };
  const reading = new TaskReading({ store, owner: '', taskId: 't', feed }, () => {});
  reading.begin({ after: 1, present: true });
  return { reading, store };
}

test('what left memory is read from the store, and then memory goes on to the end', async () => {
  const { reading, store } = lag({ events: logged(2, 3, 4, 5, 6, 7), found: { task, seq: 9 } });
  expect((await reading.next(forever))?.map(({ id }) => id)).toEqual(['t/2', 't/3', 't/4', 't/5', 't/6', 't/7']);
  expect((await reading.next(forever))?.map(({ id }) => id)).toEqual(['t/8', 't/9']);
  expect(await reading.next(forever)).toBeUndefined();
  expect(store.events).toHaveBeenCalledOnce();
});

test('events that the store has lost are told as the task that stands, with what is missing', async () => {
  const { reading } = lag({ events: [], found: { task, seq: 7 } });
  const told = await reading.next(forever);
  expect(told).toEqual([{ id: 't/7', event: { task: { ...task, metadata: { [GAP_KEY]: { after: 1, before: 8 } } } } }]);
  expect((await reading.next(forever))?.map(({ id }) => id)).toEqual(['t/8', 't/9']);
});

test.each([
  { name: 'a task that is gone', events: [], found: undefined },
  { name: 'a task that was lost with its log and made anew', events: [], found: { task, seq: 1 } },
  { name: 'a store that repeats what was told', events: logged(1), found: { task, seq: 1 } },
])('$name ends the reading and turns nothing round', async ({ events, found }) => {
  const { reading, store } = lag({ events, found });
  expect(await reading.next(forever)).toBeUndefined();
  expect(await reading.next(forever)).toBeUndefined();
  expect(store.events).toHaveBeenCalledOnce();
});

test('a reader that waits hears of an abort', async () => {
  const leave = new AbortController();
  const store = { events: async () => [], find: async () => undefined };
  const reading = new TaskReading({ store, owner: '', taskId: 't', feed: new TaskFeed(2) }, () => {});
  reading.begin({ after: 0, present: true });
  const next = reading.next({ signal: leave.signal });
  leave.abort();
  expect(await next).toBeUndefined();
});

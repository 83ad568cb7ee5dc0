import type { Task, TaskState } from '@skein/contracts/a2a';
import { expect, test } from 'vitest';
import { createInMemoryTaskStore } from './in-memory-task-store.ts';

// What every store promises is held by test/stores/suites/task-store-suite.ts; here is what only this one does.

const task = (id: string, state: TaskState = 'TASK_STATE_WORKING'): Task => ({ id, status: { state } });

test('beyond its bound the oldest finished task goes first, then the oldest of all', async () => {
  const store = createInMemoryTaskStore({ maxTasks: 2 });
  const commit = (id: string, { after = 0, state }: { after?: number; state?: TaskState } = {}) => {
    const one = task(id, state);
    return store.commit({ owner: '', task: one, after, events: [{ task: one }], running: false });
  };
  const known = async () => {
    const found = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => store.find('', id)));
    return found.map((one) => one?.task.id ?? '').join('');
  };
  await commit('a');
  await commit('b', { state: 'TASK_STATE_COMPLETED' });
  await commit('c');
  expect(await known()).toBe('ac');
  await commit('d');
  expect(await known()).toBe('cd');
  await commit('c', { after: 1, state: 'TASK_STATE_FAILED' });
  expect(await known()).toBe('cd');
  await commit('e');
  expect(await known()).toBe('de');
});

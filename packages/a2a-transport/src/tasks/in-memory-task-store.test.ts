import type { Task } from '@skein/contracts/a2a';
import { expect, test } from 'vitest';
import { createInMemoryTaskStore } from './in-memory-task-store.ts';

const task = (id: string, state: Task['status']['state'] = 'TASK_STATE_WORKING'): Task => ({ id, status: { state } });
const alice = { id: 'alice', kind: 'node' };

test('the last put is what get answers', async () => {
  const store = createInMemoryTaskStore();
  await store.put(task('t'), alice);
  await store.put(task('t', 'TASK_STATE_COMPLETED'), alice);
  expect(await store.get('t', alice)).toEqual(task('t', 'TASK_STATE_COMPLETED'));
});

test("another principal's task is unknown", async () => {
  const store = createInMemoryTaskStore();
  await store.put(task('t'), alice);
  for (const other of [
    undefined,
    { id: 'bob', kind: 'node' },
    { id: 'alice', kind: 'user' },
    { id: 'alice","t', kind: 'node' },
  ]) {
    expect(await store.get('t', other)).toBeUndefined();
  }
});

test('beyond its bound the oldest finished task goes first, then the oldest of all', async () => {
  const store = createInMemoryTaskStore({ maxTasks: 2 });
  const known = async () => {
    const found = await Promise.all(['a', 'b', 'c', 'd', 'e'].map((id) => store.get(id, alice)));
    return found.map((one) => one?.id ?? '').join('');
  };
  await store.put(task('a'), alice);
  await store.put(task('b', 'TASK_STATE_COMPLETED'), alice);
  await store.put(task('c'), alice);
  expect(await known()).toBe('ac');
  await store.put(task('d'), alice);
  expect(await known()).toBe('cd');
  await store.put(task('c', 'TASK_STATE_FAILED'), alice);
  expect(await known()).toBe('cd');
  await store.put(task('e'), alice);
  expect(await known()).toBe('de');
});

import type { ListTasksParams, Task } from '@skein/contracts/a2a';
import { expect, test, vi } from 'vitest';
import { collect } from '../testing/collect.ts';
import { pagesOf } from './pages.ts';

const task = (id: string): Task => ({ id, status: { state: 'TASK_STATE_WORKING' } });
const pages = (tokens: string[]) =>
  vi.fn(async ({ pageToken = '' }: ListTasksParams) => {
    const page = pageToken === '' ? 0 : tokens.indexOf(pageToken) + 1;
    return { tasks: [task(`task-${page}`)], nextPageToken: tokens[page] ?? '', pageSize: 1, totalSize: 3 };
  });

test('every page is asked for when it is read, with what the first was asked for', async () => {
  const list = pages(['a', 'b']);
  const all = pagesOf(list, { contextId: 'c' });
  expect(list).not.toHaveBeenCalled();
  expect((await collect(all)).map(({ id }) => id)).toEqual(['task-0', 'task-1', 'task-2']);
  expect(list.mock.calls.map(([params]) => params)).toEqual([
    { contextId: 'c' },
    { contextId: 'c', pageToken: 'a' },
    { contextId: 'c', pageToken: 'b' },
  ]);
});

test('who has enough asks for no more', async () => {
  const list = pages(['a', 'b']);
  for await (const _ of pagesOf(list, {})) break;
  expect(list).toHaveBeenCalledOnce();
});

test('a page that leads to itself does not go on for ever', async () => {
  const list = async () => ({ tasks: [], nextPageToken: 'a', pageSize: 1, totalSize: 3 });
  await expect(collect(pagesOf(list, {}))).rejects.toMatchObject({ code: 'INVALID_REPLY' });
});

import type { ListTasksParams, ListTasksResponse, Task } from '@skein/contracts/a2a';
import { A2AClientError } from '../errors.ts';

/** The tasks of all pages, asked for as they are read. */
export async function* pagesOf(
  list: (params: ListTasksParams) => Promise<ListTasksResponse>,
  params: ListTasksParams,
): AsyncGenerator<Task, void, undefined> {
  let pageToken = params.pageToken ?? '';
  for (;;) {
    const { tasks, nextPageToken } = await list(pageToken === '' ? params : { ...params, pageToken });
    yield* tasks;
    if (nextPageToken === '') return;
    if (nextPageToken === pageToken) {
      throw new A2AClientError('INVALID_REPLY', 'The next page is the same page again', { status: 200 });
    }
    pageToken = nextPageToken;
  }
}

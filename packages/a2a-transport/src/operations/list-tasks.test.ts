import { expect, test } from 'vitest';
import type { TaskQuery } from '../tasks/task-store.ts';
import { callContext } from '../testing/test-agent.ts';
import { listTasks } from './list-tasks.ts';

test.each([
  { asked: '2026-01-01T00:00:03Z', since: '2026-01-01T00:00:03.000Z' },
  { asked: '2026-01-01T02:00:00.5+02:00', since: '2026-01-01T00:00:00.500Z' },
  { asked: '9999-12-31T23:59:59-23:59', since: '9999-12-31T23:59:59.999Z' },
  { asked: '0000-01-01T00:00:00+23:59', since: '0000-01-01T00:00:00.000Z' },
])('tasks since $asked are those since $since, in the order of text', async ({ asked, since }) => {
  const queries: TaskQuery[] = [];
  const list = listTasks({
    async listTasks(query) {
      queries.push(query);
      return { tasks: [], total: 0, more: false };
    },
  });
  await list({ statusTimestampAfter: asked }, callContext());
  expect(queries).toEqual([{ since, limit: 50 }]);
});

/** §3.1.4: which tasks, in which order, in how many pages. */
import { describe, expect, test } from 'vitest';
import { createSubject, type Subject } from './subject.ts';

/** One task a second: `work` completed, `ask` waits, in two contexts by turns. */
async function fill(subject: Subject, count: number) {
  const made: { id: string; contextId: string; state: string; timestamp: string }[] = [];
  for (let n = 0; n < count; n += 1) {
    const { id, contextId, status } = await subject.task(n % 3 === 0 ? 'ask' : 'work', { contextId: `c${n % 2}` });
    made.push({ id, contextId, state: status.state, timestamp: status.timestamp });
    await subject.clock.advance(1_000);
  }
  return made;
}

const idsOf = (list: readonly { id: string }[]) => list.map(({ id }) => id);

/** All pages, from the first to the one whose token is empty. */
async function pages(subject: Subject, params: Record<string, unknown>) {
  const all = [];
  for (let pageToken: string | undefined; pageToken !== ''; ) {
    const page = await subject.call('ListTasks', { ...params, ...(pageToken && { pageToken }) });
    all.push(page);
    pageToken = page.nextPageToken;
    if (all.length > 50) throw new Error('the pages do not end');
  }
  return all;
}

test('the newest status comes first', async () => {
  await using subject = createSubject();
  const made = await fill(subject, 6);
  const { tasks } = await subject.call('ListTasks', {});
  expect(idsOf(tasks)).toEqual(idsOf(made).reverse());
  await subject.call('CancelTask', { id: made[0]?.id });
  expect((await subject.call('ListTasks', {})).tasks[0]?.id).toBe(made[0]?.id);
});

test('a task that goes on moves to the front', async () => {
  await using subject = createSubject();
  const made = await fill(subject, 5);
  await subject.task('the red one', { taskId: made[3]?.id ?? '' });
  expect(idsOf((await subject.call('ListTasks', {})).tasks)[0]).toBe(made[3]?.id);
});

describe('filters', () => {
  const wanted = [
    { name: 'nothing', params: {}, holds: () => true },
    { name: 'a context', params: { contextId: 'c1' }, holds: (task: Made) => task.contextId === 'c1' },
    {
      name: 'a state',
      params: { status: 'TASK_STATE_INPUT_REQUIRED' },
      holds: (task: Made) => task.state === 'TASK_STATE_INPUT_REQUIRED',
    },
    {
      name: 'a time, itself included',
      params: { statusTimestampAfter: '2026-01-01T00:00:03.000Z' },
      holds: (task: Made) => task.timestamp >= '2026-01-01T00:00:03.000Z',
    },
    {
      name: 'a time without fractions',
      params: { statusTimestampAfter: '2026-01-01T00:00:03Z' },
      holds: (task: Made) => task.timestamp >= '2026-01-01T00:00:03.000Z',
    },
    {
      name: 'all at once',
      params: { contextId: 'c0', status: 'TASK_STATE_COMPLETED', statusTimestampAfter: '2026-01-01T00:00:04.000Z' },
      holds: (task: Made) =>
        task.contextId === 'c0' && task.state === 'TASK_STATE_COMPLETED' && task.timestamp >= '2026-01-01T00:00:04',
    },
  ];
  type Made = Awaited<ReturnType<typeof fill>>[number];
  test.each(wanted)('by $name', async ({ params, holds }) => {
    await using subject = createSubject();
    const made = (await fill(subject, 8)).filter(holds).reverse();
    expect(made.length).toBeGreaterThan(0);
    const list = await subject.call('ListTasks', params);
    expect(idsOf(list.tasks)).toEqual(idsOf(made));
    expect(list.totalSize).toBe(made.length);
  });

  test('of an unknown context is an empty page', async () => {
    await using subject = createSubject();
    await fill(subject, 2);
    expect(await subject.call('ListTasks', { contextId: 'unknown' })).toEqual({
      tasks: [],
      nextPageToken: '',
      pageSize: 50,
      totalSize: 0,
    });
  });
});

describe('pages', () => {
  test.each([1, 3, 7, 8, 100])(
    'of %d hold every task once, in order, and the last has an empty token',
    async (pageSize) => {
      await using subject = createSubject();
      const made = await fill(subject, 7);
      const all = await pages(subject, { pageSize });
      expect(all.flatMap(({ tasks }) => idsOf(tasks))).toEqual(idsOf(made).reverse());
      for (const page of all) {
        expect(page).toMatchObject({ pageSize, totalSize: 7 });
        expect(page.tasks.length).toBeLessThanOrEqual(pageSize);
      }
      expect(all.at(-1)?.nextPageToken).toBe('');
      expect(all.slice(0, -1).every(({ nextPageToken }) => nextPageToken !== '')).toBe(true);
    },
  );

  test('hold tasks of the same millisecond once each', async () => {
    await using subject = createSubject();
    const made = await Promise.all(Array.from({ length: 9 }, () => subject.task('work')));
    const seen = (await pages(subject, { pageSize: 2 })).flatMap(({ tasks }) => idsOf(tasks));
    expect(seen).toHaveLength(9);
    expect(new Set(seen)).toEqual(new Set(idsOf(made)));
  });

  test('go on where they were, though newer tasks came meanwhile', async () => {
    await using subject = createSubject();
    const made = idsOf(await fill(subject, 6)).reverse();
    const first = await subject.call('ListTasks', { pageSize: 2 });
    await fill(subject, 3);
    const second = await subject.call('ListTasks', { pageSize: 2, pageToken: first.nextPageToken });
    expect(idsOf([...first.tasks, ...second.tasks])).toEqual(made.slice(0, 4));
  });

  test('hold 50 where nobody said how many', async () => {
    await using subject = createSubject();
    for (let n = 0; n < 52; n += 1) await subject.task('work');
    const page = await subject.call('ListTasks', {});
    expect(page.tasks).toHaveLength(50);
    expect(page).toMatchObject({ pageSize: 50, totalSize: 52 });
    expect(page.nextPageToken).not.toBe('');
  });

  test('an empty token is the first page', async () => {
    await using subject = createSubject();
    const made = await fill(subject, 2);
    expect(idsOf((await subject.call('ListTasks', { pageToken: '' })).tasks)).toEqual(idsOf(made).reverse());
  });
});

describe('artifacts', () => {
  test.each([{}, { includeArtifacts: false }])('are left out altogether with %o', async (params) => {
    await using subject = createSubject();
    await subject.task('work');
    const { tasks } = await subject.call('ListTasks', params);
    expect(tasks).toHaveLength(1);
    expect(tasks[0]).not.toHaveProperty('artifacts');
  });

  test('are there where they are asked for', async () => {
    await using subject = createSubject();
    await subject.task('work');
    const { tasks } = await subject.call('ListTasks', { includeArtifacts: true });
    expect(tasks[0]?.artifacts).toMatchObject([{ artifactId: 'out' }]);
  });
});

test.each([
  { pageSize: 0 },
  { pageSize: 101 },
  { pageSize: -1 },
  { pageSize: 1.5 },
  { pageSize: '5' },
  { pageToken: 'nobody-gave-this' },
  { pageToken: 7 },
  { historyLength: -1 },
  { status: 'working' },
  { status: 'TASK_STATE_RUNNING' },
  { statusTimestampAfter: 'yesterday' },
  { includeArtifacts: 'yes' },
])('%o is refused with what is wrong with it', async (params) => {
  await using subject = createSubject();
  await subject.task('work');
  const refusal = await subject.refuse('ListTasks', params);
  expect(refusal).toMatchObject({ code: -32602, reason: 'INVALID_PARAMS' });
  expect(JSON.stringify(refusal.data)).toContain(Object.keys(params)[0]);
});

/** §3.1–3.4 and §4: what the operations do, apart from streams, lists, push and errors, which have files of their own. */
import type { SendMessageConfiguration } from '@skein/contracts/a2a';
import { describe, expect, test } from 'vitest';
import { createSubject, say } from './subject.ts';

const configured = (text: string, configuration: SendMessageConfiguration) => ({ ...say(text), configuration });
const textsOf = (task: { history?: { parts: unknown[] }[] | undefined }) => task.history?.map(({ parts }) => parts[0]);

describe('SendMessage', () => {
  test('a task is answered under `task` alone, a message under `message` alone', async () => {
    await using subject = createSubject();
    expect(Object.keys(await subject.call('SendMessage', say('work')))).toEqual(['task']);
    const answer = await subject.call('SendMessage', say('answer'));
    expect(answer).toMatchObject({ message: { role: 'ROLE_AGENT', parts: [{ text: 'an answer' }] } });
    expect(answer).not.toHaveProperty('message.taskId');
  });

  test('a blocking call answers with the latest state, all artifacts and the status', async () => {
    await using subject = createSubject();
    expect(await subject.task('work')).toMatchObject({
      status: { state: 'TASK_STATE_COMPLETED' },
      artifacts: [{ artifactId: 'out', name: 'Report', parts: [{ text: 'one ' }, { data: { two: 2 } }] }],
    });
  });

  test.each([
    { word: 'work', state: 'COMPLETED' },
    { word: 'fail', state: 'FAILED' },
    { word: 'reject', state: 'REJECTED' },
    { word: 'ask', state: 'INPUT_REQUIRED' },
    { word: 'authorise', state: 'AUTH_REQUIRED' },
  ])('a blocking call to $word answers at $state', async ({ word, state }) => {
    await using subject = createSubject();
    expect((await subject.task(word)).status.state).toBe(`TASK_STATE_${state}`);
  });

  test('a blocking call waits as long as the task works, and answers when it is cancelled', async () => {
    await using subject = createSubject();
    let answered = false;
    const answer = subject.task('wait', { contextId: 'c' }).finally(() => {
      answered = true;
    });
    await subject.clock.advance(60_000);
    expect(answered).toBe(false);
    const { tasks } = await subject.call('ListTasks', { contextId: 'c' });
    await subject.call('CancelTask', { id: tasks[0]?.id });
    expect((await answer).status.state).toBe('TASK_STATE_CANCELED');
  });

  test('returnImmediately answers with the task while it works, and polling finds its end', async () => {
    await using subject = createSubject();
    const { id, status } = await subject.begin('wait');
    expect(['TASK_STATE_SUBMITTED', 'TASK_STATE_WORKING']).toContain(status.state);
    subject.agent.proceed();
    await subject.clock.advance(0);
    expect(await subject.call('GetTask', { id })).toMatchObject({
      status: { state: 'TASK_STATE_COMPLETED' },
      artifacts: [{ artifactId: 'late' }],
    });
  });

  test('returnImmediately changes nothing where the answer is a message', async () => {
    await using subject = createSubject();
    expect(await subject.call('SendMessage', configured('answer', { returnImmediately: true }))).toHaveProperty(
      'message',
    );
  });

  test('the agent hears the message and what the caller accepts', async () => {
    await using subject = createSubject();
    const parts = [
      { text: 'work' },
      { raw: 'aGk=', filename: 'hi.txt', mediaType: 'text/plain' },
      { url: 'https://files.example/a.png', mediaType: 'image/png' },
      { data: { task_id: null, nested: [1, 'two', false] }, metadata: { any: 'thing' } },
    ];
    const metadata = { 'https://extensions.example/geo/v1': { latitude: 1.5 } };
    const { message } = say('work', { parts, metadata, extensions: ['https://extensions.example/geo/v1'] });
    const sent = { message, configuration: { acceptedOutputModes: ['application/json'] } };
    await subject.call('SendMessage', sent);
    expect(subject.agent.asked[0]?.message).toMatchObject({ parts, metadata });
    expect(subject.agent.asked[0]?.configuration.acceptedOutputModes).toEqual(['application/json']);
  });

  test('the same messageId may come again, in another task and in the same', async () => {
    await using subject = createSubject();
    const first = await subject.task('ask', { messageId: 'same' });
    const second = await subject.task('ask', { messageId: 'same' });
    expect(second.id).not.toBe(first.id);
    const again = await subject.task('more', { messageId: 'same', taskId: first.id });
    expect(again).toMatchObject({ id: first.id, status: { state: 'TASK_STATE_COMPLETED' } });
  });

  test('unknown fields are ignored wherever they stand', async () => {
    await using subject = createSubject();
    const { message } = say('work');
    const sent = await subject.call('SendMessage', {
      message: { ...message, parts: [{ text: 'work', later: 1 }], later: { a: 1 } },
      configuration: { later: true },
      later: ['x'],
    });
    expect(sent).toMatchObject({ task: { status: { state: 'TASK_STATE_COMPLETED' } } });
  });
});

describe('ids', () => {
  test('every task has an id of its own, and a context that its answer names', async () => {
    await using subject = createSubject();
    const tasks = await Promise.all(Array.from({ length: 20 }, () => subject.task('work')));
    expect(new Set(tasks.map(({ id }) => id)).size).toBe(20);
    expect(new Set(tasks.map(({ contextId }) => contextId)).size).toBe(20);
  });

  test("a message's answer names a context too", async () => {
    await using subject = createSubject();
    const generated = await subject.call('SendMessage', say('answer'));
    expect(generated).toMatchObject({ message: { contextId: expect.stringMatching(/./) } });
    const given = await subject.call('SendMessage', say('answer', { contextId: 'mine' }));
    expect(given).toMatchObject({ message: { contextId: 'mine' } });
  });

  test("a client's context is kept, and groups its tasks", async () => {
    await using subject = createSubject();
    const one = await subject.task('work', { contextId: 'mine' });
    const two = await subject.task('work', { contextId: 'mine' });
    expect([one.contextId, two.contextId]).toEqual(['mine', 'mine']);
    expect(one.id).not.toBe(two.id);
    const { tasks } = await subject.call('ListTasks', { contextId: 'mine' });
    expect(tasks.map(({ id }) => id).sort()).toEqual([one.id, two.id].sort());
    expect(subject.agent.asked.map(({ contextId }) => contextId)).toEqual(['mine', 'mine']);
  });

  test('a taskId alone continues the task in its context, with everything said before', async () => {
    await using subject = createSubject();
    const first = await subject.task('ask');
    const second = await subject.task('the red one', { taskId: first.id });
    expect(second).toMatchObject({
      id: first.id,
      contextId: first.contextId,
      status: { state: 'TASK_STATE_COMPLETED' },
      artifacts: [{ artifactId: expect.stringMatching(/./), parts: [{ text: 'that one' }] }],
    });
    expect(textsOf(second)).toEqual([{ text: 'ask' }, { text: 'Which one?' }, { text: 'the red one' }]);
    expect(subject.agent.asked[1]).toMatchObject({ taskId: first.id, contextId: first.contextId });
  });

  test('a taskId with its own context continues the task; with another it is refused', async () => {
    await using subject = createSubject();
    const { id: taskId, contextId } = await subject.task('ask');
    expect(await subject.refuse('SendMessage', say('more', { taskId, contextId: 'other' }))).toMatchObject({
      code: -32602,
    });
    expect(subject.agent.asked).toHaveLength(1);
    expect(await subject.task('more', { taskId, contextId })).toMatchObject({ id: taskId });
  });

  test('a taskId that nobody has is -32001, and makes no task', async () => {
    await using subject = createSubject();
    for (const method of ['SendMessage', 'SendStreamingMessage']) {
      expect(await subject.refuse(method, say('work', { taskId: 'of-the-client' }))).toMatchObject({
        code: -32001,
        reason: 'TASK_NOT_FOUND',
      });
    }
    expect(subject.agent.asked).toHaveLength(0);
    expect((await subject.call('ListTasks', {})).totalSize).toBe(0);
  });

  test.each(['work', 'fail', 'reject'])('a task that ended by "%s" takes no further message', async (word) => {
    await using subject = createSubject();
    const { id: taskId } = await subject.task(word);
    for (const method of ['SendMessage', 'SendStreamingMessage']) {
      expect(await subject.refuse(method, say('more', { taskId }))).toMatchObject({
        code: -32004,
        reason: 'UNSUPPORTED_OPERATION',
      });
    }
  });

  test('referenced tasks reach the agent', async () => {
    await using subject = createSubject();
    const { id, contextId } = await subject.task('work');
    await subject.task('work', { contextId, referenceTaskIds: [id] });
    expect(subject.agent.asked[1]?.message.referenceTaskIds).toEqual([id]);
  });
});

describe('GetTask', () => {
  test('answers with the bare task, in its current state', async () => {
    await using subject = createSubject();
    const task = await subject.task('work');
    expect(await subject.call('GetTask', { id: task.id })).toEqual(task);
  });

  const lengths = [
    { historyLength: undefined, kept: 3 },
    { historyLength: 1, kept: 1 },
    { historyLength: 2, kept: 2 },
    { historyLength: 100, kept: 3 },
  ];
  test.each(lengths)(
    'a historyLength of $historyLength keeps the last $kept messages',
    async ({ historyLength, kept }) => {
      await using subject = createSubject();
      const { id } = await subject.task('ask');
      const whole = await subject.task('more', { taskId: id });
      expect(whole.history).toHaveLength(3);
      const params = { id, ...(historyLength !== undefined && { historyLength }) };
      expect((await subject.call('GetTask', params)).history).toEqual(whole.history?.slice(-kept));
    },
  );

  test('a historyLength of 0 leaves `history` out, on every operation that takes it', async () => {
    await using subject = createSubject();
    const sent = await subject.call('SendMessage', configured('ask', { historyLength: 0 }));
    if (!('task' in sent)) throw new Error('a task was expected');
    expect(sent.task).not.toHaveProperty('history');
    expect(await subject.call('GetTask', { id: sent.task.id, historyLength: 0 })).not.toHaveProperty('history');
    const { tasks } = await subject.call('ListTasks', { historyLength: 0 });
    expect(tasks[0]).not.toHaveProperty('history');
  });

  test('historyLength bounds what SendMessage and ListTasks answer, too', async () => {
    await using subject = createSubject();
    const { id } = await subject.task('ask');
    const message = { ...say('more').message, taskId: id };
    const sent = await subject.call('SendMessage', { message, configuration: { historyLength: 1 } });
    if (!('task' in sent)) throw new Error('a task was expected');
    expect(textsOf(sent.task)).toEqual([{ text: 'more' }]);
    const { tasks } = await subject.call('ListTasks', { historyLength: 2 });
    expect(tasks[0]?.history).toHaveLength(2);
  });

  test('nothing is found under an unknown id: -32001', async () => {
    await using subject = createSubject();
    expect(await subject.refuse('GetTask', { id: 'unknown' })).toMatchObject({
      code: -32001,
      reason: 'TASK_NOT_FOUND',
    });
  });
});

describe('CancelTask', () => {
  test('stops the work, answers with the bare cancelled task, and it stays cancelled', async () => {
    await using subject = createSubject();
    const { id } = await subject.begin('wait');
    await subject.clock.advance(0);
    const canceled = await subject.call('CancelTask', { id });
    expect(canceled).toMatchObject({ id, status: { state: 'TASK_STATE_CANCELED' } });
    expect(subject.agent.signals[0]?.aborted).toBe(true);
    subject.agent.proceed();
    await subject.clock.advance(60_000);
    expect(await subject.call('GetTask', { id })).toEqual(canceled);
  });

  test('a task that waits for its client is cancelled', async () => {
    await using subject = createSubject();
    const { id } = await subject.task('ask');
    expect((await subject.call('CancelTask', { id, metadata: { why: 'no' } })).status.state).toBe(
      'TASK_STATE_CANCELED',
    );
    expect(await subject.refuse('SendMessage', say('more', { taskId: id }))).toMatchObject({ code: -32004 });
  });

  test.each(['work', 'fail', 'reject'])('a task that ended by "%s" is not cancelable', async (word) => {
    await using subject = createSubject();
    const task = await subject.task(word);
    expect(await subject.refuse('CancelTask', { id: task.id })).toMatchObject({
      code: -32002,
      reason: 'TASK_NOT_CANCELABLE',
    });
    expect(await subject.call('GetTask', { id: task.id })).toEqual(task);
  });

  test('a second cancellation changes nothing', async () => {
    await using subject = createSubject();
    const { id } = await subject.begin('wait');
    const canceled = await subject.call('CancelTask', { id });
    expect(await subject.refuse('CancelTask', { id })).toMatchObject({ code: -32002 });
    expect(await subject.call('GetTask', { id })).toEqual(canceled);
  });

  test('nothing is cancelled under an unknown id: -32001', async () => {
    await using subject = createSubject();
    expect(await subject.refuse('CancelTask', { id: 'unknown' })).toMatchObject({ code: -32001 });
  });
});

describe('authorisation in mid-task', () => {
  test('AUTH_REQUIRED is a task that says what is needed, and goes on when the credential came elsewhere', async () => {
    await using subject = createSubject();
    const task = await subject.task('authorise');
    expect(task.status).toMatchObject({
      state: 'TASK_STATE_AUTH_REQUIRED',
      message: { parts: [{ text: expect.stringContaining('https://') }] },
    });
    subject.agent.proceed();
    await subject.clock.advance(0);
    expect(await subject.call('GetTask', { id: task.id })).toMatchObject({ status: { state: 'TASK_STATE_COMPLETED' } });
  });

  test('a task in AUTH_REQUIRED takes a message', async () => {
    await using subject = createSubject();
    const { id } = await subject.task('authorise');
    expect(await subject.task('agreed', { taskId: id })).toMatchObject({
      id,
      status: { state: 'TASK_STATE_COMPLETED' },
      artifacts: [{ parts: [{ text: 'authorised' }] }],
    });
  });
});

describe('what the data model promises', () => {
  test('times end in Z with milliseconds, and are of the moment of the change', async () => {
    await using subject = createSubject();
    const { id, status } = await subject.begin('wait');
    expect(status.timestamp).toBe('2026-01-01T00:00:00.000Z');
    await subject.clock.advance(90_061_001);
    await subject.call('CancelTask', { id });
    expect((await subject.call('GetTask', { id })).status.timestamp).toBe('2026-01-02T01:01:01.001Z');
  });

  test('every artifact has an id, also where the agent named none', async () => {
    await using subject = createSubject();
    const { id } = await subject.task('ask');
    const { artifacts } = await subject.task('more', { taskId: id });
    expect(artifacts).toEqual([{ artifactId: expect.stringMatching(/./), parts: [{ text: 'that one' }] }]);
  });

  test('what users put into metadata and data keeps its spelling', async () => {
    await using subject = createSubject();
    const parts = [
      { text: 'ask' },
      { data: { task_id: null, deep: [{ context_id: 1 }] }, metadata: { media_type: 1 } },
    ];
    const task = await subject.task('ask', { parts, metadata: { context_id: 'mine' } });
    expect(task.history?.[0]).toMatchObject({ parts, metadata: { context_id: 'mine' } });
  });

  test.each([
    { name: 'null', data: null },
    { name: 'false', data: false },
    { name: 'zero', data: 0 },
    { name: 'an empty text', data: '' },
    { name: 'an empty list', data: [] },
  ])('a data part may hold $name', async ({ data }) => {
    await using subject = createSubject();
    const task = await subject.task('ask', { parts: [{ text: 'ask' }, { data }] });
    expect(task.history?.[0]?.parts[1]).toEqual({ data });
  });

  test.each([
    { raw: 'aGk=', told: 'aGk=' },
    { raw: 'aGk', told: 'aGk=' },
    { raw: '-_8', told: '+/8=' },
  ])('bytes are read in every base64, and answered in one', async ({ raw, told }) => {
    await using subject = createSubject();
    const task = await subject.task('ask', { parts: [{ text: 'ask' }, { raw }] });
    expect(task.history?.[0]?.parts[1]).toEqual({ raw: told });
  });

  test('an empty text is a text', async () => {
    await using subject = createSubject();
    const task = await subject.task('', { parts: [{ text: '' }] });
    expect(task.history?.[0]?.parts).toEqual([{ text: '' }]);
  });
});

describe('parameters in either spelling', () => {
  test('are understood in snake_case, and answered in camelCase', async () => {
    await using subject = createSubject();
    const message = {
      message_id: 'm',
      role: 'ROLE_USER',
      parts: [{ text: 'ask', media_type: 'text/plain', url: null }],
      context_id: 'c',
      task_id: null,
      reference_task_ids: ['t'],
    };
    const configuration = { history_length: 5, accepted_output_modes: ['text/plain'], return_immediately: false };
    const sent = await subject.call('SendMessage', { message, configuration });
    expect(sent).toMatchObject({
      task: {
        contextId: 'c',
        history: [{ messageId: 'm', referenceTaskIds: ['t'], parts: [{ text: 'ask', mediaType: 'text/plain' }] }],
      },
    });
    if (!('task' in sent)) throw new Error('a task was expected');
    const { id } = sent.task;
    expect(await subject.call('GetTask', { id, history_length: 0 })).not.toHaveProperty('history');
    const list = await subject.call('ListTasks', {
      context_id: 'c',
      page_size: 1,
      include_artifacts: true,
      status_timestamp_after: '2026-01-01T00:00:00Z',
    });
    expect(list).toMatchObject({ pageSize: 1, tasks: [{ id }] });
    const config = await subject.call('CreateTaskPushNotificationConfig', {
      task_id: id,
      id: 'p',
      url: 'https://hooks.example/a',
    });
    expect(config).toMatchObject({ taskId: id, id: 'p' });
    expect(await subject.call('GetTaskPushNotificationConfig', { task_id: id, id: 'p' })).toEqual(config);
  });
});

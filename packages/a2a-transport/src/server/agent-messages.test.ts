import type { SendMessageParams, StreamResponse, Task } from '@skein/contracts/a2a';
import { createFakeClock, createMemoryLogger, createSeededRandom } from '@skein/contracts/testing';
import { describe, expect, test, vi } from 'vitest';
import { A2AError } from '../errors.ts';
import { createInMemoryTaskStore } from '../tasks/in-memory-task-store.ts';
import { TaskJournal } from '../tasks/task-journal.ts';
import { type TaskStore, TaskStoreError } from '../tasks/task-store.ts';
import { collect } from '../testing/collect.ts';
import { callContext, textMessage } from '../testing/test-agent.ts';
import type { AgentEvent, AgentExecutor } from './agent-executor.ts';
import { createAgentMessages } from './agent-messages.ts';
import type { EventBatches } from './message-handler.ts';

type Execute = AgentExecutor['execute'];

function create(execute: Execute, taskStore = createInMemoryTaskStore()) {
  const clock = createFakeClock();
  const logger = createMemoryLogger();
  const journal = new TaskJournal(taskStore, { feedEvents: 8, onStep: () => {} });
  const deps = { executor: { execute }, taskStore, journal, push: undefined, cancelGraceMs: 5_000 };
  const messages = createAgentMessages({ ...deps, clock, random: createSeededRandom(1), logger });
  const leave = new AbortController();
  const context = callContext({ signal: leave.signal });
  const send = (params: SendMessageParams) => eventsOf(messages.stream(params, context))[Symbol.asyncIterator]();
  /** Sends, reads to the end and answers with the task as it is then stored. */
  const finish = async (params: SendMessageParams) => {
    const events = await collect({ [Symbol.asyncIterator]: () => untilTurn(send(params)) });
    return { events, task: await messages.getTask(taskId(events[0]), context) };
  };
  /** Sends, reads until the agent works, and leaves. */
  const begin = async (text = 'hi') => {
    const reading = send(textMessage(text));
    const id = taskId((await reading.next()).value ?? undefined);
    await reading.next();
    return { id, reading };
  };
  return { messages, context, leave, clock, logger, send, finish, begin };
}

async function* eventsOf(batches: EventBatches): AsyncGenerator<StreamResponse, void, undefined> {
  for await (const batch of batches) for (const { event } of batch) yield event;
}

/** The events up to where the agent asks its client: the stream stays open, and a test does not wait for the rest. */
async function* untilTurn(events: AsyncGenerator<StreamResponse, void, undefined>) {
  for await (const event of events) {
    yield event;
    if ('statusUpdate' in event && event.statusUpdate.status.state === 'TASK_STATE_INPUT_REQUIRED') return;
  }
}

function taskId(event: StreamResponse | undefined): string {
  if (!event || !('task' in event)) throw new Error('a task was expected first');
  return event.task.id;
}

const working: AgentEvent = { status: { state: 'TASK_STATE_WORKING' } };
const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => signal.addEventListener('abort', () => resolve()));

/** Works until it is told to stop, and then stops as it was told to. */
const obedient: Execute = async function* (_, { signal }) {
  yield working;
  await aborted(signal);
  throw signal.reason;
};

const states = (events: readonly StreamResponse[]) =>
  events.flatMap((event) =>
    'statusUpdate' in event ? event.statusUpdate.status.state.slice('TASK_STATE_'.length) : [],
  );

describe('what an executor does becomes the task', () => {
  const scripts: { name: string; execute: Execute; ends: string; heard: string[] }[] = [
    { name: 'returns at once', execute: async function* () {}, ends: 'COMPLETED', heard: ['COMPLETED'] },
    {
      name: 'works and returns',
      execute: async function* () {
        yield working;
      },
      ends: 'COMPLETED',
      heard: ['WORKING', 'COMPLETED'],
    },
    {
      name: 'throws after it began',
      execute: async function* () {
        yield working;
        throw new Error('the password is hunter2');
      },
      ends: 'FAILED',
      heard: ['WORKING', 'FAILED'],
    },
    {
      name: 'rejects',
      execute: async function* () {
        yield { status: { state: 'TASK_STATE_REJECTED' } };
      },
      ends: 'REJECTED',
      heard: ['REJECTED'],
    },
    {
      name: 'goes on after its end',
      execute: async function* () {
        yield { status: { state: 'TASK_STATE_COMPLETED' } };
        yield { status: { state: 'TASK_STATE_FAILED' } };
      },
      ends: 'COMPLETED',
      heard: ['COMPLETED'],
    },
    {
      name: 'asks and goes on',
      execute: async function* () {
        yield { status: { state: 'TASK_STATE_INPUT_REQUIRED' } };
        yield working;
      },
      ends: 'INPUT_REQUIRED',
      heard: ['INPUT_REQUIRED'],
    },
    {
      name: 'waits for authorisation elsewhere',
      execute: async function* () {
        yield { status: { state: 'TASK_STATE_AUTH_REQUIRED' } };
        yield working;
      },
      ends: 'COMPLETED',
      heard: ['AUTH_REQUIRED', 'WORKING', 'COMPLETED'],
    },
    {
      name: 'sends a message into its task',
      execute: async function* () {
        yield working;
        yield { message: { parts: [{ text: 'x' }] } };
      },
      ends: 'FAILED',
      heard: ['WORKING', 'FAILED'],
    },
  ];
  test.each(scripts)('$name → $ends', async ({ execute, ends, heard }) => {
    const { events, task } = await create(execute).finish(textMessage('hi'));
    expect(task?.status.state).toBe(`TASK_STATE_${ends}`);
    expect(task?.status.timestamp).toBe('2026-01-01T00:00:00.000Z');
    expect(states(events)).toEqual(heard);
    expect(JSON.stringify(events)).not.toContain('hunter2');
  });
});

test('the first event is the new task with the message, and ids are filled in', async () => {
  const { events, task } = await create(async function* () {
    yield { artifact: { parts: [{ text: 'a' }] }, lastChunk: true };
    yield { status: { state: 'TASK_STATE_COMPLETED', message: { parts: [{ text: 'b' }] } } };
  }).finish(textMessage('hi', { contextId: 'mine' }));
  const id = taskId(events[0]);
  expect(events[0]).toMatchObject({
    task: {
      id,
      contextId: 'mine',
      status: { state: 'TASK_STATE_SUBMITTED' },
      history: [{ taskId: id, contextId: 'mine' }],
    },
  });
  expect(events[1]).toMatchObject({
    artifactUpdate: { taskId: id, contextId: 'mine', artifact: { artifactId: expect.any(String) }, lastChunk: true },
  });
  const said = { role: 'ROLE_AGENT', messageId: expect.any(String), taskId: id, contextId: 'mine' };
  expect(task?.status.message).toMatchObject(said);
});

test('a message as the answer makes no task', async () => {
  const { messages, context, send } = create(async function* ({ taskId }) {
    yield { message: { parts: [{ text: taskId }] } };
    yield working;
  });
  const reading = send(textMessage('hi'));
  const first = (await reading.next()).value;
  if (!first || !('message' in first)) throw new Error('a message was expected');
  expect(first.message).toMatchObject({ role: 'ROLE_AGENT', contextId: expect.any(String) });
  expect(first.message.taskId).toBeUndefined();
  expect(await reading.next()).toEqual({ done: true, value: undefined });
  expect(await messages.getTask(first.message.parts[0]?.text ?? '', context)).toBeUndefined();
});

test('a refusal before the first event reaches the caller and leaves no task', async () => {
  const commit = vi.fn(async () => {});
  const refusing: Execute = async function* ({ message }) {
    if (message.parts[0]?.text) throw new A2AError('CONTENT_TYPE_NOT_SUPPORTED', 'no texts');
    yield working;
  };
  const { send } = create(refusing, { ...createInMemoryTaskStore(), commit });
  await expect(send(textMessage('hi')).next()).rejects.toMatchObject({ reason: 'CONTENT_TYPE_NOT_SUPPORTED' });
  expect(commit).not.toHaveBeenCalled();
});

describe('a message to a task', () => {
  const asking: Execute = async function* ({ task }) {
    if (!task) yield { status: { state: 'TASK_STATE_INPUT_REQUIRED', message: { parts: [{ text: 'what?' }] } } };
  };

  test('continues it in its context, with everything said before', async () => {
    const { finish } = create(asking);
    const first = await finish(textMessage('one'));
    const id = first.task?.id ?? '';
    const { events, task } = await finish(textMessage('two', { taskId: id }));
    expect(taskId(events[0])).toBe(id);
    expect(task?.contextId).toBe(first.task?.contextId);
    expect(task?.history?.map(({ parts }) => parts[0]?.text)).toEqual(['one', 'what?', 'two']);
    expect(task?.status.state).toBe('TASK_STATE_COMPLETED');
  });

  test.each([
    { name: 'that is unknown', ids: () => ({ taskId: 'unknown' }), reason: 'TASK_NOT_FOUND' },
    {
      name: 'of another context',
      ids: (task: Task) => ({ taskId: task.id, contextId: 'other' }),
      reason: 'INVALID_PARAMS',
    },
  ])('$name is refused with $reason', async ({ ids, reason }) => {
    const { finish, send } = create(asking);
    const { task } = await finish(textMessage('one'));
    if (!task) throw new Error('a task was expected');
    await expect(send(textMessage('two', ids(task))).next()).rejects.toMatchObject({ reason });
  });

  test('that has ended is refused', async () => {
    const { finish, send } = create(async function* () {});
    const { task } = await finish(textMessage('one'));
    const again = send(textMessage('two', { taskId: task?.id ?? '' }));
    await expect(again.next()).rejects.toMatchObject({ reason: 'UNSUPPORTED_OPERATION' });
  });

  test('that still works is refused, and only one of two at once is taken', async () => {
    const { begin, send, messages } = create(obedient);
    const { id } = await begin();
    await expect(send(textMessage('x', { taskId: id })).next()).rejects.toMatchObject({
      reason: 'UNSUPPORTED_OPERATION',
    });
    await messages.close();

    const two = create(asking);
    const asked = (await two.finish(textMessage('one'))).task?.id ?? '';
    const tries = ['a', 'b'].map((text) =>
      collect({ [Symbol.asyncIterator]: () => two.send(textMessage(text, { taskId: asked })) }),
    );
    const outcomes = (await Promise.allSettled(tries)).map(({ status }) => status);
    expect(outcomes.sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('cancelling', () => {
  test('aborts the executor and waits for it', async () => {
    let stopped = false;
    const { messages, context, begin } = create(async function* (_, { signal }) {
      yield working;
      await aborted(signal);
      await Promise.resolve();
      stopped = true;
    });
    const { id, reading } = await begin();
    const task = await messages.cancelTask(id, context);
    expect(stopped).toBe(true);
    expect(task?.status.state).toBe('TASK_STATE_CANCELED');
    expect((await reading.next()).value).toMatchObject({ statusUpdate: { status: { state: 'TASK_STATE_CANCELED' } } });
    expect((await reading.next()).done).toBe(true);
    await expect(messages.cancelTask(id, context)).rejects.toMatchObject({ reason: 'TASK_NOT_CANCELABLE' });
  });

  test('what the executor says afterwards does not count, except why it stopped', async () => {
    const { messages, context, begin } = create(async function* (_, { signal }) {
      yield working;
      await aborted(signal);
      yield { artifact: { parts: [{ text: 'late' }] } };
      yield { status: { state: 'TASK_STATE_COMPLETED' } };
      yield { status: { state: 'TASK_STATE_CANCELED', message: { parts: [{ text: 'put away' }] } } };
    });
    const { id } = await begin();
    const task = await messages.cancelTask(id, context);
    expect(task?.artifacts).toBeUndefined();
    expect(task?.status).toMatchObject({ state: 'TASK_STATE_CANCELED', message: { parts: [{ text: 'put away' }] } });
  });

  test('an executor that does not stop gets its grace, and stays cancelled when it speaks again', async () => {
    let speak = () => {};
    const { messages, context, begin, clock } = create(async function* () {
      yield working;
      await new Promise<void>((resolve) => {
        speak = resolve;
      });
      yield { status: { state: 'TASK_STATE_COMPLETED' } };
    });
    const { id } = await begin();
    const canceling = messages.cancelTask(id, context);
    const again = messages.cancelTask(id, context);
    await clock.advance(4_999);
    expect((await messages.getTask(id, context))?.status.state).toBe('TASK_STATE_WORKING');
    await clock.advance(1);
    expect((await canceling)?.status.state).toBe('TASK_STATE_CANCELED');
    expect(await again).toEqual(await canceling);
    speak();
    await clock.advance(1);
    expect(await messages.getTask(id, context)).toEqual(await canceling);
  });

  test('a task that waits for its client is cancelled, and cannot be continued', async () => {
    const { messages, context, finish, send } = create(async function* () {
      yield { status: { state: 'TASK_STATE_INPUT_REQUIRED' } };
    });
    const id = (await finish(textMessage('hi'))).task?.id ?? '';
    expect((await messages.cancelTask(id, context))?.status.state).toBe('TASK_STATE_CANCELED');
    const again = send(textMessage('more', { taskId: id }));
    await expect(again.next()).rejects.toMatchObject({ reason: 'UNSUPPORTED_OPERATION' });
  });

  test('an unknown task is nobody’s', async () => {
    const { messages, context } = create(obedient);
    expect(await messages.cancelTask('unknown', context)).toBeUndefined();
  });
});

test('a reader that leaves does not end the task', async () => {
  const seen: AbortSignal[] = [];
  const { messages, context, begin, leave } = create((request, own) => {
    seen.push(own.signal);
    return obedient(request, own);
  });
  const { id, reading } = await begin();
  leave.abort();
  expect((await reading.next()).done).toBe(true);
  expect(seen[0]?.aborted).toBe(false);
  expect((await messages.getTask(id, context))?.status.state).toBe('TASK_STATE_WORKING');
  await messages.close();
});

test('a reader that falls behind finds in the store what has left memory, in order and without a gap', async () => {
  const { send, clock } = create(async function* () {
    for (let n = 0; n < 100; n += 1) yield { artifact: { artifactId: `${n}`, parts: [{ data: n }] } };
  });
  const reading = send(textMessage('hi'));
  await reading.next();
  await clock.advance(0);
  const rest = await collect({ [Symbol.asyncIterator]: () => reading });
  const told = rest.flatMap((event) => ('artifactUpdate' in event ? event.artifactUpdate.artifact.artifactId : []));
  expect(told).toEqual(Array.from({ length: 100 }, (_, n) => `${n}`));
  expect(states(rest)).toEqual(['COMPLETED']);
});

test('closing aborts what works and says that it failed', async () => {
  const { messages, context, begin } = create(obedient);
  const { id, reading } = await begin();
  await messages.close();
  expect((await messages.getTask(id, context))?.status.state).toBe('TASK_STATE_FAILED');
  expect(states([(await reading.next()).value].flatMap((event) => event ?? []))).toEqual(['FAILED']);
});

describe('a store that fails', () => {
  const failing = (failures: number): TaskStore => {
    const store = createInMemoryTaskStore();
    let left = failures;
    return {
      ...store,
      async commit(step) {
        if (step.after === 0 ? failures === Number.POSITIVE_INFINITY : left-- > 0) throw new Error('disk full');
        return store.commit(step);
      },
    };
  };

  test('at the first step refuses the message, and is a line in the log', async () => {
    const { send, logger } = create(obedient, failing(Number.POSITIVE_INFINITY));
    await expect(send(textMessage('hi')).next()).rejects.toMatchObject({ reason: 'INTERNAL_ERROR' });
    expect(logger.lines.some(({ level }) => level === 'error')).toBe(true);
  });

  test('later is asked again until it stores: the task does not stay behind what became of it', async () => {
    let goOn = () => {};
    const { begin, messages, context, clock } = create(async function* () {
      yield working;
      await new Promise<void>((resolve) => {
        goOn = resolve;
      });
    }, failing(3));
    const { id } = await begin();
    goOn();
    for (let times = 0; times < 10; times += 1) await clock.advance(10_000);
    expect((await messages.getTask(id, context))?.status.state).toBe('TASK_STATE_COMPLETED');
  });
});

describe('a task that waits for credentials', () => {
  const waiting: Execute = async function* ({ task }, { signal }) {
    if (task) return;
    yield { status: { state: 'TASK_STATE_AUTH_REQUIRED', message: { parts: [{ text: 'log in' }] } } };
    await aborted(signal);
  };

  test('answers who waits, and is taken over by the next message to it', async () => {
    const { messages, context } = create(waiting);
    const asked = await messages.send(textMessage('go'), context);
    if (!('task' in asked)) throw new Error('a task was expected');
    expect(asked.task.status.state).toBe('TASK_STATE_AUTH_REQUIRED');
    const done = await messages.send(textMessage('done', { taskId: asked.task.id }), context);
    expect(done).toMatchObject({ task: { id: asked.task.id, status: { state: 'TASK_STATE_COMPLETED' } } });
  });

  test('stays as it is when the executor returns', async () => {
    const { messages, context, clock } = create(async function* () {
      yield { status: { state: 'TASK_STATE_AUTH_REQUIRED' } };
    });
    const asked = await messages.send(textMessage('go'), context);
    await clock.advance(1);
    const id = 'task' in asked ? asked.task.id : '';
    expect((await messages.getTask(id, context))?.status.state).toBe('TASK_STATE_AUTH_REQUIRED');
  });
});

describe('recovery', () => {
  test('ends what an earlier life left running, and leaves what waits for its client', async () => {
    const store = createInMemoryTaskStore();
    const before = create(async function* ({ message }, own) {
      if (message.parts[0]?.text === 'ask') yield { status: { state: 'TASK_STATE_INPUT_REQUIRED' } };
      else yield* obedient({ taskId: '', contextId: '', message, configuration: {} }, own);
    }, store);
    const { id } = await before.begin('work');
    const asked = await before.messages.send(textMessage('ask'), before.context);
    const after = create(obedient, store);
    await after.messages.recover();
    await after.messages.recover();
    const stateOf = async (taskId: string) => (await after.messages.getTask(taskId, after.context))?.status.state;
    expect(await stateOf(id)).toBe('TASK_STATE_FAILED');
    expect(await stateOf('task' in asked ? asked.task.id : '')).toBe('TASK_STATE_INPUT_REQUIRED');
  });
});

test('an executor that never waits holds nobody up: neither before it is cancelled nor after', async () => {
  const { messages, context, clock } = create(async function* () {
    for (let n = 0; ; n += 1) yield { artifact: { artifactId: 'all', parts: [{ data: n }] } };
  });
  const begun = await messages.send({ ...textMessage('go'), configuration: { returnImmediately: true } }, context);
  const id = 'task' in begun ? begun.task.id : '';
  const canceling = messages.cancelTask(id, context);
  await clock.advance(5_000);
  expect((await canceling)?.status.state).toBe('TASK_STATE_CANCELED');
});

test('what waits for its client is cancelled also where the cancellation came while it began to wait', async () => {
  const store = createInMemoryTaskStore();
  let goOn = () => {};
  const held: TaskStore = {
    ...store,
    async commit(step) {
      if (step.task.status.state === 'TASK_STATE_INPUT_REQUIRED') {
        await new Promise<void>((resolve) => {
          goOn = resolve;
        });
      }
      return store.commit(step);
    },
  };
  let ask = () => {};
  const { messages, context, clock } = create(async function* () {
    yield working;
    await new Promise<void>((resolve) => {
      ask = resolve;
    });
    yield { status: { state: 'TASK_STATE_INPUT_REQUIRED' } };
  }, held);
  const begun = await messages.send({ ...textMessage('go'), configuration: { returnImmediately: true } }, context);
  const id = 'task' in begun ? begun.task.id : '';
  ask();
  await clock.advance(1);
  const canceling = messages.cancelTask(id, context);
  await clock.advance(1);
  goOn();
  expect((await canceling)?.status.state).toBe('TASK_STATE_CANCELED');
});

test('what can never be stored fails its task from where it was stored last, and nobody waits for ever', async () => {
  const store = createInMemoryTaskStore();
  const picky: TaskStore = {
    ...store,
    async commit(step) {
      if (JSON.stringify(step.events).includes('poison')) throw new Error('it cannot be stored');
      return store.commit(step);
    },
  };
  let goOn = () => {};
  const { messages, context, clock } = create(async function* () {
    yield working;
    await new Promise<void>((resolve) => {
      goOn = resolve;
    });
    yield { artifact: { parts: [{ text: 'poison' }] } };
  }, picky);
  const begun = await messages.send({ ...textMessage('go'), configuration: { returnImmediately: true } }, context);
  const id = 'task' in begun ? begun.task.id : '';
  goOn();
  for (let times = 0; times < 20; times += 1) await clock.advance(10_000);
  const task = await messages.getTask(id, context);
  expect(task?.status).toMatchObject({
    state: 'TASK_STATE_FAILED',
    message: { parts: [{ text: expect.stringContaining('stored') }] },
  });
  expect(task?.artifacts).toBeUndefined();
});

test('a task that somebody else moves while it is recovered is no reason not to start', async () => {
  const store = createInMemoryTaskStore();
  const before = create(obedient, store);
  const { id } = await before.begin('work');
  const contested: TaskStore = {
    ...store,
    commit: async () => {
      throw new TaskStoreError('CONFLICT', 'moved');
    },
  };
  await expect(create(obedient, contested).messages.recover()).resolves.toBeUndefined();
  expect((await store.find('', id))?.task.status.state).toBe('TASK_STATE_WORKING');
  await before.messages.close();
});

test('another message with the id of a stream’s last event is refused, not lost', async () => {
  const { messages, send, context } = create(async function* () {
    yield { status: { state: 'TASK_STATE_INPUT_REQUIRED' } };
  });
  const first = await send(textMessage('one')).next();
  const id = taskId(first.value ?? undefined);
  const asked = { ...context, lastEventId: `${id}/1` };
  const read = (params: SendMessageParams) => eventsOf(messages.stream(params, asked)).next();
  await expect(read(textMessage('two', { taskId: id }))).rejects.toMatchObject({ reason: 'INVALID_PARAMS' });
  expect((await read(textMessage('one'))).value).toMatchObject({ statusUpdate: {} });
});

/** §3.1.2, §3.1.6, §3.5.2, §11.7: streams of one task, for many readers, in order and without a gap. */
import { createInMemoryTaskStore, GAP_KEY } from '@skein/a2a-transport';
import { serveApp } from '@skein/a2a-transport/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { StreamResponse } from './strict.ts';
import { createSubject, type EventReader, rpcBody, say, shapeOf } from './subject.ts';

const shapes = (events: readonly StreamResponse[]) => events.map(shapeOf);

function taskOf(event: StreamResponse | undefined) {
  if (!event || !('task' in event)) throw new Error('a task was expected first');
  return event.task;
}

describe('SendStreamingMessage', () => {
  test('begins with the task, goes on with its updates and ends after the terminal one', async () => {
    await using subject = createSubject();
    const stream = await subject.stream('SendStreamingMessage', say('work'));
    const events = await stream.rest();
    expect(shapes(events)).toEqual(['task:SUBMITTED', 'status:WORKING', 'artifact', 'artifact', 'status:COMPLETED']);
    const { id, contextId } = taskOf(events[0]);
    for (const event of events.slice(1)) {
      expect(Object.values(event)[0]).toMatchObject({ taskId: id, contextId });
    }
    expect(events[3]).toMatchObject({ artifactUpdate: { append: true, lastChunk: true } });
  });

  test.each([
    { word: 'fail', end: 'status:FAILED' },
    { word: 'reject', end: 'status:REJECTED' },
  ])('of "$word" ends with $end', async ({ word, end }) => {
    await using subject = createSubject();
    const stream = await subject.stream('SendStreamingMessage', say(word));
    expect(shapes(await stream.rest()).at(-1)).toBe(end);
    expect(stream.text).not.toContain('hunter2');
  });

  test('ends when the task is cancelled', async () => {
    await using subject = createSubject();
    const stream = await subject.stream('SendStreamingMessage', say('wait'));
    const { id } = taskOf(await stream.next());
    await subject.call('CancelTask', { id });
    expect(shapes(await stream.rest()).at(-1)).toBe('status:CANCELED');
  });

  test('with a message as the answer is exactly that message', async () => {
    await using subject = createSubject();
    const stream = await subject.stream('SendStreamingMessage', say('answer'));
    expect(await stream.rest()).toMatchObject([{ message: { role: 'ROLE_AGENT', parts: [{ text: 'an answer' }] } }]);
  });

  test('tells each event as it happens, not at the end', async () => {
    await using subject = createSubject();
    const stream = await subject.stream('SendStreamingMessage', say('steps'));
    expect(shapeOf(await stream.next())).toBe('task:SUBMITTED');
    expect(shapeOf(await stream.next())).toBe('status:WORKING');
    for (const text of ['a', 'b', 'c']) {
      subject.agent.proceed();
      expect(await stream.next()).toMatchObject({ artifactUpdate: { artifact: { parts: [{ text }] } } });
    }
    subject.agent.proceed();
    expect(shapes(await stream.rest())).toEqual(['status:COMPLETED']);
  });

  test('stays open through INPUT_REQUIRED, and hears how the task goes on', async () => {
    await using subject = createSubject();
    const stream = await subject.stream('SendStreamingMessage', say('ask'));
    const { id } = taskOf(await stream.next());
    expect(shapeOf(await stream.next())).toBe('status:INPUT_REQUIRED');
    await subject.task('the red one', { taskId: id });
    expect(shapes(await stream.rest()).at(-1)).toBe('status:COMPLETED');
  });

  test('stays open through AUTH_REQUIRED, and hears how the task goes on', async () => {
    await using subject = createSubject();
    const stream = await subject.stream('SendStreamingMessage', say('authorise'));
    await stream.next();
    expect(shapeOf(await stream.next())).toBe('status:AUTH_REQUIRED');
    subject.agent.proceed();
    expect(shapes(await stream.rest()).at(-1)).toBe('status:COMPLETED');
  });

  test('continues a task with its snapshot first', async () => {
    await using subject = createSubject();
    const { id, contextId } = await subject.task('ask');
    const stream = await subject.stream('SendStreamingMessage', say('the red one', { taskId: id }));
    const events = await stream.rest();
    expect(taskOf(events[0])).toMatchObject({ id, contextId });
    expect(shapes(events).at(-1)).toBe('status:COMPLETED');
  });

  test.each([
    { word: 'refuse', code: -32005 },
    { word: 'forbid', code: -31000 },
    { word: 'crash', code: -32603 },
  ])('that the agent refuses by "$word" is a plain $code, not a stream', async ({ word, code }) => {
    await using subject = createSubject();
    expect(await subject.refuse('SendStreamingMessage', say(word))).toMatchObject({ id: 1, code });
  });

  test('a returnImmediately changes nothing of it', async () => {
    await using subject = createSubject();
    const params = { ...say('work'), configuration: { returnImmediately: true } };
    const stream = await subject.stream('SendStreamingMessage', params);
    expect(shapes(await stream.rest()).at(-1)).toBe('status:COMPLETED');
  });
});

describe('SubscribeToTask', () => {
  test('begins with the task as it stands now, and ends after its end', async () => {
    await using subject = createSubject();
    const { id } = await subject.begin('steps');
    subject.agent.proceed();
    await subject.clock.advance(0);
    const current = await subject.call('GetTask', { id });
    expect(current.artifacts).toHaveLength(1);
    const stream = await subject.stream('SubscribeToTask', { id });
    expect(taskOf(await stream.next())).toEqual(current);
    for (let step = 0; step < 3; step += 1) subject.agent.proceed();
    expect(shapes(await stream.rest())).toEqual(['artifact', 'artifact', 'status:COMPLETED']);
  });

  test('waits with a task that waits for its client', async () => {
    await using subject = createSubject();
    const { id } = await subject.task('ask');
    const stream = await subject.stream('SubscribeToTask', { id });
    expect(shapeOf(await stream.next())).toBe('task:INPUT_REQUIRED');
    const sent = subject.task('the red one', { taskId: id });
    expect(shapes(await stream.rest()).at(-1)).toBe('status:COMPLETED');
    await sent;
  });

  test.each(['work', 'fail', 'reject'])('of a task that ended by "%s" is a plain -32004', async (word) => {
    await using subject = createSubject();
    const { id } = await subject.task(word);
    expect(await subject.refuse('SubscribeToTask', { id })).toMatchObject({
      id: 1,
      code: -32004,
      reason: 'UNSUPPORTED_OPERATION',
    });
  });

  test('of a cancelled task is a plain -32004', async () => {
    await using subject = createSubject();
    const { id } = await subject.begin('wait');
    await subject.call('CancelTask', { id });
    expect(await subject.refuse('SubscribeToTask', { id })).toMatchObject({ code: -32004 });
  });

  test('of an unknown task is a plain -32001', async () => {
    await using subject = createSubject();
    expect(await subject.refuse('SubscribeToTask', { id: 'unknown' })).toMatchObject({ id: 1, code: -32001 });
  });
});

describe('many readers of one task', () => {
  const opened = async (subject: ReturnType<typeof createSubject>) => {
    const first = await subject.stream('SendStreamingMessage', say('steps'));
    const { id } = taskOf(await first.next());
    expect(shapeOf(await first.next())).toBe('status:WORKING');
    const others = await Promise.all([1, 2, 3].map(() => subject.stream('SubscribeToTask', { id })));
    for (const other of others) expect(shapeOf(await other.next())).toBe('task:WORKING');
    return { id, readers: [first, ...others] };
  };
  const finish = (subject: ReturnType<typeof createSubject>) => {
    for (let step = 0; step < 4; step += 1) subject.agent.proceed();
  };
  const restOf = (readers: readonly EventReader[]) => Promise.all(readers.map((reader) => reader.rest()));

  test('hear the same events in the same order', async () => {
    await using subject = createSubject();
    const { readers } = await opened(subject);
    finish(subject);
    const [first, ...others] = await restOf(readers);
    expect(shapes(first ?? [])).toEqual(['artifact', 'artifact', 'artifact', 'status:COMPLETED']);
    for (const other of others) expect(other).toEqual(first);
  });

  test('one that leaves changes nothing for the others, nor for the task', async () => {
    await using subject = createSubject();
    const { id, readers } = await opened(subject);
    await readers[0]?.leave();
    await readers[2]?.leave();
    finish(subject);
    for (const events of await restOf(readers.filter((_, index) => index % 2 === 1))) {
      expect(shapes(events).at(-1)).toBe('status:COMPLETED');
    }
    expect(await subject.call('GetTask', { id })).toMatchObject({ status: { state: 'TASK_STATE_COMPLETED' } });
  });

  test('all may leave: the task goes on', async () => {
    await using subject = createSubject();
    const { id, readers } = await opened(subject);
    await Promise.all(readers.map((reader) => reader.leave()));
    finish(subject);
    await subject.clock.advance(0);
    expect(subject.agent.signals[0]?.aborted).toBe(false);
    expect(await subject.call('GetTask', { id })).toMatchObject({
      status: { state: 'TASK_STATE_COMPLETED' },
      artifacts: [{ parts: [{ text: 'a' }, { text: 'b' }, { text: 'c' }] }],
    });
  });
});

test('whenever a reader comes and from wherever it goes on, it hears the rest of one and the same log', async () => {
  const moments = fc.record({ afterSteps: fc.integer({ min: 0, max: 3 }), from: fc.integer({ min: 0, max: 5 }) });
  await fc.assert(
    fc.asyncProperty(fc.array(moments, { minLength: 1, maxLength: 6 }), async (readers) => {
      await using subject = createSubject();
      const whole = await subject.stream('SendStreamingMessage', say('steps'));
      const { id } = taskOf(await whole.next());
      await whole.next();
      const opened: { reading: Promise<EventReader>; from: number }[] = [];
      for (let steps = 0; steps <= 4; steps += 1) {
        for (const { afterSteps, from } of readers.filter((each) => each.afterSteps === steps)) {
          // What has not happened yet cannot have been heard: 0 stands for a reader without Last-Event-ID.
          const heard = Math.min(from, 2 + afterSteps);
          const headers = heard === 0 ? {} : { 'last-event-id': whole.ids[heard - 1] ?? '' };
          opened.push({ reading: subject.stream('SubscribeToTask', { id }, headers), from: heard });
        }
        await subject.clock.advance(0);
        subject.agent.proceed();
        if (steps < 3) await whole.next();
      }
      await whole.rest();
      for (const { reading, from } of opened) {
        const reader = await reading;
        const events = await reader.rest();
        const log = whole.ids.slice(from === 0 ? -events.length : from);
        expect(reader.ids).toEqual(log);
        expect(from === 0 ? shapeOf(events[0]) : 'task').toMatch(/^task/);
        expect(shapeOf(events.at(-1))).toBe('status:COMPLETED');
      }
    }),
    { numRuns: 30 },
  );
});

describe('resuming', () => {
  test('every event carries an id of its own', async () => {
    await using subject = createSubject();
    const stream = await subject.stream('SendStreamingMessage', say('work'));
    const events = await stream.rest();
    expect(stream.ids).toHaveLength(events.length);
    expect(new Set(stream.ids).size).toBe(events.length);
  });

  test('Last-Event-ID goes on after that event, without a gap and without a repetition', async () => {
    await using subject = createSubject();
    const whole = await subject.stream('SendStreamingMessage', say('steps'));
    const { id } = taskOf(await whole.next());
    await whole.next();
    subject.agent.proceed();
    await whole.next();
    const lost = await subject.stream('SubscribeToTask', { id }, { 'last-event-id': whole.ids[1] ?? '' });
    for (let step = 0; step < 3; step += 1) subject.agent.proceed();
    const rest = await whole.rest();
    const caught = await lost.rest();
    expect(shapes(caught)).toEqual(['artifact', 'artifact', 'artifact', 'status:COMPLETED']);
    expect(caught.slice(1)).toEqual(rest);
    expect(lost.ids).toEqual(whole.ids.slice(2));
  });

  test('a reader that has heard everything is answered at once, and waits in the stream', async () => {
    await using subject = createSubject();
    const whole = await subject.stream('SendStreamingMessage', say('steps'));
    const { id } = taskOf(await whole.next());
    await whole.next();
    let answered = false;
    const reading = subject.stream('SubscribeToTask', { id }, { 'last-event-id': whole.ids[1] ?? '' }).finally(() => {
      answered = true;
    });
    reading.catch(() => {}); // told by what follows
    await subject.clock.advance(1_000);
    expect(answered).toBe(true);
    const reader = await reading;
    for (let step = 0; step < 4; step += 1) subject.agent.proceed();
    expect(shapes(await reader.rest())).toEqual(['artifact', 'artifact', 'artifact', 'status:COMPLETED']);
  });

  test('Last-Event-ID reaches the end of a task that ended meanwhile', async () => {
    await using subject = createSubject();
    const whole = await subject.stream('SendStreamingMessage', say('work'));
    const events = await whole.rest();
    const { id } = taskOf(events[0]);
    const lost = await subject.stream('SubscribeToTask', { id }, { 'last-event-id': whole.ids[1] ?? '' });
    expect(await lost.rest()).toEqual(events.slice(2));
  });

  test('a Last-Event-ID that nobody gave is refused', async () => {
    await using subject = createSubject();
    const { id } = await subject.begin('steps');
    const headers = { 'last-event-id': 'not-one-of-ours' };
    expect(await subject.refuse('SubscribeToTask', { id }, headers)).toMatchObject({ code: -32602 });
  });

  test('where the events between are no longer kept, the stream says that there is a gap', async () => {
    const taskStore = createInMemoryTaskStore({ maxEvents: 4 });
    await using subject = createSubject({ taskStore });
    const whole = await subject.stream('SendStreamingMessage', say('many'));
    const { id } = taskOf(await whole.next());
    await whole.rest();
    const lost = await subject.stream('SubscribeToTask', { id }, { 'last-event-id': whole.ids[0] ?? '' });
    const events = await lost.rest();
    const snapshot = taskOf(events[0]);
    expect(snapshot.metadata?.[GAP_KEY]).toEqual({ after: 1, before: expect.any(Number) });
    expect(snapshot).toMatchObject({ status: { state: 'TASK_STATE_COMPLETED' } });
    expect(snapshot.artifacts).toHaveLength(40);
  });
});

describe('over real HTTP', () => {
  test('headers and the first event arrive at once, while the agent works on', async () => {
    await using subject = createSubject();
    await using served = await serveApp(subject.server.app.fetch);
    const reply = await fetch(`${served.origin}/a2a`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'a2a-version': '1.0' },
      body: rpcBody('SendStreamingMessage', say('wait')),
    });
    expect(reply.status).toBe(200);
    expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream\b/);
    const reader = reply.body?.getReader();
    const { value } = (await reader?.read()) ?? {};
    expect(new TextDecoder().decode(value)).toContain('"task":{');
    await reader?.cancel();
  });

  test('a silent stream is kept alive by comments', async () => {
    await using subject = createSubject({ limits: { keepAliveMs: 10_000 } });
    const stream = await subject.stream('SendStreamingMessage', say('wait'));
    await stream.next();
    await stream.next();
    const end = stream.next();
    await subject.clock.advance(60_000);
    subject.agent.proceed();
    expect(shapeOf(await end)).toBe('artifact');
    // Silence lasts for less than two intervals.
    expect(stream.text.match(/^:/gm)?.length).toBeGreaterThanOrEqual(3);
  });
});

test('a streaming method in a batch is -32600, since a stream fills the whole answer', async () => {
  await using subject = createSubject();
  const reply = await subject.fetch('/a2a', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'a2a-version': '1.0' },
    body: `[${rpcBody('SendStreamingMessage', say('work'))}]`,
  });
  expect(await reply.json()).toMatchObject([{ id: 1, error: { code: -32600 } }]);
});

/** A server that is killed with SIGKILL in the middle of a task, and started again on the same database: real processes. */
import { createA2AClient, createUndiciHttp } from '@skein/a2a-transport';
import { createTestDatabase, type TestDatabase } from '@skein/drizzle/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, inject, test } from 'vitest';
import type { StreamResponse } from '../conformance/strict.ts';
import { type EventReader, say, shapeOf } from '../conformance/subject.ts';
import { createHeldReceiver, type HeldReceiver } from './held-receiver.ts';
import { type MortalAgent, startMortalAgent } from './mortal-agent.ts';

let database: TestDatabase;
let receiver: HeldReceiver;
/** The life of the server that runs. Each test ends it and leaves the next one its own. */
let agent: MortalAgent;
let contextId: string;
let tests = 0;

const live = (origin?: string) =>
  startMortalAgent({ target: database.target, receiver: receiver.origin, ...(origin !== undefined && { origin }) });

/** What is on its way is lost; the next life is reached where this one was. */
async function dieAndLiveAgain(between: () => Promise<void> = async () => {}): Promise<void> {
  await agent.kill();
  await between();
  agent = await live(agent.origin);
}

beforeAll(async () => {
  database = await createTestDatabase(inject('testCluster'));
  receiver = await createHeldReceiver();
  agent = await live();
});

beforeEach(() => {
  tests += 1;
  contextId = `conversation ${tests}`;
  receiver.clear();
});

/** A test that failed leaves its task and what it had told the agent; the next one begins with a life of its own. */
afterEach(async ({ task }) => {
  if (task.result?.state === 'fail') await dieAndLiveAgain();
});

afterAll(async () => {
  await agent?.kill();
  await receiver?.[Symbol.asyncDispose]();
  await database?.drop();
});

const artifact = (text: string, append: boolean) => ({
  artifact: { artifactId: 'out', parts: [{ text }] },
  ...(append && { append }),
});
const one = artifact('one ', false);
const two = artifact('two ', true);
const three = artifact('three', true);
const textOf = (event: StreamResponse | undefined) =>
  event && 'artifactUpdate' in event
    ? event.artifactUpdate.artifact.parts.map((part) => Object(part).text).join('')
    : '';

/** A task in its work, its reader, and what that has heard. */
class Work {
  readonly reader: EventReader;
  readonly heard: StreamResponse[] = [];

  constructor(reader: EventReader) {
    this.reader = reader;
  }

  get taskId(): string {
    const [first] = this.heard;
    return first && 'task' in first ? first.task.id : '';
  }

  async hears(events: number): Promise<void> {
    for (; events > 0; events -= 1) {
      const event = await this.reader.next();
      if (!event) throw new Error('the stream ended');
      this.heard.push(event);
    }
  }
}

async function begin(): Promise<Work> {
  const configuration = { taskPushNotificationConfig: { url: `${receiver.origin}/` } };
  const work = new Work(await agent.stream('SendStreamingMessage', { ...say('work', { contextId }), configuration }));
  await work.hears(2);
  return work;
}

/** What the receiver was shown, each event where it was first. */
function shown(): readonly { key: string; event: StreamResponse }[] {
  const byKey = new Map(receiver.posted.map((each) => [each.key, each]));
  const keys = new Set(receiver.posted.map(({ key }) => key));
  return [...keys].flatMap((key) => byKey.get(key) ?? []);
}

/** A busy machine may take its time. */
const eventually = <T>(look: () => T) => expect.poll(look, { timeout: 10_000 });
const takes = (events: number) => eventually(() => shown().length).toBe(events);

interface Point {
  when: string;
  /** Leads the agent to where it is killed. */
  lead(work: Work): Promise<void>;
  /** What of its work is in the log, beside its beginning and the end that its next life says. */
  kept: readonly string[];
}

const points: readonly Point[] = [
  { when: 'after the first events of a task', lead: async () => takes(2), kept: [] },
  {
    when: 'between two artifacts',
    async lead(work) {
      agent.leads(one);
      await work.hears(1);
      agent.leads(two);
      await work.hears(1);
      await takes(4);
    },
    kept: ['one ', 'two '],
  },
  {
    when: 'before an artifact is stored',
    async lead(work) {
      agent.leads(one);
      await work.hears(1);
      await agent.holds('before', two);
    },
    kept: ['one '],
  },
  {
    when: 'with an artifact stored that nobody has heard of',
    async lead(work) {
      agent.leads(one);
      await work.hears(1);
      await agent.holds('after', two);
    },
    kept: ['one ', 'two '],
  },
  {
    when: 'while its receiver refuses a notification',
    async lead(work) {
      receiver.refuses((event) => textOf(event) === 'two ');
      for (const each of [one, two, three]) agent.leads(each);
      await work.hears(3);
      await eventually(() => receiver.posted.at(-1)?.taken).toBe(false);
    },
    kept: ['one ', 'two ', 'three'],
  },
];

describe.each(points)('killed $when, the next life', ({ lead, kept }) => {
  test('says what became of its tasks, pushes what was pending, and lets readers read on', async () => {
    const asked = await agent.call('SendMessage', say('ask', { contextId }));
    if (!('task' in asked)) throw new Error('a task was expected');
    const work = await begin();
    await lead(work);
    const { taskId, heard } = work;
    expect((await agent.call('GetTask', { id: taskId })).status.state).toBe('TASK_STATE_WORKING');
    await dieAndLiveAgain(async () => {
      await expect(work.reader.rest()).rejects.toThrow(); // a stream that is cut is no stream that ended
      receiver.refuses(() => false);
    });

    const task = await agent.call('GetTask', { id: taskId });
    expect(task.status).toMatchObject({
      state: 'TASK_STATE_FAILED',
      message: { role: 'ROLE_AGENT', parts: [{ text: 'The process of the agent ended before the task did' }] },
    });
    expect((task.artifacts ?? []).flatMap(({ parts }) => parts)).toEqual(kept.map((text) => ({ text })));
    expect(await agent.call('GetTask', { id: asked.task.id })).toEqual(asked.task);
    const listed = await agent.call('ListTasks', { contextId, includeArtifacts: true });
    expect(listed.tasks.map(({ id, status }) => [id, status])).toEqual([
      [taskId, task.status],
      [asked.task.id, asked.task.status],
    ]);
    expect((await agent.call('ListTasks', { status: 'TASK_STATE_WORKING' })).totalSize).toBe(0);

    const last = work.reader.ids.at(-1) ?? '';
    expect(last).toBe(`${taskId}/${heard.length}`);
    const resumed = await agent.stream('SubscribeToTask', { id: taskId }, last);
    const missed = await resumed.rest();
    const log = [...heard, ...missed];
    expect(log.map(shapeOf)).toEqual([
      ...['task:SUBMITTED', 'status:WORKING'],
      ...kept.map(() => 'artifact'),
      'status:FAILED',
    ]);
    expect(log.map(textOf).join('')).toBe(kept.join(''));
    expect([...work.reader.ids, ...resumed.ids]).toEqual(log.map((_, index) => `${taskId}/${index + 1}`));
    const anew = await agent.stream('SubscribeToTask', { id: taskId }, `${taskId}/0`);
    expect(await anew.rest()).toEqual(log);

    const end = { taken: true, event: missed.at(-1) };
    await eventually(() => receiver.posted.at(-1)).toMatchObject(end);
    expect(shown().map(({ event }) => event)).toEqual(log);
    const taken = new Set(receiver.posted.flatMap((each) => (each.taken ? [each.key] : [])));
    expect(taken.size).toBe(log.length);
  });
});

test('of a task that had ended the next life pushes what its receiver had not taken', async () => {
  const work = await begin();
  receiver.refuses((event) => textOf(event) === 'one ');
  for (const each of [one, two, { status: { state: 'TASK_STATE_COMPLETED' } } as const]) agent.leads(each);
  work.heard.push(...(await work.reader.rest()));
  await eventually(() => receiver.posted.at(-1)?.taken).toBe(false);
  await dieAndLiveAgain(async () => receiver.refuses(() => false));
  expect((await agent.call('GetTask', { id: work.taskId })).status.state).toBe('TASK_STATE_COMPLETED');
  await eventually(() => receiver.posted.at(-1)).toMatchObject({ taken: true, event: work.heard.at(-1) });
  expect(shown().map(({ event }) => event)).toEqual(work.heard);
});

test('a task that waits for its client is continued in the next life, and its reader reads on', async () => {
  const stream = await agent.stream('SendStreamingMessage', say('ask', { contextId }));
  const work = new Work(stream);
  await work.hears(2);
  const { taskId, heard } = work;
  expect(heard.map(shapeOf)).toEqual(['task:SUBMITTED', 'status:INPUT_REQUIRED']);
  await dieAndLiveAgain();
  await expect(stream.rest()).rejects.toThrow();
  const resumed = await agent.stream('SubscribeToTask', { id: taskId }, stream.ids.at(-1));
  const answer = await agent.call('SendMessage', say('the second', { taskId }));
  expect(answer).toMatchObject({
    task: { id: taskId, status: { state: 'TASK_STATE_COMPLETED' }, artifacts: [{ artifactId: 'answer' }] },
  });
  expect((await resumed.rest()).map(shapeOf)).toEqual(['status:WORKING', 'artifact', 'status:COMPLETED']);
  expect(resumed.ids).toEqual([3, 4, 5].map((seq) => `${taskId}/${seq}`));
});

test('our own client reads on through the death of the server as though nothing had been', async () => {
  const http = createUndiciHttp();
  // As long as it takes the next life to come up, on a machine that is busy.
  const client = createA2AClient({ endpoint: `${agent.origin}/a2a`, http, resumeForMs: 300_000 });
  const stream = client.sendStreamingMessage('work')[Symbol.asyncIterator]();
  const heard: StreamResponse[] = [];
  const hears = async () => {
    const next = await stream.next();
    if (!next.done) heard.push(next.value as StreamResponse); // as the server says them, which is strict
    return next;
  };
  await hears();
  await hears();
  agent.leads(one);
  await hears();
  await agent.holds('after', two);
  let next = hears();
  await dieAndLiveAgain();
  for (let each = await next; !each.done; each = await next) next = hears();
  await http.close();
  expect(heard.map(shapeOf)).toEqual(['task:SUBMITTED', 'status:WORKING', 'artifact', 'artifact', 'status:FAILED']);
});

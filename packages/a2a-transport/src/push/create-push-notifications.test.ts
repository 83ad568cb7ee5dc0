import type { StreamResponse, Task, TaskState } from '@skein/contracts/a2a';
import { createFakeClock, createMemoryLogger, createSeededRandom, type FakeClock } from '@skein/contracts/testing';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { HttpPort, HttpRequest } from '../client/http-port.ts';
import { createInMemoryTaskStore } from '../tasks/in-memory-task-store.ts';
import { GAP_KEY } from '../tasks/streamed-event.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import { createFakePushConfigs, type FakePushConfigs } from '../testing/fake-push-configs.ts';
import { createPushNotifications } from './create-push-notifications.ts';
import { MASK } from './delivery-headers.ts';
import type { PushNotifications } from './push-notifications.ts';

const URL_A = 'https://a.example/hook';
const owner = 'alice';

/** What a receiver does with one request: a status, a failure, or a silence that only an abort ends. */
type Answer = number | Error | 'silence' | { status: number; headers: Record<string, string> };

interface Receiver extends HttpPort {
  readonly requests: HttpRequest[];
  /** Those that were answered with success, as `url text`. */
  readonly taken: string[];
  answer: (request: HttpRequest) => Answer | Promise<Answer>;
  open: number;
  mostOpen: number;
}

function createReceiver(): Receiver {
  const receiver: Receiver = {
    requests: [],
    taken: [],
    answer: () => 200,
    open: 0,
    mostOpen: 0,
    async request(request) {
      receiver.requests.push(request);
      receiver.open += 1;
      receiver.mostOpen = Math.max(receiver.mostOpen, receiver.open);
      try {
        const answer = await receiver.answer(request);
        if (answer === 'silence') {
          await new Promise((_resolve, reject) =>
            request.signal.addEventListener('abort', () => reject(request.signal.reason)),
          );
        }
        if (answer instanceof Error) throw answer;
        const { status, headers } = typeof answer === 'object' ? answer : { status: Number(answer), headers: {} };
        if (status < 300) receiver.taken.push(`${request.url} ${textOf(bodyOf(request))}`);
        return { status, headers: new Headers(headers), body: (async function* () {})() };
      } finally {
        receiver.open -= 1;
      }
    },
  };
  return receiver;
}

function bodyOf(request: HttpRequest | undefined): unknown {
  return JSON.parse(new TextDecoder().decode(request?.body));
}

/** The text of a status update, or what kind of event it is. */
function textOf(body: unknown): string {
  const { statusUpdate } = body as { statusUpdate?: { status: { message?: { parts: { text?: string }[] } } } };
  return statusUpdate?.status.message?.parts[0]?.text ?? Object.keys(body as object).join();
}

let clock: FakeClock;
let configs: FakePushConfigs;
let tasks: TaskStore;
let receiver: Receiver;
let logger: ReturnType<typeof createMemoryLogger>;
let push: PushNotifications;
const started: PushNotifications[] = [];

type Deps = Parameters<typeof createPushNotifications>[0];

function createService(options: Parameters<typeof createPushNotifications>[1] = {}, deps: Partial<Deps> = {}) {
  const random = { next: () => 0.5, uuid: createSeededRandom(1).uuid };
  const http = {
    request: receiver.request,
    refusalOf: (url: string) => (url.startsWith('https:') ? undefined : 'No.'),
  };
  const service = createPushNotifications({ configs, tasks, http, clock, random, logger, ...deps }, options);
  started.push(service);
  return service;
}

beforeEach(() => {
  clock = createFakeClock();
  configs = createFakePushConfigs();
  tasks = createInMemoryTaskStore();
  receiver = createReceiver();
  logger = createMemoryLogger();
  push = createService();
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((service) => service.close()));
  expect(clock.sleeping).toBe(0);
});

function status(taskId: string, text: string, state: TaskState = 'TASK_STATE_WORKING'): StreamResponse {
  const message = { messageId: text, role: 'ROLE_AGENT' as const, parts: [{ text }] };
  return {
    statusUpdate: { taskId, contextId: 'c', status: { state, message, timestamp: '2026-01-01T00:00:00.000Z' } },
  };
}

function taskIn(id: string, state: TaskState): Task {
  return { id, contextId: 'c', status: { state, timestamp: '2026-01-01T00:00:00.000Z' } };
}

/** Appends status updates of these texts to the task's log; the text `end` completes it. */
async function grow(taskId: string, ...texts: string[]): Promise<void> {
  const found = await tasks.find(owner, taskId);
  const ends = texts.includes('end');
  const events = texts.map((text) => status(taskId, text, text === 'end' ? 'TASK_STATE_COMPLETED' : undefined));
  const task = taskIn(taskId, ends ? 'TASK_STATE_COMPLETED' : 'TASK_STATE_WORKING');
  await tasks.commit({ owner, task, after: found?.seq ?? 0, events, running: !ends });
}

const create = (taskId = 't', config: object = {}, after = 0, protocolVersion: '1.0' | '0.3' = '1.0') =>
  push.create(owner, taskId, { url: URL_A, id: 'one', ...config }, { after, protocolVersion });
const stored = (taskId = 't', id = 'one') => configs.rows.get(JSON.stringify([taskId, id]));

test('each event is posted bare, in the order of the log, until the last one is taken', async () => {
  await grow('t', 'before', 'first');
  const answer = await create('t', { token: 'tok', authentication: { scheme: 'Bearer', credentials: 'cred' } }, 1);
  expect(answer).toMatchObject({ id: 'one', taskId: 't', url: URL_A, token: 'tok' });
  await grow('t', 'second', 'end');
  push.wake(owner, 't');
  await clock.advance(0);
  expect(receiver.taken).toEqual(['first', 'second', 'end'].map((text) => `${URL_A} ${text}`));
  expect(bodyOf(receiver.requests[0])).toEqual(status('t', 'first'));
  expect(receiver.requests[0]).toMatchObject({
    method: 'POST',
    headers: {
      'content-type': 'application/a2a+json',
      'a2a-version': '1.0',
      authorization: 'Bearer cred',
      'x-a2a-notification-token': 'tok',
      'idempotency-key': '"t:2"',
    },
  });
  expect(stored()).toMatchObject({ state: 'done', delivered: 4 });
  push.wake(owner, 't');
  await clock.advance(60_000);
  expect(receiver.requests).toHaveLength(3);
});

test('a wake while the last delivery is under way loses nothing', async () => {
  await create();
  receiver.answer = async (request) => {
    if (textOf(bodyOf(request)) === 'first') {
      await grow('t', 'second');
      push.wake(owner, 't');
    }
    return 200;
  };
  await grow('t', 'first');
  push.wake(owner, 't');
  await clock.advance(0);
  expect(receiver.taken).toEqual([`${URL_A} first`, `${URL_A} second`]);
});

describe('a receiver that fails', () => {
  test.each<{ what: string; answer: Answer; reason: string }>([
    { what: 'a redirect', answer: 302, reason: 'The receiver answered 302' },
    { what: 'a refusal', answer: 404, reason: 'The receiver answered 404' },
    { what: 'an error', answer: 500, reason: 'The receiver answered 500' },
    {
      what: 'a broken connection',
      answer: new Error('secret host 10.0.0.7'),
      reason: 'The receiver cannot be reached',
    },
  ])('$what is tried again after a jittered wait that doubles', async ({ answer, reason }) => {
    let left = 3;
    receiver.answer = () => (left-- > 0 ? answer : 204);
    await grow('t', 'first');
    await create();
    const attempts: number[] = [];
    for (const ms of [0, 999, 1, 1_999, 1, 3_999]) {
      await clock.advance(ms);
      attempts.push(receiver.requests.length);
    }
    expect(attempts).toEqual([1, 1, 2, 2, 3, 3]);
    expect(stored()).toMatchObject({ failures: 3, delivered: 0, lastFailure: reason, state: 'active' });
    await clock.advance(1);
    expect(stored()).toMatchObject({ failures: 0, delivered: 1 });
    const keys = receiver.requests.map(({ headers }) => headers['idempotency-key']);
    expect(new Set(keys)).toEqual(new Set(['"t:1"']));
  });

  test('ten failures in a row disable it, with a reason for its owner, the operator and the log', async () => {
    receiver.answer = () => 503;
    await grow('t', 'first');
    await create('t', { token: 'tok', authentication: { scheme: 'Bearer', credentials: 'cred' } });
    await clock.advance(3_600_000);
    expect(receiver.requests).toHaveLength(10);
    const expected = { state: 'disabled', failures: 10, lastFailure: 'The receiver answered 503', delivered: 0 };
    expect(stored()).toMatchObject(expected);
    expect(await push.deliveries(owner, 't')).toEqual([{ taskId: 't', id: 'one', ...expected }]);
    const warnings = logger.lines.filter(({ level }) => level === 'warn');
    expect(warnings).toMatchObject([
      {
        message: 'push notifications disabled',
        fields: { taskId: 't', configId: 'one', reason: expected.lastFailure },
      },
    ]);
    expect(JSON.stringify(logger.lines)).not.toMatch(/tok"|cred/);
    await grow('t', 'second');
    push.wake(owner, 't');
    await clock.advance(3_600_000);
    expect(receiver.requests).toHaveLength(10);
    receiver.answer = () => 200;
    await create('t', {}, 2); // made anew, it owes what it owed
    await clock.advance(0);
    expect(receiver.taken).toEqual([`${URL_A} first`, `${URL_A} second`]);
  });

  test.each([
    ['after what was taken, where it was disabled', 410, ['second', 'third']],
    ['at the present, where it was not', 503, ['third']],
  ])('made anew under its id it goes on %s', async (_where, answer, taken) => {
    await grow('t', 'first');
    await create();
    await clock.advance(0);
    receiver.answer = () => answer;
    await grow('t', 'second');
    push.wake(owner, 't');
    await clock.advance(0);
    receiver.answer = () => 200;
    receiver.taken.length = 0;
    await create('t', {}, 2);
    await grow('t', 'third');
    push.wake(owner, 't');
    await clock.advance(0);
    expect(receiver.taken).toEqual(taken.map((text) => `${URL_A} ${text}`));
  });

  test('nine failures, a success and nine failures disable nothing', async () => {
    const answers = [...Array(9).fill(500), 200, ...Array(9).fill(500), 200];
    receiver.answer = () => answers.shift() ?? 200;
    await grow('t', 'first', 'second');
    await create();
    await clock.advance(7_200_000);
    expect([stored()?.state, stored()?.delivered, receiver.requests.length]).toEqual(['active', 2, 20]);
  });

  test('410 Gone disables it at once', async () => {
    receiver.answer = () => 410;
    await grow('t', 'first');
    await create();
    await clock.advance(3_600_000);
    expect(receiver.requests).toHaveLength(1);
    expect(stored()).toMatchObject({ state: 'disabled', lastFailure: 'The receiver answered 410' });
  });

  test.each([
    { asked: '30', ms: 30_000 },
    { asked: '0', ms: 1_000 },
    { asked: '86400', ms: 600_000 },
    { asked: 'Thu, 01 Jan 2026 00:00:45 GMT', ms: 45_000 },
    { asked: 'tomorrow', ms: 1_000 },
  ])('Retry-After: $asked means $ms ms', async ({ asked, ms }) => {
    const answers: Answer[] = [{ status: 429, headers: { 'retry-after': asked } }];
    receiver.answer = () => answers.shift() ?? 200;
    await grow('t', 'first');
    await create();
    await clock.advance(ms - 1);
    expect(receiver.requests).toHaveLength(1);
    await clock.advance(1);
    expect(receiver.taken).toHaveLength(1);
  });

  test('silence counts as a failure after ten seconds, and holds up nobody else', async () => {
    receiver.answer = ({ url }) => (url === URL_A ? 'silence' : 200);
    await grow('t', 'first');
    await create();
    await create('t', { id: 'two', url: 'https://b.example/' });
    await clock.advance(9_999);
    expect(receiver.taken).toEqual(['https://b.example/ first']);
    expect(stored()?.failures).toBe(0);
    await clock.advance(1);
    expect(stored()).toMatchObject({ failures: 1, lastFailure: 'The receiver did not answer within 10000 ms' });
    expect(receiver.requests[0]?.signal.aborted).toBe(true);
  });

  test('a success counts from its status: what the body says, or whether it ends, does not matter', async () => {
    const http: HttpPort = {
      request: async () => ({
        status: 200,
        headers: new Headers(),
        body: (async function* () {
          yield new Uint8Array(2_000_000);
          throw new Error('never read');
        })(),
      }),
    };
    push = createService({}, { http: { ...http, refusalOf: () => undefined } });
    await grow('t', 'end');
    await create();
    await clock.advance(0);
    expect(stored()?.state).toBe('done');
  });
});

describe('a configuration that changes', () => {
  test('replaced: what is under way is aborted, and the new one begins where it was told to', async () => {
    receiver.answer = ({ url }) => (url === URL_A ? 'silence' : 200);
    await grow('t', 'first', 'second');
    await create();
    await clock.advance(0);
    await create('t', { url: 'https://b.example/' }, 1);
    expect(receiver.requests[0]?.signal.aborted).toBe(true);
    await clock.advance(60_000);
    expect(receiver.taken).toEqual(['https://b.example/ second']);
    expect(stored()).toMatchObject({ failures: 0, delivered: 2 });
    expect(receiver.requests).toHaveLength(2);
  });

  test('removed: what is under way is aborted, and nothing follows', async () => {
    receiver.answer = () => 'silence';
    await grow('t', 'first');
    await create();
    await clock.advance(0);
    await push.remove('mallory', 't', 'one');
    expect(receiver.requests[0]?.signal.aborted).toBe(false);
    await push.remove(owner, 't', 'one');
    await push.remove(owner, 't', 'one');
    expect(receiver.requests[0]?.signal.aborted).toBe(true);
    push.wake(owner, 't');
    await clock.advance(3_600_000);
    expect(receiver.requests).toHaveLength(1);
    expect(await push.find(owner, 't', 'one')).toBeUndefined();
  });

  test('removed while it waits for its next try: it has none', async () => {
    receiver.answer = () => 500;
    await grow('t', 'first');
    await create();
    await clock.advance(0);
    await push.remove(owner, 't', 'one');
    expect(clock.sleeping).toBe(0);
    await clock.advance(3_600_000);
    expect(receiver.requests).toHaveLength(1);
  });

  test('made after the task ended: there is nothing to wait for', async () => {
    await grow('t', 'end');
    await create('t', {}, 1);
    await clock.advance(0);
    expect([stored()?.state, receiver.requests.length]).toEqual(['done', 0]);
  });

  test('made before the task: it waits for it', async () => {
    await create();
    await clock.advance(0);
    await grow('t', 'first', 'end');
    push.wake(owner, 't');
    await clock.advance(0);
    expect([stored()?.state, receiver.taken.length]).toEqual(['done', 2]);
  });
});

describe('a restart', () => {
  test('takes up what an earlier life left, in pages, each where its receiver had come to', async () => {
    receiver.answer = (request) => (textOf(bodyOf(request)) === 'second' ? 'silence' : 200);
    const names = Array.from({ length: 5 }, (_, index) => `t${index}`);
    for (const name of names) {
      await grow(name, 'first', 'second', 'end');
      await create(name);
      await create(name, { id: 'two', url: 'https://b.example/' });
    }
    await clock.advance(0);
    await Promise.all([push.close(), push.close()]);
    expect(receiver.taken).toHaveLength(10);
    expect([...configs.rows.values()].map((row) => [row.delivered, row.failures, row.state])).toEqual(
      Array(10).fill([1, 0, 'active']),
    );

    receiver.answer = () => 200;
    receiver.taken.length = 0;
    const unfinished = vi.spyOn(configs, 'unfinished');
    push = createService({ startPage: 3 });
    await push.start();
    await clock.advance(0);
    expect(unfinished).toHaveBeenCalledTimes(4);
    expect(receiver.taken.toSorted()).toEqual(
      [URL_A, 'https://b.example/'].flatMap((url) =>
        ['end', 'second'].flatMap((text) => Array(5).fill(`${url} ${text}`)),
      ),
    );
    expect([...configs.rows.values()].every(({ state }) => state === 'done')).toBe(true);
  });

  test('waits for what has not happened yet, and counts on where failures stood', async () => {
    receiver.answer = () => 500;
    await grow('t', 'first');
    await create();
    await clock.advance(0);
    await push.close();
    expect(stored()?.failures).toBe(1);
    push = createService({ maxFailures: 2 });
    await push.start();
    await clock.advance(0);
    expect(stored()).toMatchObject({ failures: 2, state: 'disabled' });
  });

  test('a configuration that changes while the start reads is not undone by what was read', async () => {
    await grow('t', 'first');
    const gone = { owner, taskId: 't', protocolVersion: '1.0' as const, after: 0 };
    await configs.put({ ...gone, id: 'one', config: { url: URL_A } });
    await configs.put({ ...gone, id: 'two', config: { url: URL_A } });
    const page = await configs.unfinished(undefined, 10);
    let release = () => {};
    vi.spyOn(configs, 'unfinished').mockImplementationOnce(async () => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return page;
    });
    const starting = push.start();
    await push.remove(owner, 't', 'one');
    await create('t', { id: 'two', url: 'https://b.example/' });
    release();
    await starting;
    await clock.advance(0);
    expect(receiver.taken).toEqual(['https://b.example/ first']);
  });

  test('a start that failed can be tried again', async () => {
    vi.spyOn(configs, 'unfinished').mockRejectedValueOnce(new Error('down'));
    await expect(push.start()).rejects.toThrow('down');
    await push.start();
  });

  test('closing aborts what is under way, which is no failure of the receiver', async () => {
    receiver.answer = () => 'silence';
    await grow('t', 'first');
    await create();
    await clock.advance(0);
    await push.close();
    expect(receiver.requests[0]?.signal.aborted).toBe(true);
    expect(stored()).toMatchObject({ failures: 0, delivered: 0, state: 'active' });
    push.wake(owner, 't');
    await create('t', { id: 'two' });
    await clock.advance(60_000);
    expect(receiver.requests).toHaveLength(1);
  });
});

describe('trouble of our own', () => {
  test('a store that cannot be told is told again; the receiver hears nothing twice', async () => {
    configs.failures.push(new Error('down'), new Error('down'));
    await grow('t', 'first', 'end');
    await create();
    await clock.advance(600_000);
    expect(receiver.taken).toEqual([`${URL_A} first`, `${URL_A} end`]);
    expect(stored()).toMatchObject({ state: 'done', failures: 0 });
    expect(logger.lines.filter(({ level }) => level === 'error')).toHaveLength(2);
  });

  test('a log that cannot be read is read again, and the receiver is not blamed', async () => {
    await grow('t', 'first');
    const events = vi.spyOn(tasks, 'events');
    for (let time = 0; time < 12; time += 1) events.mockRejectedValueOnce(new Error('down'));
    await create();
    await clock.advance(7_200_000);
    expect([receiver.taken, stored()?.state, stored()?.failures]).toEqual([[`${URL_A} first`], 'active', 0]);
  });

  test('where events are no longer kept, the task as a whole stands for them', async () => {
    tasks = createInMemoryTaskStore({ maxEvents: 2 });
    push = createService();
    await grow('t', 'first', 'second', 'third', 'fourth');
    await create();
    await clock.advance(0);
    expect(receiver.requests.map(bodyOf)).toEqual([
      { task: { ...taskIn('t', 'TASK_STATE_WORKING'), metadata: { [GAP_KEY]: { after: 0, before: 5 } } } },
    ]);
    await grow('t', 'end');
    push.wake(owner, 't');
    await clock.advance(0);
    expect(receiver.taken.at(-1)).toBe(`${URL_A} end`);
    expect(stored()?.state).toBe('done');
  });
});

test('receivers of v0.3 get the whole task, written by their dialect', async () => {
  push = createService({}, { writeV03: (_event, task) => ({ kind: 'task', id: task?.id, state: task?.status.state }) });
  await grow('t', 'first', 'end');
  await create('t', { token: 'tok' }, 0, '0.3');
  await clock.advance(0);
  expect(receiver.requests.map(bodyOf)).toEqual([{ kind: 'task', id: 't', state: 'TASK_STATE_COMPLETED' }]);
  expect(receiver.requests[0]?.headers).toMatchObject({
    'content-type': 'application/json',
    'a2a-version': '0.3',
    'x-a2a-notification-token': 'tok',
  });
  expect(stored()).toMatchObject({ state: 'done', delivered: 2 });
});

test('at most so many deliveries are under way, and only one of each configuration', async () => {
  const perUrl = new Map<string, number>();
  let most = 0;
  receiver.answer = async ({ url }) => {
    perUrl.set(url, (perUrl.get(url) ?? 0) + 1);
    most = Math.max(most, perUrl.get(url) ?? 0);
    await clock.sleep(100);
    perUrl.set(url, (perUrl.get(url) ?? 0) - 1);
    return 200;
  };
  push = createService({ concurrency: 4 });
  for (let index = 0; index < 12; index += 1) {
    await grow(`t${index}`, 'first', 'second', 'end');
    await create(`t${index}`, { url: `https://${index}.example/` });
  }
  for (let index = 0; index < 12; index += 1) push.wake(owner, `t${index}`);
  await clock.advance(5_000);
  expect([receiver.mostOpen, most, receiver.taken.length]).toEqual([4, 1, 36]);
});

describe('whatever the receivers of others do, the first notification comes within 15 seconds', () => {
  test.each([
    { others: 1, tasksEach: 48 },
    { others: 120, tasksEach: 12 },
  ])('$others with $tasksEach silent tasks each', { timeout: 20_000 }, async ({ others, tasksEach }) => {
    receiver.answer = ({ url }) => (url.startsWith('https://slow') ? 'silence' : 200);
    const event = (taskId: string) => [status(taskId, 'first'), status(taskId, 'second')];
    const notify = async (whose: string, taskId: string, url: string) => {
      const task = taskIn(taskId, 'TASK_STATE_WORKING');
      await tasks.commit({ owner: whose, task, after: 0, events: event(taskId), running: true });
      await push.create(whose, taskId, { url, id: 'one' }, { after: 0, protocolVersion: '1.0' });
    };
    for (let other = 0; other < others; other += 1) {
      for (let n = 0; n < tasksEach; n += 1) await notify(`slow${other}`, `${other}.${n}`, `https://slow${n}.example/`);
    }
    await clock.advance(5_000);
    await notify('honest', 'honest', URL_A);
    await clock.advance(15_000);
    expect(receiver.taken[0]).toBe(`${URL_A} first`);
  });
});

test('of many events each is a turn of its own: an owner with short logs does not wait for one with long ones', async () => {
  const began: string[] = [];
  receiver.answer = async ({ url }) => {
    began.push(url);
    await clock.sleep(1_000);
    return 200;
  };
  push = createService({ concurrency: 1 });
  await grow('long', ...Array.from({ length: 12 }, (_, n) => `${n}`));
  await create('long', { url: 'https://long.example/' });
  await grow('short', 'first');
  await create('short', { url: URL_A });
  await clock.advance(2_500);
  expect(began.indexOf(URL_A)).toBeGreaterThan(0);
  await clock.advance(60_000);
  expect(began).toHaveLength(13);
});

test('a task that nobody asked about costs no look into any store', async () => {
  receiver.answer = ({ url }) => (url === URL_A ? 200 : 410);
  for (const [taskId, url] of [
    ['done', URL_A],
    ['disabled', 'https://b.example/'],
    ['removed', URL_A],
  ] as const) {
    await grow(taskId, 'first', 'end');
    await create(taskId, { url });
  }
  await push.remove(owner, 'removed', 'one');
  await create('waiting');
  await clock.advance(0);
  expect([stored('done')?.state, stored('disabled')?.state]).toEqual(['done', 'disabled']);
  const reads = [vi.spyOn(tasks, 'events'), vi.spyOn(tasks, 'find')];
  const found = [vi.spyOn(configs, 'list'), vi.spyOn(configs, 'find'), vi.spyOn(configs, 'unfinished')];
  for (let time = 0; time < 1_000; time += 1) push.wake(owner, `other${time}`);
  for (const taskId of ['done', 'disabled', 'removed']) push.wake(owner, taskId);
  await clock.advance(60_000);
  for (const spy of [...reads, ...found]) expect(spy).not.toHaveBeenCalled();
});

test('whatever fails, each receiver takes every event, in the order of the log', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom<Answer>(200, 200, 200, 500, 302, 'silence', new Error('broken')), { maxLength: 60 }),
      fc.array(fc.record({ grow: fc.integer({ min: 1, max: 20 }), ms: fc.integer({ min: 0, max: 20_000 }) }), {
        minLength: 1,
        maxLength: 6,
      }),
      fc.array(fc.nat({ max: 6 }), { maxLength: 3 }),
      async (answers, steps, restarts) => {
        clock = createFakeClock();
        configs = createFakePushConfigs();
        tasks = createInMemoryTaskStore();
        receiver = createReceiver();
        receiver.answer = () => answers.shift() ?? 200;
        // Never disabled, so that the end is known.
        push = createService({ maxFailures: 1_000, backoff: { capMs: 10_000 } });
        const urls = [URL_A, 'https://b.example/'];
        for (const [index, url] of urls.entries()) await create('t', { id: `${index}`, url });
        let count = 0;
        for (const [index, step] of steps.entries()) {
          await grow('t', ...Array.from({ length: step.grow }, () => `${++count}`));
          push.wake(owner, 't');
          await clock.advance(step.ms);
          if (!restarts.includes(index)) continue;
          await push.close();
          push = createService({ maxFailures: 1_000, backoff: { capMs: 10_000 } });
          await push.start();
        }
        await grow('t', 'end');
        push.wake(owner, 't');
        await clock.advance(3_600_000);
        const log = [...Array.from({ length: count }, (_, index) => `${index + 1}`), 'end'];
        for (const url of urls) {
          const taken = receiver.taken.filter((line) => line.startsWith(`${url} `)).map((line) => line.split(' ')[1]);
          expect(taken).toEqual(log);
        }
        expect([...configs.rows.values()].map(({ state }) => state)).toEqual(['done', 'done']);
        await Promise.all(started.splice(0).map((service) => service.close()));
      },
    ),
    { numRuns: 60 },
  );
});

describe('what owners see', () => {
  test('secrets are masked once they were given, and nobody else sees anything', async () => {
    await create('t', { token: 'tok', authentication: { scheme: 'Bearer', credentials: 'cred' } });
    const expected = {
      id: 'one',
      taskId: 't',
      url: URL_A,
      token: MASK,
      authentication: { scheme: 'Bearer', credentials: MASK },
    };
    expect(await push.find(owner, 't', 'one')).toEqual(expected);
    expect(await push.list(owner, { taskId: 't' })).toEqual({ configs: [expected], nextPageToken: '' });
    expect(await push.find('mallory', 't', 'one')).toBeUndefined();
    expect(await push.list('mallory', { taskId: 't' })).toEqual({ configs: [], nextPageToken: '' });
    expect(await push.deliveries('mallory', 't')).toEqual([]);
  });

  test('a configuration without an id gets one', async () => {
    const [first, second] = [await create('t', { id: '' }), await create('t', { id: undefined })];
    expect(first.id).toMatch(/^[0-9a-f-]{36}$/);
    expect(second.id).not.toBe(first.id);
  });

  test('pages go on where the one before ended', async () => {
    for (const id of ['a', 'b', 'c', 'd', 'e']) await create('t', { id });
    const ids: (string | undefined)[][] = [];
    let pageToken: string | undefined;
    do {
      const page = await push.list(owner, { taskId: 't', pageSize: 2, ...(pageToken && { pageToken }) });
      ids.push(page.configs.map(({ id }) => id));
      pageToken = page.nextPageToken;
    } while (pageToken);
    expect(ids).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
    await expect(push.list(owner, { taskId: 't', pageToken: 'b' })).rejects.toMatchObject({ reason: 'INVALID_PARAMS' });
  });

  test('a task takes so many configurations, however many come at once, and replacing is not one more', async () => {
    push = createService({ maxConfigs: 3 });
    const made = await Promise.allSettled(['a', 'b', 'c', 'd', 'e'].map((id) => create('t', { id })));
    expect(made.map((each) => each.status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled', 'rejected', 'rejected']);
    await create('t', { id: 'c' });
    expect((await push.list(owner, { taskId: 't' })).configs).toHaveLength(3);
  });

  test.each([
    { config: { url: 'http://a.example/' }, says: /No\./ },
    { config: { url: `https://a.example/${'a'.repeat(2_048)}` }, says: /at most 2048/ },
    { config: { url: URL_A, token: 'a\r\nb: c' }, says: /"token" has to fit into an HTTP header/ },
    { config: { url: URL_A, id: 'a'.repeat(129) }, says: /id has at most 128/ },
  ])('what could never be delivered is refused at once: $says', async ({ config, says }) => {
    expect(() => push.assertAllowed(config)).toThrow(says);
    await expect(create('t', config)).rejects.toMatchObject({ reason: 'INVALID_PARAMS' });
    expect(configs.rows.size).toBe(0);
  });
});

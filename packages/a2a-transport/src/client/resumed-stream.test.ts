import type { StreamResponse, Task, TaskState } from '@skein/contracts/a2a';
import { systemClock, systemRandom } from '@skein/contracts/runtime';
import * as fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { A2AClientError } from '../errors.ts';
import { collect } from '../testing/collect.ts';
import { type HeardEvent, type Resumption, resumedStream } from './resumed-stream.ts';

const taskOf = (state: TaskState): Task => ({ id: 't', contextId: 'c', status: { state } });
const task = (state: TaskState = 'TASK_STATE_WORKING'): StreamResponse => ({ task: taskOf(state) });
const status = (state: TaskState): StreamResponse => ({
  statusUpdate: { taskId: 't', contextId: 'c', status: { state } },
});
const piece = (n: number): StreamResponse => ({
  artifactUpdate: { taskId: 't', contextId: 'c', artifact: { artifactId: `a-${n}`, parts: [{ text: String(n) }] } },
});
const broken = new A2AClientError('BROKEN', 'broke');
const rpc = (reason: string) =>
  new A2AClientError('RPC_ERROR', reason, { status: 200, rpc: { code: 0, message: reason, reason } });

/** What a connection brings, event by event, and how it ends: with an error, or by itself. */
type Script = (StreamResponse | { id: string; event: StreamResponse } | Error)[];

async function* play(script: Script): AsyncGenerator<HeardEvent> {
  for (const step of script) {
    if (step instanceof Error) throw step;
    yield 'event' in step ? step : { event: step, id: undefined };
  }
}

function resume(scripts: Script[], options: Partial<Resumption> = {}) {
  const [first = [], ...others] = scripts;
  const subscribe = vi.fn((_taskId: string, _lastEventId: string | undefined) => play(others.shift() ?? [broken]));
  const find = vi.fn(async () => taskOf('TASK_STATE_COMPLETED'));
  let now = 0;
  const sleep = vi.fn(async (ms: number) => {
    now += ms;
  });
  const clock = { now: () => now, sleep };
  const events = resumedStream(play(first), {
    ...{ patienceMs: 60_000, needsId: false, subscribe, find, clock, random: systemRandom, signal: undefined },
    ...options,
  });
  return { events, subscribe, find, clock };
}

const at = (id: string, event: StreamResponse) => ({ id, event });
const done = status('TASK_STATE_COMPLETED');

describe('what is heard of a stream, whatever becomes of its connection', () => {
  test.each<{ name: string; scripts: Script[]; heard: StreamResponse[]; asked?: (string | undefined)[] }>([
    { name: 'nothing happens to it', scripts: [[task(), done]], heard: [task(), done], asked: [] },
    {
      name: 'it breaks, and its events have ids',
      scripts: [[at('1', task()), at('2', piece(1)), broken], [at('3', done)]],
      heard: [task(), piece(1), done],
      asked: ['2'],
    },
    {
      name: 'it breaks, and its events have none: the task as it stands comes between',
      scripts: [
        [task(), piece(1), broken],
        [task(), done],
      ],
      heard: [task(), piece(1), task(), done],
      asked: [undefined],
    },
    {
      name: 'it ends before its task',
      scripts: [[at('1', task())], [at('2', done)]],
      heard: [task(), done],
      asked: ['1'],
    },
    {
      name: 'the task has ended meanwhile',
      scripts: [[task(), broken], [rpc('UNSUPPORTED_OPERATION')]],
      heard: [task(), task('TASK_STATE_COMPLETED')],
    },
    {
      name: 'it breaks again and again, and goes on each time',
      scripts: [
        [task(), broken],
        [piece(1), broken],
        [piece(2), broken],
        [piece(3), broken],
        [piece(4), broken],
        [done],
      ],
      heard: [task(), piece(1), piece(2), piece(3), piece(4), done],
    },
    {
      name: 'the peer is away for a moment',
      scripts: [
        [task(), broken],
        [new A2AClientError('UNREACHABLE', '')],
        [new A2AClientError('HTTP_STATUS', '', { status: 503 })],
        [done],
      ],
      heard: [task(), done],
    },
    {
      name: 'it ends where the task waits for us',
      scripts: [[task('TASK_STATE_INPUT_REQUIRED')]],
      heard: [task('TASK_STATE_INPUT_REQUIRED')],
      asked: [],
    },
    {
      name: 'it breaks where the task waits for us',
      scripts: [[status('TASK_STATE_INPUT_REQUIRED'), broken], [done]],
      heard: [status('TASK_STATE_INPUT_REQUIRED'), done],
    },
    {
      name: 'it breaks behind the last word',
      scripts: [[task('TASK_STATE_FAILED'), broken]],
      heard: [task('TASK_STATE_FAILED')],
      asked: [],
    },
  ])('$name', async ({ scripts, heard, asked }) => {
    const { events, subscribe } = resume(scripts);
    const all: StreamResponse[] = [];
    try {
      for await (const event of events) all.push(event);
    } catch (cause) {
      expect(cause).toBe(broken); // said, and not tried again: see below
    }
    expect(all).toEqual(heard);
    if (asked) expect(subscribe.mock.calls.map(([, id]) => id)).toEqual(asked);
  });
});

test.each<{ name: string; scripts: Script[]; options?: Partial<Resumption>; cause: unknown; attempts: number }>([
  { name: 'it breaks before its first event', scripts: [[broken]], cause: broken, attempts: 0 },
  {
    name: 'nobody wants it resumed',
    scripts: [[task(), broken]],
    options: { patienceMs: 0 },
    cause: broken,
    attempts: 0,
  },
  { name: 'the peer refuses', scripts: [[task(), rpc('INTERNAL_ERROR')]], cause: rpc('INTERNAL_ERROR'), attempts: 0 },
  {
    name: 'the task is gone',
    scripts: [[task(), broken], [rpc('TASK_NOT_FOUND')]],
    cause: rpc('TASK_NOT_FOUND'),
    attempts: 1,
  },
  {
    name: 'it needs ids, and has none',
    scripts: [[task(), broken]],
    options: { needsId: true },
    cause: broken,
    attempts: 0,
  },
])('the failure is told where $name', async ({ scripts, options, cause, attempts }) => {
  const { events, subscribe } = resume(scripts, options);
  await expect(collect(events)).rejects.toThrow(cause as Error);
  expect(subscribe).toHaveBeenCalledTimes(attempts);
});

test('a peer that tells the task and hangs up, again and again, is left at last', async () => {
  const { events, clock } = resume([[task()]], { subscribe: () => play([task()]) });
  expect((await collect(events)).length).toBeGreaterThan(4);
  expect(clock.now()).toBe(60_000);
});

const away = new A2AClientError('UNREACHABLE', 'nobody there');
const closed = new A2AClientError('HTTP_STATUS', 'no', { status: 503 });
test.each([away, closed, broken])(
  'attempts that all fail with $code are given up after a minute, as BROKEN',
  async (failure) => {
    const subscribe = vi.fn(() => play([failure]));
    const { events, clock } = resume([[task(), broken]], { subscribe });
    expect(await collect(events).catch((cause: unknown) => cause)).toMatchObject({ code: 'BROKEN' });
    expect(clock.now()).toBe(60_000);
    expect(subscribe.mock.calls.length).toBeGreaterThan(5); // at the longest waits
  },
);

test.each([
  new A2AClientError('UNREACHABLE', 'cut'),
  new A2AClientError('HTTP_STATUS', 'who?', { status: 401 }),
  new A2AClientError('NOT_A2A', 'a page'),
])('$code is never the end of a stream that was heard, for it would say that nothing was sent', async (failure) => {
  const heard = resume([[task(), broken], [failure]], { patienceMs: 1_000 });
  expect(await collect(heard.events).catch((cause: unknown) => cause)).toMatchObject({ code: 'BROKEN' });
  const unheard = resume([[failure]]);
  expect(await collect(unheard.events).catch((cause: unknown) => cause)).toBe(failure);
});

test('who is asked how the task ended may be away for a moment, too', async () => {
  const ended = [rpc('UNSUPPORTED_OPERATION')];
  const find = vi.fn(async () => taskOf('TASK_STATE_COMPLETED')).mockRejectedValueOnce(away);
  const { events } = resume([[task(), broken], ended, ended], { find });
  expect(await collect(events)).toEqual([task(), task('TASK_STATE_COMPLETED')]);
  expect(find).toHaveBeenCalledTimes(2);
});

test('a peer that wants more time than there is gets none', async () => {
  const busy = new A2AClientError('HTTP_STATUS', '', { status: 503, retryAfterMs: 3_600_000 });
  const { events, subscribe } = resume([[task(), broken], [busy], [done]]);
  expect(await collect(events).catch((cause: unknown) => cause)).toMatchObject({ code: 'BROKEN', cause: busy });
  expect(subscribe).toHaveBeenCalledTimes(1);
});

test('a message is all the answer there is', async () => {
  const message: StreamResponse = { message: { messageId: 'm', role: 'ROLE_AGENT', parts: [{ text: 'hi' }] } };
  const { events, subscribe } = resume([[message]]);
  expect(await collect(events)).toEqual([message]);
  expect(subscribe).not.toHaveBeenCalled();
});

test('it waits longer from failure to failure, at least as long as the peer says, and gives up with its reader', async () => {
  const busy = new A2AClientError('HTTP_STATUS', '', { status: 503, retryAfterMs: 60_000 });
  const { events, clock } = resume([[task(), broken], [busy], [broken], [done]], {
    patienceMs: 120_000,
    random: { ...systemRandom, next: () => 0.99 },
  });
  await collect(events);
  expect(clock.sleep.mock.calls.map(([ms]: unknown[]) => ms)).toEqual([495, 60_000, 1_980]);
  const leaving = new AbortController();
  const { events: left } = resume([[task(), broken]], { signal: leaving.signal, clock: systemClock });
  const reading = collect(left);
  leaving.abort(new Error('enough'));
  await expect(reading).rejects.toThrow('enough');
});

test('however often the connection breaks, each event is heard once and in order', async () => {
  const total = 12;
  const log = Array.from({ length: total }, (_, n): StreamResponse => {
    if (n === 0) return task();
    return n === total - 1 ? done : piece(n);
  });
  const connection = (from: number, events: number): Script => [
    ...log.slice(from, from + events).map((event, n) => at(String(from + n), event)),
    ...(from + events < total ? [broken] : []),
  ];
  await fc.assert(
    fc.asyncProperty(fc.infiniteStream(fc.integer({ min: 0, max: 5 })), async (lengths) => {
      const length = () => lengths.next().value ?? 1;
      let empty = 0;
      const { events } = resume([connection(0, 1 + length())], {
        subscribe: (_taskId, lastId) => {
          // Three in a row that bring nothing would be the end of it.
          const brought = length();
          empty = brought === 0 ? empty + 1 : 0;
          return play(connection(Number(lastId) + 1, empty > 2 ? 1 : brought));
        },
      });
      expect(await collect(events)).toEqual(log);
    }),
  );
});

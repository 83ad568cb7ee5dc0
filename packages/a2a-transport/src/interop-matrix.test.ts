/**
 * Who understands whom: the official SDK and ours, in both directions, in A2A v1.0 and v0.3, operation by operation. Every
 * row is an exchange over HTTP of its own, with a server, a client and a receiver of its own.
 */
import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import { type ServedApp, serveApp } from './testing/index.ts';
import type { Caller, Heard, Told } from './testing/interop/caller.ts';
import { serveOurAgent } from './testing/interop/our-agent.ts';
import { connectOurs } from './testing/interop/our-caller.ts';
import { serveSdkAgent } from './testing/interop/sdk-agent.ts';
import { connectSdk } from './testing/interop/sdk-caller.ts';

type Version = '1.0' | '0.3';

interface Pair {
  client: string;
  server: string;
  version: Version;
  serve(hook: string): Promise<ServedApp>;
  connect(origin: string): Promise<Caller>;
}

const versions = ['1.0', '0.3'] as const;
const pairs: readonly Pair[] = versions.flatMap((version) => [
  {
    ...{ client: 'the SDK', server: 'ours', version },
    serve: (hook: string) => serveOurAgent(true, [hook]),
    connect: (origin: string) => connectSdk(origin, version),
  },
  {
    ...{ client: 'ours', server: 'the SDK', version },
    serve: () => serveSdkAgent([version]),
    connect: (origin: string) => connectOurs(origin, version),
  },
]);

interface Exchange {
  caller: Caller;
  version: Version;
  /** Where to push. */
  hook: string;
  notified: readonly unknown[];
}

interface Operation {
  operation: string;
  /** What it is called on the wire; nothing where the version does not have it. */
  methods: Readonly<Record<Version, readonly string[]>>;
  exchange(with_: Exchange): Promise<void>;
}

const completed = { state: 'TASK_STATE_COMPLETED', text: 'one two' };

async function next(events: AsyncIterator<Heard>): Promise<Heard> {
  const { done, value } = await events.next();
  if (done) throw new Error('the stream ended');
  return value;
}

async function rest(events: AsyncIterator<Heard>): Promise<Heard[]> {
  const all: Heard[] = [];
  for (let each = await events.next(); !each.done; each = await events.next()) all.push(each.value);
  return all;
}

function taskIn(heard: Heard): Told {
  if ('task' in heard) return heard.task;
  throw new Error('the task was expected first');
}

/** A task that waits until it is cancelled, and its first reader. */
async function begin(caller: Caller) {
  const events = caller.stream('wait');
  return { events, taskId: taskIn(await next(events)).taskId };
}

const stateIn = (heard: Heard | undefined) => (heard && 'state' in heard ? heard.state : undefined);

const operations: readonly Operation[] = [
  {
    operation: 'send',
    methods: { '1.0': ['SendMessage'], '0.3': ['message/send'] },
    async exchange({ caller }) {
      expect(await caller.send('work')).toMatchObject(completed);
    },
  },
  {
    operation: 'stream',
    methods: { '1.0': ['SendStreamingMessage'], '0.3': ['message/stream'] },
    async exchange({ caller }) {
      const [first, ...others] = await rest(caller.stream('work'));
      expect(first).toMatchObject({ task: { taskId: expect.stringMatching(/./) } });
      expect(others.flatMap((each) => ('text' in each ? each.text : []))).toEqual(['one ', 'two']);
      expect(others.at(-1)).toEqual({ state: completed.state });
    },
  },
  {
    operation: 'get',
    methods: { '1.0': ['GetTask'], '0.3': ['tasks/get'] },
    async exchange({ caller }) {
      const sent = await caller.send('work');
      expect(await caller.get(sent.taskId)).toEqual(sent);
      await expect(caller.get('unknown')).rejects.toThrow();
    },
  },
  {
    operation: 'list',
    methods: { '1.0': ['ListTasks'], '0.3': [] },
    async exchange({ caller, version }) {
      const ids = [await caller.send('work'), await caller.send('work')].map(({ taskId }) => taskId);
      if (version === '0.3') await expect(caller.list()).rejects.toThrow();
      else expect((await caller.list()).sort()).toEqual(ids.sort());
    },
  },
  {
    operation: 'cancel',
    methods: { '1.0': ['CancelTask'], '0.3': ['tasks/cancel'] },
    async exchange({ caller }) {
      const { taskId, events } = await begin(caller);
      expect(await caller.cancel(taskId)).toMatchObject({ taskId, state: 'TASK_STATE_CANCELED' });
      expect(stateIn((await rest(events)).at(-1))).toBe('TASK_STATE_CANCELED');
      await expect(caller.cancel('unknown')).rejects.toThrow(); // the SDK's server lets a cancelled task be cancelled again
    },
  },
  {
    operation: 'subscribe',
    methods: { '1.0': ['SubscribeToTask'], '0.3': ['tasks/resubscribe'] },
    async exchange({ caller }) {
      const { taskId, events } = await begin(caller);
      const second = caller.subscribe(taskId);
      expect(taskIn(await next(second)).taskId).toBe(taskId);
      const both = Promise.all([rest(events), rest(second)]);
      await caller.cancel(taskId);
      for (const each of await both) expect(stateIn(each.at(-1))).toBe('TASK_STATE_CANCELED');
    },
  },
  {
    operation: 'push',
    methods: {
      '1.0': ['Create', 'Get', 'List', 'Delete'].map(
        (word) => `${word}TaskPushNotificationConfig${word === 'List' ? 's' : ''}`,
      ),
      '0.3': ['set', 'get', 'list', 'delete'].map((word) => `tasks/pushNotificationConfig/${word}`),
    },
    async exchange({ caller, version, hook, notified }) {
      const { taskId, events } = await begin(caller);
      const place = { taskId, id: 'p-1', url: `${hook}/` };
      expect(await caller.createPush(place)).toEqual(place);
      await caller.createPush({ taskId, id: 'p-2', url: `${hook}/other` });
      expect(await caller.getPush(taskId, 'p-1')).toEqual(place);
      await caller.deletePush(taskId, 'p-2');
      expect(await caller.listPush(taskId)).toEqual([place]);
      await caller.cancel(taskId);
      await rest(events);
      const canceled =
        version === '1.0'
          ? { statusUpdate: { taskId, status: { state: 'TASK_STATE_CANCELED' } } }
          : { kind: 'task', id: taskId, status: { state: 'canceled' } };
      await expect.poll(() => notified.at(-1), { timeout: 10_000 }).toMatchObject(canceled);
    },
  },
];

const columns = pairs.map((pair) => ({ ...pair, title: `${pair.client} to ${pair.server} over A2A ${pair.version}` }));

describe.each(columns)('$title', ({ version, serve, connect }) => {
  test.each(operations)('understands $operation', async ({ methods, exchange }) => {
    const notified: unknown[] = [];
    const receiver = new Hono().post('/', async (c) => {
      notified.push(await c.req.json());
      return c.body(null, 204);
    });
    await using hook = await serveApp(receiver.fetch);
    await using served = await serve(hook.origin);
    const caller = await connect(served.origin);
    try {
      expect(caller.version).toBe(version);
      await exchange({ caller, version, hook: hook.origin, notified });
      expect(caller.called).toEqual(expect.arrayContaining([...methods[version]]));
    } finally {
      await caller.close();
    }
  });
});

test('the table has a cell for every operation, direction and version', () => {
  expect(columns.map(({ title }) => title)).toEqual([
    'the SDK to ours over A2A 1.0',
    'ours to the SDK over A2A 1.0',
    'the SDK to ours over A2A 0.3',
    'ours to the SDK over A2A 0.3',
  ]);
  expect(operations.map(({ operation }) => operation)).toEqual([
    ...['send', 'stream', 'get', 'list', 'cancel', 'subscribe', 'push'],
  ]);
});

import type { StreamResponse } from '@skein/contracts/a2a';
import { createFakeClock } from '@skein/contracts/testing';
import { describe, expect, test, vi } from 'vitest';
import { createA2AServer } from '../server/server.ts';
import { createLinkedHttp, type Route } from '../testing/linked-http.ts';
import { createA2AClient } from './client.ts';
import type { A2AClientOptions } from './client-options.ts';

const origin = 'http://agent.test';

/** An agent that says a piece whenever it is told to, behind a link that can be cut. */
function setUp(options: Partial<A2AClientOptions> = {}) {
  const clock = createFakeClock();
  const said: string[] = [];
  let wake = () => {};
  const say = (text: string) => {
    said.push(text);
    wake();
  };
  const server = createA2AServer({
    card: { name: 'It' },
    clock,
    executor: async function* () {
      for (let told = 0; ; told += 1) {
        if (told === said.length) {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
        }
        if (said[told] === 'end') return;
        yield { artifact: { artifactId: 'out', parts: [{ text: said[told] ?? '' }] }, append: told > 0 };
      }
    },
  });
  const lastEventIds: (string | null)[] = [];
  const methods: string[] = [];
  const app: Route = async (request) => {
    const { method } = (await request.clone().json()) as { method: string }; // the client's own
    methods.push(method);
    lastEventIds.push(request.headers.get('last-event-id'));
    return server.app.fetch(request);
  };
  const http = createLinkedHttp(new Map([[origin, app]]));
  const client = createA2AClient({ endpoint: `${origin}/a2a`, http, clock, ...options });
  return { clock, http, client, say, lastEventIds, methods, server };
}

const shown = (event: StreamResponse): string => {
  if ('artifactUpdate' in event) return event.artifactUpdate.artifact.parts[0]?.text ?? '';
  if ('task' in event) return event.task.status.state;
  return 'statusUpdate' in event ? event.statusUpdate.status.state : 'message';
};

describe.each(['1.0', '0.3'] as const)('in A2A v%s', (version) => {
  test('what is said while the link is down is heard when it is up again, once and in order', async () => {
    const { clock, http, client, say, lastEventIds, server } = setUp({ version });
    const heard: string[] = [];
    const reading = (async () => {
      for await (const event of client.sendStreamingMessage('go')) heard.push(shown(event));
    })();
    say('one');
    await clock.advance(10);
    http.cut(origin);
    say('two');
    await clock.advance(10);
    http.heal(origin);
    await clock.advance(5_000);
    say('three');
    await clock.advance(10);
    http.cut(origin);
    http.heal(origin);
    say('end');
    await clock.advance(5_000);
    await reading;
    expect(heard).toEqual(['TASK_STATE_SUBMITTED', 'one', 'two', 'three', 'TASK_STATE_COMPLETED']);
    expect(lastEventIds.map((id) => id?.replace(/^.*\//, ''))).toEqual([
      undefined,
      expect.any(String),
      expect.any(String),
    ]);
    await server.close();
  });
});

test('a restart of five seconds is outlasted, and the message sent once', async () => {
  const { clock, http, client, say, methods, server } = setUp();
  const heard: string[] = [];
  const reading = (async () => {
    for await (const event of client.sendStreamingMessage('go')) heard.push(shown(event));
  })();
  say('one');
  await clock.advance(10);
  http.cut(origin);
  await clock.advance(5_000);
  http.heal(origin);
  say('two');
  say('end');
  await clock.advance(20_000);
  await reading;
  expect(heard).toEqual(['TASK_STATE_SUBMITTED', 'one', 'two', 'TASK_STATE_COMPLETED']);
  expect(methods).toEqual(['SendStreamingMessage', 'SubscribeToTask']);
  await server.close();
});

test.each([
  { options: {}, givenUpMs: 60_000 },
  { options: { resumeForMs: 2_000 }, givenUpMs: 2_000 },
])('a link that stays down is given up after $givenUpMs ms, as broken and not as never reached', async (how) => {
  const { clock, http, client, say, methods, server } = setUp(how.options);
  const events = client.sendStreamingMessage('go')[Symbol.asyncIterator]();
  say('one');
  await events.next();
  await events.next();
  http.cut(origin);
  const given = vi.fn();
  const next = events.next().catch((cause: unknown) => given(cause));
  await clock.advance(how.givenUpMs - 1);
  expect(given).not.toHaveBeenCalled();
  await clock.advance(1);
  await next;
  expect(given).toHaveBeenCalledWith(expect.objectContaining({ code: 'BROKEN' }));
  expect(methods).toEqual(['SendStreamingMessage']);
  const closing = server.close();
  await clock.advance(10_000);
  await closing;
});

test('a reader that comes back later goes on behind the last event that it heard', async () => {
  const { clock, client, say, server } = setUp();
  const seen: string[] = [];
  const first = client.sendStreamingMessage('go')[Symbol.asyncIterator]();
  say('one');
  const { value } = await first.next();
  await first.return?.();
  const id = value && 'task' in value ? value.task.id : '';
  say('two');
  await clock.advance(10);
  say('end');
  const reading = (async () => {
    for await (const event of client.subscribeToTask({ id, lastEventId: `${id}/1` })) seen.push(shown(event));
  })();
  await clock.advance(10);
  await reading;
  expect(seen).toEqual(['one', 'two', 'TASK_STATE_COMPLETED']);
  await server.close();
});

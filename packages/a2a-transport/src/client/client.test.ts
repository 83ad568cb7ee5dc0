import type { StreamResponse } from '@skein/contracts/a2a';
import { createFakeClock } from '@skein/contracts/testing';
import { describe, expect, test, vi } from 'vitest';
import { collect } from '../testing/collect.ts';
import { createLinkedHttp, type Route } from '../testing/linked-http.ts';
import { textMessage } from '../testing/test-agent.ts';
import { createA2AClient } from './client.ts';
import type { A2AClientOptions } from './client-options.ts';

const origin = 'http://a.test';
const task = { id: 't', status: { state: 'TASK_STATE_WORKING' } };
const ok = (result: unknown = task) => ({ jsonrpc: '2.0', id: 1, result });
const failed = (code: number, data?: unknown) => ({ jsonrpc: '2.0', id: 1, error: { code, message: 'said', data } });

function connect(route: Route, options: Partial<A2AClientOptions> = {}) {
  const clock = createFakeClock();
  const requests: Request[] = [];
  const http = createLinkedHttp(
    new Map<string, Route>([
      [
        origin,
        (request) => {
          requests.push(request);
          return route(request);
        },
      ],
    ]),
  );
  return { clock, http, requests, client: createA2AClient({ endpoint: `${origin}/a2a`, http, clock, ...options }) };
}

const json =
  (body: unknown, init: ResponseInit = {}) =>
  () =>
    Response.json(body, init);
const info = {
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason: 'CLOCK_SKEW',
  domain: 'skein',
  metadata: { now: '1' },
};

describe('a reply that is no success says what it is', () => {
  test.each([
    {
      name: 'an error',
      route: json(failed(-32001)),
      error: { code: 'RPC_ERROR', status: 200, rpc: { code: -32001, reason: 'TASK_NOT_FOUND', message: 'said' } },
    },
    {
      name: 'an error with details',
      route: json(failed(-31000, [info])),
      error: {
        code: 'RPC_ERROR',
        rpc: { code: -31000, reason: 'CLOCK_SKEW', domain: 'skein', metadata: { now: '1' } },
      },
    },
    {
      name: '401 with details',
      route: json(failed(-31000, [info]), { status: 401 }),
      error: { code: 'HTTP_STATUS', status: 401, rpc: { reason: 'CLOCK_SKEW', metadata: { now: '1' } } },
    },
    {
      name: '429 in seconds',
      route: json(failed(-31000), { status: 429, headers: { 'retry-after': '7' } }),
      error: { code: 'HTTP_STATUS', status: 429, retryAfterMs: 7_000 },
    },
    {
      name: '503 with a date',
      route: json({}, { status: 503, headers: { 'retry-after': 'Thu, 01 Jan 2026 00:01:00 GMT' } }),
      error: { code: 'HTTP_STATUS', status: 503, retryAfterMs: 60_000, rpc: undefined },
    },
    {
      name: '503 with nonsense',
      route: json({}, { status: 503, headers: { 'retry-after': 'soon' } }),
      error: { code: 'HTTP_STATUS', retryAfterMs: undefined },
    },
    {
      name: 'a page',
      route: () => new Response('<html>', { status: 502 }),
      error: { code: 'HTTP_STATUS', status: 502, rpc: undefined },
    },
    {
      name: 'a redirect',
      route: () => Response.redirect('http://b.test/', 302),
      error: { code: 'HTTP_STATUS', status: 302 },
    },
    {
      name: 'no content',
      route: () => new Response(null, { status: 204 }),
      error: { code: 'HTTP_STATUS', status: 204 },
    },
    { name: 'no JSON', route: () => new Response('ok'), error: { code: 'INVALID_REPLY' } },
    { name: 'no envelope', route: json(task), error: { code: 'INVALID_REPLY' } },
    { name: 'no task', route: json(ok({ id: 't' })), error: { code: 'INVALID_REPLY' } },
    { name: "another's reply", route: json({ ...ok(), id: 99 }), error: { code: 'INVALID_REPLY' } },
    {
      name: 'too large',
      route: json(ok({ ...task, metadata: { x: 'x'.repeat(2_000) } })),
      error: { code: 'INVALID_REPLY' },
    },
    { name: 'null', route: json(null), error: { code: 'INVALID_REPLY' } },
  ] satisfies { name: string; route: Route; error: object }[])('$name', async ({ route, error }) => {
    const { client, clock } = connect(route, { maxReplyBytes: 1_000 });
    await expect(client.getTask({ id: 't' })).rejects.toMatchObject({ name: 'A2AClientError', ...error });
    await expect(collect(client.sendStreamingMessage(textMessage('hi')))).rejects.toMatchObject({
      name: 'A2AClientError',
    });
    await clock.advance(0);
    expect(clock.sleeping).toBe(0);
  });
});

test('a request says who speaks, what, and which version', async () => {
  const authorize = vi.fn(async ({ body }: { body: Uint8Array }) => ({ authorization: `Length ${body.byteLength}` }));
  const { client, requests } = connect(json(ok(), { headers: { 'a2a-extensions': 'urn:b,urn:a' } }), {
    authorize,
    extensions: ['urn:a', 'urn:b'],
  });
  await client.getTask({ id: 't' });
  const body = (await requests[0]?.text()) ?? '';
  expect(JSON.parse(body)).toEqual({ jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: 't' } });
  expect(Object.fromEntries(requests[0]?.headers ?? [])).toMatchObject({
    authorization: `Length ${body.length}`,
    'a2a-version': '1.0',
    'a2a-extensions': 'urn:a, urn:b',
    'content-type': 'application/json',
  });
  expect(authorize).toHaveBeenCalledWith(expect.objectContaining({ endpoint: `${origin}/a2a` }));
});

describe('an extension that is not echoed', () => {
  const extensions = ['urn:a', 'urn:b'];
  const headers = { 'a2a-extensions': 'urn:a' };
  test('makes a success worthless', async () => {
    const { client } = connect(json(ok(), { headers }), { extensions });
    await expect(client.call('Any', {})).rejects.toMatchObject({ code: 'EXTENSION_NOT_ACTIVATED' });
    const event = `data: ${JSON.stringify(ok({ task }))}\n\n`;
    const stream = () => new Response(event, { headers: { ...headers, 'content-type': 'text/event-stream' } });
    const events = connect(stream, { extensions }).client.sendStreamingMessage(textMessage('hi'));
    await expect(collect(events)).rejects.toMatchObject({ code: 'EXTENSION_NOT_ACTIVATED' });
  });

  test('does not hide an error', async () => {
    const { client } = connect(json(failed(-32601)), { extensions });
    await expect(client.call('Any', {})).rejects.toMatchObject({ code: 'RPC_ERROR' });
  });
});

describe('every wait has an end', () => {
  const silent: Route = () => new Promise(() => {});
  const stuckBody: Route = () => new Response(new ReadableStream());
  const stuckStream: Route = () =>
    new Response(new ReadableStream(), { headers: { 'content-type': 'text/event-stream' } });
  test.each([
    { name: 'headers', route: silent },
    { name: 'the body', route: stuckBody },
    { name: 'a first event', route: stuckStream },
  ])('waiting for $name ends with TIMEOUT, or with the caller’s reason', async ({ route }) => {
    const { client, clock } = connect(route);
    const controller = new AbortController();
    const calls = (options: { signal?: AbortSignal }) => [
      client.getTask({ id: 't' }, options),
      collect(client.sendStreamingMessage(textMessage('hi'), options)),
    ];
    const aborted = Promise.allSettled(calls({ signal: controller.signal }));
    const late = Promise.allSettled(calls({}));
    await clock.advance(29_999);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await aborted).toEqual([1, 2].map(() => ({ status: 'rejected', reason })));
    await clock.advance(1);
    expect(await late).toMatchObject([1, 2].map(() => ({ status: 'rejected', reason: { code: 'TIMEOUT' } })));
    expect(clock.sleeping).toBe(0);
  });

  test('so does waiting for credentials', async () => {
    const { client, clock, requests } = connect(silent, { authorize: () => new Promise(() => {}) });
    const call = client.getTask({ id: 't' }, { timeoutMs: 10 }).catch((cause: unknown) => cause);
    await clock.advance(10);
    expect(await call).toMatchObject({ code: 'TIMEOUT' });
    expect(requests).toHaveLength(0);
  });
});

describe('a stream', () => {
  /** A stream that the test writes, and sees being left. */
  function scripted() {
    let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
    const cancel = vi.fn();
    const start = (own: ReadableStreamDefaultController<Uint8Array>) => {
      controller = own;
    };
    const body = new ReadableStream<Uint8Array>({ start, cancel });
    const connected = connect(
      () => new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } }),
      { resumeForMs: 0 },
    );
    const write = (text: string) => controller?.enqueue(new TextEncoder().encode(text));
    const event = (result: unknown) => write(`data: ${JSON.stringify(ok(result))}\n\n`);
    return {
      ...connected,
      cancel,
      write,
      event,
      end: () => controller?.close(),
      fail: (cause: Error) => controller?.error(cause),
    };
  }
  const begin = async () => {
    const script = scripted();
    const events = script.client.sendStreamingMessage(textMessage('hi'))[Symbol.asyncIterator]();
    script.event({ task });
    expect((await events.next()).value).toEqual({ task } satisfies { task: object });
    return { ...script, events };
  };

  test('lives as long as comments come, and not longer', async () => {
    const { clock, write, event, events } = await begin();
    for (let times = 0; times < 3; times += 1) {
      await clock.advance(44_000);
      write(': keep-alive\n\n');
    }
    const next = events.next();
    await clock.advance(44_000);
    event({ task });
    expect((await next).done).toBe(false);
    const silent = events.next().catch((cause: unknown) => cause);
    await clock.advance(45_000);
    expect(await silent).toMatchObject({ code: 'TIMEOUT' });
    expect(clock.sleeping).toBe(0);
  });

  test('that is left is closed', async () => {
    const { events, cancel, clock } = await begin();
    await events.return?.();
    await clock.advance(0);
    expect(cancel).toHaveBeenCalledOnce();
    expect(clock.sleeping).toBe(0);
  });

  test('ends where the peer ends it', async () => {
    const { events, end } = await begin();
    end();
    expect(await events.next()).toEqual({ done: true, value: undefined });
  });

  test('breaks with its link', async () => {
    const { events, http } = await begin();
    const next = events.next();
    http.cut(origin);
    await expect(next).rejects.toMatchObject({ code: 'BROKEN' });
    await expect(collect(scriptedAfter(http))).rejects.toMatchObject({ code: 'UNREACHABLE' });
  });
  const scriptedAfter = (http: A2AClientOptions['http']): AsyncIterable<StreamResponse> =>
    createA2AClient({ endpoint: `${origin}/a2a`, http, clock: createFakeClock() }).sendStreamingMessage(
      textMessage('hi'),
    );

  test.each([
    { name: 'an error event', text: `data: ${JSON.stringify(failed(-32603))}\n\n`, code: 'RPC_ERROR' },
    { name: 'an event that is no JSON', text: 'data: {\n\n', code: 'INVALID_REPLY' },
    { name: 'an event that is no A2A', text: `data: ${JSON.stringify(ok({ nothing: 1 }))}\n\n`, code: 'INVALID_REPLY' },
    { name: 'an event without its envelope', text: `data: ${JSON.stringify({ task })}\n\n`, code: 'INVALID_REPLY' },
  ])('fails at $name', async ({ text, code }) => {
    const { events, write } = await begin();
    write(text);
    await expect(events.next()).rejects.toMatchObject({ code });
  });

  test('that ends before its first event is broken', async () => {
    const { client, write, end } = scripted();
    const reading = collect(client.sendStreamingMessage(textMessage('hi')));
    write(': keep-alive\n\n');
    end();
    await expect(reading).rejects.toMatchObject({ code: 'BROKEN' });
  });

  test('answered by a plain success is no stream', async () => {
    const events = connect(json(ok({ task }))).client.sendStreamingMessage(textMessage('hi'));
    await expect(collect(events)).rejects.toMatchObject({ code: 'INVALID_REPLY' });
  });
});

test.each([
  ['headers', 'did you mean authorize, a function that answers the headers?'],
  ['resumeAttempts', 'Known are endpoint, http,'],
  ['timeoutMS', 'did you mean timeoutMs?'],
  ['tenantt', 'did you mean tenant?'],
])('the option %s, which there is not, is refused and not passed over', (key, message) => {
  const options = { endpoint: 'http://agent.test/a2a', http: { request: vi.fn() }, [key]: {} };
  expect(() => createA2AClient(options)).toThrow(TypeError);
  expect(() => createA2AClient(options)).toThrow(message);
});

/** GET /events, in process and over a socket, where readers leave without a word and stop reading without one. */
import { type IncomingMessage, request } from 'node:http';
import { type SwarmEvent, WatchedEvent } from '@skein/contracts';
import { createEmitter, type EventSource, systemClock } from '@skein/contracts/runtime';
import { createFakeClock } from '@skein/contracts/testing';
import { Hono } from 'hono';
import { afterEach, expect, test, vi } from 'vitest';
import { type Listener, openListener } from '../../listener.ts';
import { callerOf } from '../../testing/rest-caller.ts';
import { OTHER } from '../../testing/sample-views.ts';
import { createEventRoutes } from './events.ts';

const removed = (name: string): SwarmEvent => ({ type: 'node.removed', nodeId: OTHER, name });

/** An emitter that knows how many listen. */
function countedEvents() {
  const emitter = createEmitter<SwarmEvent>(() => {});
  const listening = new Set<symbol>();
  const events: EventSource<SwarmEvent> = {
    on: emitter.on,
    onAny(listener) {
      const off = emitter.onAny(listener);
      const id = Symbol('listener');
      listening.add(id);
      return () => {
        listening.delete(id);
        off();
      };
    },
  };
  return { emit: emitter.emit, events, listening: () => listening.size };
}

function inProcess() {
  const { emit, events, listening } = countedEvents();
  const clock = createFakeClock();
  const caller = callerOf('/events', createEventRoutes({ node: { events }, clock }));
  return { ...caller, emit, clock, listening };
}

/** Reads one chunk after the other as text. */
function textOf(response: Response) {
  const reader = response.body?.getReader();
  const next = async () => new TextDecoder().decode((await reader?.read())?.value);
  return { next, leave: () => reader?.cancel() };
}

test('a watcher is answered before anything happens, and told each event under its type', async () => {
  const { call, emit } = inProcess();
  const response = await call('GET', '/events');
  expect(response.headers.get('content-type')).toBe('text/event-stream');
  emit(removed('node-2'));
  const { next, leave } = textOf(response);
  expect(await next()).toBe(': watching\n\n');
  const [name, data] = (await next()).trim().split('\n');
  expect(name).toBe('event: node.removed');
  expect(WatchedEvent.parse(JSON.parse(data?.replace('data: ', '') ?? ''))).toMatchObject({
    event: { name: 'node-2' },
  });
  await leave();
});

test('only the types that the query names are told', async () => {
  const { call, emit } = inProcess();
  const { next, leave } = textOf(await call('GET', '/events?types=node.removed,%20agent.ended'));
  emit({ type: 'heartbeat.answered', nodeId: OTHER });
  emit(removed('node-2'));
  await next();
  expect(await next()).toContain('event: node.removed');
  await leave();
});

test('a quiet watch is kept alive every 15 s', async () => {
  const { call, clock } = inProcess();
  const { next, leave } = textOf(await call('GET', '/events'));
  await next();
  const quiet = next();
  await clock.advance(15_000);
  expect(await quiet).toBe(': keep-alive\n\n');
  await leave();
  expect(clock.sleeping).toBe(0);
});

test.each([
  ['after the first words', true],
  ['before anything was read', false],
])('a watcher that leaves %s is not listened for any more', async (_when, reads) => {
  const { call, listening } = inProcess();
  const response = await call('GET', '/events');
  expect(listening()).toBe(1);
  const { next, leave } = textOf(response);
  if (reads) await next();
  await leave();
  expect(listening()).toBe(0);
});

test('a HEAD request listens for nothing', async () => {
  const { call, listening } = inProcess();
  expect((await call('HEAD', '/events')).headers.get('content-type')).toBe('text/event-stream');
  expect(listening()).toBe(0);
});

test.each([
  ['?types=agent.exploded', 'types: "agent.exploded" is no type of event; there are node.liveness_changed'],
  ['?types=', 'types: "" is no type of event'],
  ['?types=agent.ended,', 'types: "" is no type of event'],
  ['?type=agent.ended', 'type is not a known key'],
])('GET /events%s is refused, and listens for nothing', async (query, message) => {
  const { refusal, listening } = inProcess();
  const refused = await refusal('GET', `/events${query}`);
  expect(refused).toMatchObject({ status: 400, reason: 'invalid_argument' });
  expect(refused.message).toContain(message);
  expect(listening()).toBe(0);
});

let listener: Listener | undefined;
afterEach(() => listener?.close(0));

async function overSocket(maxWaitingChars?: number) {
  const { emit, events, listening } = countedEvents();
  const routes = createEventRoutes({ node: { events }, clock: systemClock }, { maxWaitingChars });
  const app = new Hono().route('/events', routes);
  const opened = await openListener({ host: '127.0.0.1', port: 0, strictPort: false });
  listener = opened;
  opened.serve((each) => app.fetch(each));
  const watch = () =>
    new Promise<IncomingMessage>((resolve, reject) => {
      request(`http://127.0.0.1:${opened.port}/events`, resolve).on('error', reject).end();
    });
  return { emit, listening, watch };
}

test('on a socket a watcher hears events as they happen, and one that hangs up is not listened for any more', async () => {
  const { emit, listening, watch } = await overSocket();
  const response = await watch();
  emit(removed('node-2'));
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) {
    text += chunk;
    if (text.includes('node-2')) break; // and with it the connection
  }
  expect(text).toMatch(/^: watching\n\nevent: node\.removed\ndata: \{"at":/);
  await vi.waitFor(() => expect(listening()).toBe(0));
});

test('on a socket a watcher that does not read is dropped, and hears why when it reads again', async () => {
  const { emit, listening, watch } = await overSocket(100_000);
  const response = await watch();
  expect(listening()).toBe(1);
  // Far more than the system's own buffers hold, a turn of the loop each, so that what can be written is.
  const long = 'x'.repeat(64_000);
  for (let i = 0; i < 2_000 && listening() === 1; i += 1) {
    emit(removed(long));
    await new Promise((resolve) => setImmediate(resolve));
  }
  expect(listening()).toBe(0);
  let text = '';
  response.setEncoding('utf8');
  for await (const chunk of response) text = (text + chunk).slice(-1_000);
  expect(text).toContain('event: error\ndata: {"error":{"reason":"watcher_too_slow"');
});

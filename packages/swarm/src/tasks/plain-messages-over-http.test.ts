/** Plain messages where they cross a boundary: v0.3, HTTP+JSON and push notifications, over real HTTP. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createPushReceiver } from '@skein/a2a-transport';
import { type ServedApp, serveApp } from '@skein/a2a-transport/testing';
import type { StreamResponse } from '@skein/contracts/a2a';
import { systemClock, systemRandom } from '@skein/contracts/runtime';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createSwarmNode } from '../create-swarm-node.ts';
import { createInMemoryStores } from '../in-memory-stores.ts';
import { createNodeIdentity } from '../security/node-identity.ts';
import type { SwarmNodeOptions } from '../swarm-node-options.ts';

let opened: AsyncDisposable[];
let folder: string;
beforeEach(async () => {
  opened = [];
  folder = await mkdtemp(join(tmpdir(), 'skein-plain-'));
});
afterEach(async () => {
  for (const one of opened.reverse()) await one[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

function use<T extends AsyncDisposable>(one: T): T {
  opened.push(one);
  return one;
}

const echo: Partial<SwarmNodeOptions> = {
  async *executor({ message }) {
    yield { status: { state: 'TASK_STATE_WORKING' } };
    yield { artifact: { parts: message.parts } };
  },
};

/** A node on a free port of loopback, and who calls it as its operator. */
async function startNode(options: Partial<SwarmNodeOptions>) {
  let fetchNode: ((request: Request, env: object) => Response | Promise<Response>) | undefined;
  const served = use(await serveApp((request, env) => fetchNode?.(request, env) ?? new Response(null)));
  const { origin } = served;
  const node = use(
    await createSwarmNode({
      ...{ name: 'alpha', addresses: [origin], identity: createNodeIdentity(), workFolder: folder },
      isOperator: (token) => token === 'the-operator',
      ...options,
    }),
  );
  fetchNode = node.app.fetch;
  await node.start();
  const ask = (path: string, body: unknown, headers: Record<string, string> = {}) =>
    fetch(`${origin}${path}`, {
      method: 'POST',
      headers: { authorization: 'Bearer the-operator', 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const call = async (method: string, params: unknown, version = '1.0') => {
    const reply = await ask('/a2a', { jsonrpc: '2.0', id: 1, method, params }, { 'a2a-version': version });
    return (await reply.json()) as { result?: Record<string, unknown>; error?: { code: number } };
  };
  return { node, origin, ask, call };
}

const message = { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'hello' }] };
const completed = { status: { state: 'TASK_STATE_COMPLETED' }, artifacts: [{ parts: [{ text: 'hello' }] }] };

test('a client of A2A v0.3 is answered in its own words, where the node speaks them', async () => {
  const { call } = await startNode(echo);
  const old = { kind: 'message', messageId: 'm', role: 'user', parts: [{ kind: 'text', text: 'hello' }] };
  expect((await call('message/send', { message: old }, '0.3')).result).toMatchObject({
    kind: 'task',
    status: { state: 'completed' },
    artifacts: [{ parts: [{ kind: 'text', text: 'hello' }] }],
  });
  const without = await startNode({ ...echo, a2a: { speaksV03: false } });
  expect((await without.call('message/send', { message: old }, '0.3')).error).toMatchObject({ code: -32009 });
});

test('HTTP+JSON is served where it is switched on, and streams over both bindings end with the task', async () => {
  const { ask } = await startNode({ ...echo, a2a: { httpJson: true } });
  const sent = await ask('/a2a/rest/message:send', { message }, { 'a2a-version': '1.0' });
  expect(await sent.json()).toMatchObject({ task: completed });
  const streams = {
    '/a2a/rest/message:stream': { message },
    '/a2a': { jsonrpc: '2.0', id: 1, method: 'SendStreamingMessage', params: { message } },
  };
  for (const [path, body] of Object.entries(streams)) {
    const reply = await ask(path, body, { 'a2a-version': '1.0', accept: 'text/event-stream' });
    expect(reply.headers.get('content-type')).toContain('text/event-stream');
    expect(await reply.text()).toContain('TASK_STATE_COMPLETED');
  }
  const { ask: askPlain } = await startNode(echo);
  expect((await askPlain('/a2a/rest/message:send', { message })).status).toBe(404);
});

async function receiver(served: StreamResponse[]): Promise<ServedApp> {
  const app = createPushReceiver({ token: 'secret', onEvent: (event) => void served.push(event) });
  return use(await serveApp(app.fetch));
}

const statesIn = (events: readonly StreamResponse[]) =>
  events.flatMap((event) => ('statusUpdate' in event ? [event.statusUpdate.status.state] : []));

test('push notifications go to a receiver on loopback once it is allowed, and are refused before', async () => {
  const heard: StreamResponse[] = [];
  const { origin: url } = await receiver(heard);
  const taskPushNotificationConfig = { url, token: 'secret' };
  const params = { message, configuration: { taskPushNotificationConfig } };
  const careful = await startNode(echo);
  expect((await careful.call('SendMessage', params)).error).toMatchObject({ code: -32602 });
  const silent = await startNode({ ...echo, push: false });
  expect((await silent.call('SendMessage', params)).error).toMatchObject({ code: -32003 });
  expect(heard).toEqual([]);

  const { call } = await startNode({ ...echo, push: { allow: [{ origin: url }] } });
  expect((await call('SendMessage', params)).result).toMatchObject({ task: completed });
  await vi.waitFor(() => expect(statesIn(heard)).toEqual(['TASK_STATE_WORKING', 'TASK_STATE_COMPLETED']));
});

test('what a node owed to a receiver when it ended is delivered by its next life', async () => {
  const heard: StreamResponse[] = [];
  let open = false;
  const app = createPushReceiver({ token: 'secret', onEvent: (event) => void heard.push(event) });
  const { origin: url } = use(
    await serveApp((request) => (open ? app.fetch(request) : new Response(null, { status: 503 }))),
  );
  const stores = createInMemoryStores({ clock: systemClock, random: systemRandom });
  const lasting = { ...echo, stores, identity: createNodeIdentity(), push: { allow: [{ origin: url }] } };
  const first = await startNode(lasting);
  const params = { message, configuration: { taskPushNotificationConfig: { url, token: 'secret' } } };
  const { result } = await first.call('SendMessage', params);
  await first.node.stop();
  expect(heard).toEqual([]);
  open = true;
  const second = await startNode(lasting);
  await vi.waitFor(() => expect(statesIn(heard)).toContain('TASK_STATE_COMPLETED'), { timeout: 20_000 });
  const { id } = (result as { task: { id: string } }).task; // checked by the call before
  expect((await second.call('GetTask', { id })).result).toMatchObject({ id, ...completed });
});

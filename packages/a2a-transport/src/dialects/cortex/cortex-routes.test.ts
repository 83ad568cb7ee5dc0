import { createFakeClock, createMemoryLogger } from '@skein/contracts/testing';
import { describe, expect, test } from 'vitest';
import { A2AError } from '../../errors.ts';
import type { CortexPeerHandler } from './cortex-handler.ts';
import { type CortexRoutesOptions, createCortexRoutes } from './cortex-routes.ts';
import { type CortexOutcome, noCortexMetrics } from './cortex-task.ts';

const key = 'k3y-of-the-peer-cortex-one';
const done: CortexOutcome = { status: 'completed', output: 'done', metrics: noCortexMetrics };

const noHandler: CortexPeerHandler = {
  execute: async () => ({ taskId: 'task-1', ended: Promise.resolve(done) }),
  getTask: async () => undefined,
  cancelTask: async () => undefined,
  listTasks: async () => [],
};

function mount(handler: Partial<CortexPeerHandler> = {}, options: Partial<CortexRoutesOptions> = {}) {
  const clock = createFakeClock();
  const logger = createMemoryLogger();
  const routes = createCortexRoutes({
    peers: [{ name: 'one', key }],
    handler: { ...noHandler, ...handler },
    card: () => ({
      ...{ name: 'alpha', description: '', version: '1', supportedInterfaces: [], capabilities: {}, skills: [] },
      ...{ defaultInputModes: [], defaultOutputModes: [] },
    }),
    origin: 'http://node.test/',
    ...{ clock, logger },
    ...options,
  });
  const send = async (path = `/cortex/${key}/a2a`, env: object = {}) =>
    routes.app.request(path, { method: 'POST', headers: json, body: JSON.stringify(query) }, env);
  return { ...routes, clock, logger, send };
}

const json = { 'content-type': 'application/json' };
const query = {
  ...{ jsonrpc: '2.0', id: 1, method: 'SendMessage' },
  params: {
    message: { messageId: 'dir_1', role: 'user', parts: [{ text: '{}' }], metadata: { swarmKind: 'query_resources' } },
  },
};
const from = (remoteAddress: string) => ({ incoming: { socket: { remoteAddress } } });

/** Hangs until its waiting is ended, as work that takes long does. */
const never = (signal: AbortSignal) =>
  new Promise<CortexOutcome>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));

interface Answer {
  result: { id: string; status: { state: string; message?: { parts: { text: string }[] } } };
}
const read = async (response: Response) => {
  const { result } = (await response.json()) as Answer; // the tests below say what is in it
  return { id: result.id, state: result.status.state, text: result.status.message?.parts[0]?.text };
};

describe('to whoever does not know a key there is nothing', () => {
  test.each([
    `/cortex/${key.slice(0, -1)}/a2a`,
    `/cortex/${key}x/a2a`,
    `/cortex/${key.toUpperCase()}/a2a`,
    '/cortex//a2a',
    `/cortex/${key}`,
    '/cortex/a2a',
  ])('POST %s', async (path) => {
    const { app, send } = mount();
    const nothing = await app.request('/nothing', { method: 'POST', headers: json, body: '{}' });
    const answer = await send(path);
    expect(answer.status).toBe(404);
    expect(await answer.text()).toBe(await nothing.text());
    expect([...answer.headers]).toEqual([...nothing.headers]);
  });

  test('a card is not shown either', async () => {
    const { app } = mount();
    expect((await app.request('/cortex/another-key-of-nobody/.well-known/agent-card.json')).status).toBe(404);
    expect((await app.request(`/cortex/${key}/.well-known/agent-card.json`)).status).toBe(200);
  });
});

describe('a list of addresses', () => {
  const peers = [{ name: 'one', key, addresses: ['10.1.0.0/16', '127.0.0.1', 'fd00::/8'] }];
  test.each([
    ['10.1.2.3', 200],
    ['10.2.2.3', 404],
    ['127.0.0.1', 200],
    ['::ffff:127.0.0.1', 200],
    ['::ffff:127.0.0.2', 404],
    ['fd00::1', 200],
    ['fe80::1', 404],
    ['nonsense', 404],
  ])('%s is answered with %i', async (address, status) => {
    expect((await mount({}, { peers }).send(undefined, from(address))).status).toBe(status);
  });

  test('lets nobody in where the address is not known', async () => {
    expect((await mount({}, { peers }).send()).status).toBe(404);
  });
});

test('work that takes longer than the peer waits is answered FAILED in time, with the task that goes on', async () => {
  const { send, clock } = mount({ execute: async (_p, _d, signal) => ({ taskId: 'task-7', ended: never(signal) }) });
  const answer = send();
  await clock.advance(114_999);
  let answered = false;
  void answer.then(() => {
    answered = true;
  });
  await clock.advance(0);
  expect(answered).toBe(false);
  await clock.advance(1);
  const { id, state, text } = await read(await answer);
  expect({ id, state }).toEqual({ id: 'task-7', state: 'TASK_STATE_FAILED' });
  expect(text).toMatch(/^deadline: .*task-7/);
});

test('closing answers whoever waits', async () => {
  const { send, close, clock } = mount({ execute: async (_p, _d, s) => ({ taskId: 'task-7', ended: never(s) }) });
  const answer = send();
  await clock.advance(0);
  await close();
  await close();
  expect((await read(await answer)).text).toMatch(/closing/);
});

test('more than a peer’s share of open directives is FAILED, and a place that is free again is given', async () => {
  let end = () => {};
  const held = new Promise<CortexOutcome>((resolve) => {
    end = () => resolve(done);
  });
  const { send, clock } = mount({ execute: async () => ({ taskId: 'task-1', ended: held }) }, { maxOpen: 1 });
  const first = send();
  await clock.advance(0);
  expect(await read(await send())).toMatchObject({ state: 'TASK_STATE_FAILED', text: expect.stringMatching(/budget/) });
  end();
  expect((await read(await first)).state).toBe('TASK_STATE_COMPLETED');
  expect((await read(await send())).state).toBe('TASK_STATE_COMPLETED');
});

test('a kind beyond query_resources never reaches the handler unless it is allowed', async () => {
  let taken = 0;
  const execute: CortexPeerHandler['execute'] = async () => {
    taken += 1;
    return { taskId: 'task-1', ended: Promise.resolve(done) };
  };
  const { message } = query.params;
  const order = { ...query, params: { message: { ...message, metadata: { swarmKind: 'execute_task' } } } };
  const init = { method: 'POST', headers: json, body: JSON.stringify(order) };
  const { app, logger } = mount({ execute });
  const answer = await read(await app.request(`/cortex/${key}/a2a`, init));
  expect(answer).toMatchObject({ state: 'TASK_STATE_FAILED', text: expect.stringMatching(/^denied/) });
  expect(taken).toBe(0);
  expect(JSON.stringify(logger.lines)).not.toContain(key);
  const allowed = mount({ execute }, { peers: [{ name: 'one', key, kinds: ['execute_task'] }] });
  await allowed.app.request(`/cortex/${key}/a2a`, init);
  expect(taken).toBe(1);
});

test('a refusal is told as FAILED, a fault of ours without its words', async () => {
  const refuse = (cause: Error) => mount({ execute: () => Promise.reject(cause) });
  const refused = await read(await refuse(new A2AError('INVALID_PARAMS', 'say an agentType')).send());
  expect(refused).toMatchObject({ state: 'TASK_STATE_FAILED', text: 'say an agentType' });
  const { send, logger } = refuse(new Error('password=hunter2'));
  const fault = await read(await send());
  expect(fault).toMatchObject({ state: 'TASK_STATE_FAILED', text: expect.stringMatching(/^internal error/) });
  expect(fault.text).not.toContain('hunter2');
  expect(logger.lines).toHaveLength(1);
});

test.each<[what: string, init: { headers?: object; body: string }, code: number, status: number]>([
  ['a broken body', { body: '{' }, -32700, 200],
  ['a batch', { body: JSON.stringify([query]) }, -32600, 200],
  ['no JSON-RPC', { body: '{}' }, -32600, 200],
  ['an unknown method', { body: JSON.stringify({ ...query, method: 'Nothing' }) }, -32601, 200],
  ['GetTask of nothing', { body: JSON.stringify({ ...query, method: 'GetTask' }) }, -32602, 200],
  ['another content type', { headers: { 'content-type': 'text/plain' }, body: '{' }, -32005, 200],
  ['too deep a body', { body: `{"a":${'['.repeat(70)}${']'.repeat(70)}}` }, -32600, 200],
  ['too large a body', { body: JSON.stringify('x'.repeat(3_000)) }, -32600, 413],
])('%s is refused as JSON-RPC says', async (_what, { headers, body }, code, status) => {
  const { app } = mount({}, { maxBodyBytes: 2_000 });
  const answer = await app.request(`/cortex/${key}/a2a`, { method: 'POST', headers: { ...json, ...headers }, body });
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ error: { code } });
});

test('the card names the address that is configured, whatever host was asked for', async () => {
  const { app } = mount();
  const path = `http://evil.test/cortex/${key}/.well-known/agent-card.json`;
  const card = (await (await app.request(path)).json()) as { url: string };
  expect(card.url).toBe(`http://node.test/cortex/${key}/a2a`);
});

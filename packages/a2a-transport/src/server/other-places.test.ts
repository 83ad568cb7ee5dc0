/** What a server says of methods of HTTP and places that A2A does not have. */
import { describe, expect, test } from 'vitest';
import { postRaw } from '../testing/rpc.ts';
import { createTestCard } from '../testing/test-agent.ts';
import type { AgentExecutor } from './agent-executor.ts';
import { createA2AServer } from './server.ts';

const executor: AgentExecutor = { async *execute() {} };
const serve = (places: { path?: string; httpJsonPath?: string } = {}) =>
  createA2AServer({ card: createTestCard(), executor, ...places }).app;
const headers = { 'a2a-version': '1.0' };
const unknownTask = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'GetTask', params: { id: 'unknown' } });

test.each([
  ['GET', '/a2a'],
  ['GET', '/a2a/'],
  ['GET', '/a2a/blue'],
  ['PUT', '/a2a'],
  ['DELETE', '/a2a/blue/'],
])('%s %s is told to post', async (method, path) => {
  const answer = await serve().request(path, { method });
  expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'POST']);
  expect(answer.headers.get('content-type')).toBe('application/json');
  const message = 'This is a JSON-RPC endpoint: call it with POST';
  expect(await answer.json()).toMatchObject({ jsonrpc: '2.0', id: null, error: { code: -32600, message } });
});

test('HEAD is answered as GET is, without the body', async () => {
  const answer = await serve().request('/a2a', { method: 'HEAD' });
  expect([answer.status, answer.headers.get('allow'), await answer.text()]).toEqual([405, 'POST', '']);
});

describe('HTTP+JSON beside JSON-RPC', () => {
  test.each([
    ['GET', ''],
    ['GET', '/nothing'],
    ['POST', '/nothing'],
    ['GET', '/message:send'],
    ['POST', '/message:sing'],
    ['PUT', '/tasks'],
    ['POST', '/tasks/a:sing'],
    ['GET', '/tasks/a/b/c/d'],
  ])('%s at what it has not, "%s", is answered with a google.rpc.Status', async (method, place) => {
    const answer = await serve({ httpJsonPath: '/a2a/rest' }).request(`/a2a/rest${place}`, { method, headers });
    expect([answer.status, answer.headers.get('content-type')]).toEqual([404, 'application/a2a+json']);
    expect(await answer.json()).toMatchObject({
      error: { code: 404, status: 'NOT_FOUND', details: [{ reason: 'METHOD_NOT_FOUND' }] },
    });
  });

  test('around the endpoint its resources are found, and the endpoint is posted to', async () => {
    const app = serve({ path: '/agent/a2a', httpJsonPath: '/agent' });
    expect((await app.request('/agent/tasks', { headers })).status).toBe(200);
    expect((await app.request('/agent/blue/tasks', { headers })).status).toBe(200);
    expect((await postRaw({ app }, unknownTask, {}, '/agent/a2a')).body).toMatchObject({ error: { code: -32001 } });
  });

  test('at the root everything else is the application’s own', async () => {
    const app = serve({ httpJsonPath: '' });
    app.get('/', (c) => c.text('home')).get('/nothing', (c) => c.text('something'));
    expect(await (await app.request('/')).text()).toBe('home');
    expect(await (await app.request('/nothing')).text()).toBe('something');
    expect((await app.request('/tasks', { headers })).status).toBe(200);
  });
});

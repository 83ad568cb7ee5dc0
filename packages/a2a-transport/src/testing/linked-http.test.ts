import { Hono } from 'hono';
import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../client/http-port.ts';
import { collect } from './collect.ts';
import { createLinkedHttp } from './linked-http.ts';

const origin = 'http://one.test';
const gone: AbortSignal[] = [];
const app = new Hono()
  .post('/echo', async (c) => c.body(await c.req.arrayBuffer(), 200, { 'x-type': c.req.header('content-type') ?? '' }))
  .get('/open', (c) => {
    gone.push(c.req.raw.signal);
    return c.body(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([1])) }));
  })
  .get('/silent', () => new Promise<Response>(() => {}));

const create = () => createLinkedHttp(new Map([[origin, app.fetch]]));
const get = (path: string, signal = new AbortController().signal): HttpRequest => ({
  method: 'GET',
  url: `${origin}${path}`,
  headers: {},
  signal,
});

test('a request reaches the app of its origin, body and headers and all', async () => {
  const body = new TextEncoder().encode('hello');
  const reply = await create().request({
    ...get('/echo'),
    method: 'POST',
    headers: { 'content-type': 'text/x' },
    body,
  });
  expect(reply.status).toBe(200);
  expect(reply.headers.get('x-type')).toBe('text/x');
  expect(Buffer.concat(await collect(reply.body)).toString()).toBe('hello');
});

test('an unknown origin is unreachable', async () => {
  const request = create().request({ ...get('/'), url: 'http://two.test/' });
  await expect(request).rejects.toMatchObject({ code: 'UNREACHABLE' });
});

describe('a cut link', () => {
  test('refuses what comes and breaks what is on its way, until it heals', async () => {
    const http = create();
    const body = (await http.request(get('/open'))).body[Symbol.asyncIterator]();
    await body.next();
    const waiting = http.request(get('/silent'));
    const next = body.next();
    http.cut(origin);
    await expect(next).rejects.toMatchObject({ code: 'BROKEN' });
    await expect(waiting).rejects.toMatchObject({ code: 'BROKEN' });
    await expect(http.request(get('/open'))).rejects.toMatchObject({ code: 'UNREACHABLE' });
    expect(gone.at(-1)?.aborted).toBe(true);
    http.heal(origin);
    expect((await http.request(get('/open'))).status).toBe(200);
  });
});

test('an abort rejects with its own reason', async () => {
  const controller = new AbortController();
  const waiting = create().request(get('/silent', controller.signal));
  controller.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  await expect(create().request(get('/open', controller.signal))).rejects.toThrow('enough');
});

import { createServer as createTcpServer, type Socket } from 'node:net';
import { Hono } from 'hono';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { collect } from '../testing/collect.ts';
import { type ServedApp, serveApp } from '../testing/serve-app.ts';
import { createUndiciHttp } from './undici-http.ts';

const forever = new AbortController().signal;
const http = createUndiciHttp();
let served: ServedApp;

beforeAll(async () => {
  const app = new Hono()
    .post('/echo', async (c) => c.body(await c.req.arrayBuffer(), 200, { 'x-a': '1' }))
    .get('/elsewhere', (c) => c.redirect('/echo'))
    .get('/open', (c) =>
      c.body(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([7])) })),
    );
  served = await serveApp(app.fetch);
});

afterAll(async () => {
  await Promise.all([http.close(), http.close()]);
  await served.close();
});

/** A TCP server that does to each connection what it is told. */
async function withTcp<T>(onSocket: (socket: Socket) => void, use: (origin: string) => Promise<T>): Promise<T> {
  const server = createTcpServer(onSocket).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  try {
    return await use(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}

const get = (url: string, signal = forever) => http.request({ method: 'GET', url, headers: {}, signal });

test('bytes go and come back, with headers', async () => {
  const body = new TextEncoder().encode('hello');
  const reply = await http.request({
    method: 'POST',
    url: `${served.origin}/echo`,
    headers: {},
    body,
    signal: forever,
  });
  expect([reply.status, reply.headers.get('x-a')]).toEqual([200, '1']);
  expect(Buffer.concat(await collect(reply.body)).toString()).toBe('hello');
});

test('redirects are answers, not ways', async () => {
  const reply = await get(`${served.origin}/elsewhere`);
  expect(reply.status).toBe(302);
  await collect(reply.body);
});

test('a port that nobody listens on is unreachable', async () => {
  const free = await withTcp(
    () => {},
    async (origin) => origin,
  );
  await expect(get(free)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  await expect(get('not a url')).rejects.toMatchObject({ code: 'UNREACHABLE' });
});

test('a peer that hangs up after the request is broken, before and within the body', async () => {
  await withTcp(
    (socket) => socket.once('data', () => socket.destroy()),
    async (origin) => expect(get(origin)).rejects.toMatchObject({ code: 'BROKEN' }),
  );
  const cutShort = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive!';
  await withTcp(
    (socket) => socket.once('data', () => socket.end(cutShort)),
    async (origin) => expect(collect((await get(origin)).body)).rejects.toMatchObject({ code: 'BROKEN' }),
  );
});

test('an abort rejects with its own reason, and leaving a body gives the connection up', async () => {
  const controller = new AbortController();
  const body = (await get(`${served.origin}/open`, controller.signal)).body[Symbol.asyncIterator]();
  expect((await body.next()).value).toEqual(Buffer.from([7]));
  const next = body.next();
  controller.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  await expect(get(`${served.origin}/open`, controller.signal)).rejects.toThrow('enough');
  for await (const _ of (await get(`${served.origin}/open`)).body) break;
});

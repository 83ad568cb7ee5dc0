import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import { afterEach, expect, test, vi } from 'vitest';
import { type Listener, type ListenerOptions, openListener } from './listener.ts';

const open: Listener[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((listener) => listener.close(0)));
});

async function listen(options: Partial<ListenerOptions> = {}): Promise<Listener> {
  const listener = await openListener({ host: '127.0.0.1', port: 0, strictPort: false, ...options });
  open.push(listener);
  return listener;
}

/** Writes bytes and reads all that comes back, until the other side closes or has said enough. */
function raw(port: number, head: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(head));
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(text));
  });
}

const status = (reply: string) => Number(reply.split(' ')[1]);

test('whoever answers can see where a request came from', async () => {
  const listener = await listen();
  listener.serve((_request, env) => {
    const { incoming } = env as { incoming: { socket: { remoteAddress?: string } } }; // as Hono's Node server has it
    return new Response(incoming.socket.remoteAddress);
  });
  expect(await (await fetch(`http://127.0.0.1:${listener.port}/`)).text()).toBe('127.0.0.1');
});

test('until it serves, a caller is told to come back', async () => {
  const listener = await listen();
  const reply = await raw(listener.port, `GET / HTTP/1.1\r\nHost: localhost\r\n\r\n`);
  expect(status(reply)).toBe(503);
  expect(reply.toLowerCase()).toContain('retry-after: 1');
  expect(reply).toContain('"reason":"starting"');
});

test.each<[string, string, number, string]>([
  ['its own address', 'GET / HTTP/1.1\r\nHost: 127.0.0.1:PORT', 200, 'hello'],
  ['localhost, in any case', 'GET / HTTP/1.1\r\nHost: LocalHost:PORT', 200, 'hello'],
  ['a forwarded port', 'GET / HTTP/1.1\r\nHost: localhost:9999', 200, 'hello'],
  ['IPv6 loopback', 'GET / HTTP/1.1\r\nHost: [::1]:PORT', 200, 'hello'],
  ['its own origin', 'GET / HTTP/1.1\r\nHost: localhost:PORT\r\nOrigin: http://localhost:PORT', 200, 'hello'],
  ["another's name", 'GET / HTTP/1.1\r\nHost: rebound.example', 400, 'host_not_allowed'],
  ['two Host headers', 'GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost', 400, 'invalid_host'],
  ['no Host header', 'GET / HTTP/1.0', 400, 'invalid_host'],
  ['an absolute target', 'GET http://localhost/ HTTP/1.1\r\nHost: localhost', 400, 'invalid_target'],
  ["another's origin", 'GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example', 403, 'origin_not_allowed'],
  [
    'an origin on another port',
    'GET / HTTP/1.1\r\nHost: localhost:PORT\r\nOrigin: http://localhost:1',
    403,
    'origin_not_allowed',
  ],
  ['the origin of a sandbox', 'GET / HTTP/1.1\r\nHost: localhost\r\nOrigin: null', 403, 'origin_not_allowed'],
])('a request with %s is answered as it deserves', async (_name, head, expected, text) => {
  const listener = await listen();
  listener.serve(() => new Response('hello'));
  const request = `${head.replaceAll('PORT', String(listener.port))}\r\nConnection: close\r\n\r\n`;
  const reply = await raw(listener.port, request);
  expect(status(reply)).toBe(expected);
  expect(reply).toContain(text);
});

test('a busy port means the next free one, unless it is strict', async () => {
  const first = await listen();
  const second = await listen({ port: first.port });
  expect(second.port).toBeGreaterThan(first.port);
  expect(second.addresses).toEqual([`http://127.0.0.1:${second.port}`]);
  await expect(listen({ port: first.port, strictPort: true })).rejects.toMatchObject({ code: 'PORT_IN_USE' });
});

test('an address that is not of this machine is told so', async () => {
  await expect(listen({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'ADDRESS_UNUSABLE' });
});

test('a wildcard is told to others as addresses that they can reach', async () => {
  const listener = await listen({ host: '0.0.0.0' });
  expect(listener.addresses.length).toBeGreaterThan(0);
  for (const address of listener.addresses) expect(address).not.toContain('0.0.0.0');
});

test('whoever is slow to ask is closed, whoever is slow to be answered is not', async () => {
  const listener = await listen({ headersTimeoutMs: 200, requestTimeoutMs: 300 });
  listener.serve(() => {
    const body = new ReadableStream({
      async start(controller) {
        controller.enqueue(new TextEncoder().encode('first '));
        await new Promise((resolve) => setTimeout(resolve, 1_000));
        controller.enqueue(new TextEncoder().encode('last'));
        controller.close();
      },
    });
    return new Response(body);
  });
  const slow = raw(listener.port, 'GET / HTTP/1.1\r\nHost: localh');
  const patient = new Promise<string>((resolve, reject) => {
    const request = httpRequest({ port: listener.port, host: '127.0.0.1' }, async (response) => {
      let text = '';
      for await (const chunk of response) text += chunk;
      resolve(text);
    });
    request.on('error', reject).end();
  });
  expect(status(await slow)).toBe(408);
  expect(await patient).toBe('first last');
});

test('beyond so many connections nobody is let in, until one leaves', async () => {
  const listener = await listen({ maxConnections: 1 });
  listener.serve(() => new Response('hello'));
  const first = connect(listener.port, '127.0.0.1');
  const firstReply = new Promise<string>((resolve) => first.once('data', (chunk) => resolve(String(chunk))));
  first.write('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  expect(status(await firstReply)).toBe(200);
  const turnedAway = await raw(listener.port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n').catch(() => '');
  expect(turnedAway).toBe('');
  first.destroy();
  const next = () =>
    raw(listener.port, 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n').catch(() => '');
  await vi.waitFor(async () => expect(status(await next())).toBe(200));
});

test('closing ends what is open after its grace, and may be asked for twice', async () => {
  const listener = await listen();
  listener.serve(
    () => new Response(new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array(1)) })),
  );
  const endless = raw(listener.port, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 100));
  await Promise.all([listener.close(50), listener.close(50)]);
  expect(status(await endless)).toBe(200);
});

import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { createFakeClock } from '@skein/contracts/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { connectA2AClient } from '../client/connect-client.ts';
import { textOf } from '../client/text-of.ts';
import { collect } from '../testing/collect.ts';
import type { AgentEvent, ExecutionContext, ExecutionRequest } from './agent-executor.ts';
import { type ServedA2A, type ServeOptions, serveA2A } from './serve-a2a.ts';
import type { A2AServerOptions } from './server-options.ts';

const open: ServedA2A[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((served) => served.close()));
});

async function* echo({ message }: ExecutionRequest, { signal }: ExecutionContext): AsyncGenerator<AgentEvent> {
  yield { status: { state: 'TASK_STATE_WORKING' } };
  if (message.parts[0]?.text === 'wait') await new Promise((resolve) => signal.addEventListener('abort', resolve));
  yield { artifact: { parts: message.parts } };
}

async function serve(serving: ServeOptions = {}, options: Partial<A2AServerOptions> = {}): Promise<ServedA2A> {
  const served = await serveA2A({ card: { name: 'Echo' }, executor: echo, ...options }, { port: 0, ...serving });
  open.push(served);
  return served;
}

/** Writes bytes as they are and reads until the other side hangs up. */
async function raw({ url }: Pick<ServedA2A, 'url'>, request: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname.replace(/[[\]]/g, ''));
  socket.end(request);
  const chunks: Buffer[] = [];
  for await (const chunk of socket) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const head = (...lines: string[]) => `${lines.join('\r\n')}\r\nConnection: close\r\n\r\n`;
const statusOf = (reply: string) => Number(reply.split(' ', 2)[1]);

test('an agent of a name and a function is found, called and streamed at its own address', async () => {
  const served = await serve();
  const client = await connectA2AClient(served.url);
  expect(client.card.supportedInterfaces[0]).toMatchObject({ url: `${served.url}/a2a`, protocolVersion: '1.0' });
  expect(textOf(await client.sendMessage('hello'))).toBe('hello');
  const states = (await collect(client.sendStreamingMessage('hello'))).map((event) => Object.keys(event)[0]);
  expect(states).toEqual(['task', 'statusUpdate', 'artifactUpdate', 'statusUpdate']);
  await client.close();
});

test.each([
  { card: { name: 'It' }, host: 'localhost', url: /^http:\/\/localhost:\d+$/ },
  { card: { name: 'It' }, host: '0.0.0.0', url: /^http:\/\/127\.0\.0\.1:\d+$/ },
  { card: () => ({ name: 'It' }), host: '127.0.0.1', url: /^http:\/\/127\.0\.0\.1:\d+$/ },
  { card: { name: 'It', url: 'https://agent.example' }, host: '127.0.0.1', url: /^https:\/\/agent\.example$/ },
])('the card says $url where it is served on $host', async ({ card, host, url }) => {
  const served = await serve({ host }, { card });
  expect(served.url).toMatch(url);
  const reply = await served.server.app.request('/.well-known/agent-card.json');
  expect(await reply.json()).toMatchObject({ supportedInterfaces: [{ url: `${served.url}/a2a` }, {}] });
});

describe('requests that are turned away before they are read', () => {
  const card = '/.well-known/agent-card.json';
  test.each([
    { name: 'its own host', lines: [`GET ${card} HTTP/1.1`, 'Host: 127.0.0.1'], status: 200 },
    { name: 'localhost', lines: [`GET ${card} HTTP/1.1`, 'Host: localhost:1'], status: 200 },
    { name: 'a host on the list', lines: [`GET ${card} HTTP/1.1`, 'Host: agent.example'], status: 200 },
    { name: 'a host that is not', lines: [`GET ${card} HTTP/1.1`, 'Host: evil.example'], status: 400 },
    { name: 'no host', lines: [`GET ${card} HTTP/1.0`], status: 400 },
    { name: 'two hosts', lines: [`GET ${card} HTTP/1.1`, 'Host: 127.0.0.1', 'Host: 127.0.0.1'], status: 400 },
    { name: 'a whole URL', lines: [`GET http://127.0.0.1${card} HTTP/1.1`, 'Host: 127.0.0.1'], status: 400 },
    {
      name: "a page's origin",
      lines: [`GET ${card} HTTP/1.1`, 'Host: 127.0.0.1', 'Origin: http://127.0.0.1'],
      status: 403,
    },
    {
      name: 'an origin that is allowed',
      lines: [`GET ${card} HTTP/1.1`, 'Host: 127.0.0.1', 'Origin: https://app.example'],
      status: 200,
    },
    {
      name: 'its preflight',
      lines: ['OPTIONS /a2a HTTP/1.1', 'Host: 127.0.0.1', 'Origin: https://app.example'],
      status: 204,
    },
  ])('$name: $status', async ({ lines, status }) => {
    const served = await serve({ hosts: ['agent.example'], allowedOrigins: ['https://app.example'] });
    const reply = await raw(served, head(...lines));
    expect(statusOf(reply)).toBe(status);
    expect(/^access-control-allow-origin: https:\/\/app.example\r$/im.test(reply)).toBe(
      lines.includes('Origin: https://app.example'),
    );
  });

  test('the host of the card’s url is on the list', async () => {
    const served = await serve({ host: '127.0.0.1' }, { card: { name: 'It', url: 'https://agent.example' } });
    const statuses = ['agent.example', 'evil.example'].map(async (host) =>
      statusOf(await raw({ url: served.listening }, head(`GET ${card} HTTP/1.1`, `Host: ${host}`))),
    );
    expect(await Promise.all(statuses)).toEqual([200, 400]);
  });
});

test('closing ends streams, lets answers that are on their way go, and is done twice', async () => {
  const served = await serve();
  const client = await connectA2AClient(served.url, { resumeForMs: 0 });
  const stream = client.sendStreamingMessage('wait')[Symbol.asyncIterator]();
  await stream.next();
  const answer = client.sendMessage('wait');
  // It has begun once the task is there.
  await expect.poll(async () => (await client.listTasks()).tasks.length).toBe(2);
  await Promise.all([served.close(), served.close()]);
  const answered = await answer;
  expect('task' in answered && answered.task.status.state).not.toBe('TASK_STATE_WORKING');
  await expect(client.sendMessage('hello')).rejects.toMatchObject({ name: 'A2AClientError' });
  await client.close();
});

test('who never finishes a request is not waited for longer than a moment', async () => {
  const clock = createFakeClock();
  const served = await serve({}, { clock });
  const { port } = new URL(served.url);
  const socket = connect(Number(port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write('POST /a2a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n');
  const closed = once(socket, 'close');
  socket.on('error', () => {}).resume();
  await new Promise((resolve) => socket.write('{', resolve));
  let over = false;
  const closing = served.close().finally(() => {
    over = true;
  });
  for (let seconds = 0; seconds < 60 && !over; seconds += 1) await clock.advance(1_000);
  expect(over).toBe(true);
  await Promise.all([closing, closed]);
});

test.each([
  { what: 'headers', text: 'POST /a2a HTTP/1.1\r\nHost: localhost\r\nX-Slow: ' },
  {
    what: 'a body',
    text: 'POST /a2a HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{',
  },
])('who dawdles over $what is hung up on, while others are answered', async ({ text }) => {
  const served = await serve({ headersTimeoutMs: 50, requestTimeoutMs: 50 });
  const { hostname, port } = new URL(served.url);
  const slow = Array.from({ length: 20 }, () => {
    const socket = connect(Number(port), hostname, () => socket.write(text));
    return once(socket.on('error', () => {}).resume(), 'close');
  });
  await using client = await connectA2AClient(served.url);
  expect(textOf(await client.sendMessage('hello'))).toBe('hello');
  await Promise.all(slow);
});

test('an address that is taken is told, and nothing stays behind', async () => {
  const other = createServer().listen(0, '127.0.0.1');
  await once(other, 'listening');
  const address = other.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  await expect(serve({ port: port ?? 0 })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  other.close();
});

import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { getRequestListener } from '@hono/node-server';
import type { Task } from '@skein/contracts/a2a';
import { createMemoryLogger } from '@skein/contracts/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestCard, textMessage } from '../../testing/test-agent.ts';
import type { Authenticator } from '../principal.ts';
import { type A2AServer, createA2AServer } from '../server.ts';
import { NodeRequest } from './node-request.ts';
import { onOver } from './on-over.ts';

const logger = createMemoryLogger();
const authenticator: Authenticator = {
  async authenticate({ headers, body, url }) {
    if (headers.get('x-who') === 'nobody') return { status: 'refused', reason: 'UNKNOWN', message: 'Unknown' };
    if (headers.get('x-who') === 'broken') throw new Error('the password is hunter2');
    return { status: 'authenticated', principal: { id: `${new URL(url).pathname} ${body.at(0)}`, kind: 'test' } };
  },
};

let began: () => void = () => {};
let ended: (reason: unknown) => void = () => {};

function createAgent(): A2AServer {
  return createA2AServer({
    card: createTestCard(),
    executor: {
      async *execute({ message, tenant }, { principal, signal }) {
        const said = message.parts[0]?.text;
        if (said === 'wait') {
          yield { status: { state: 'TASK_STATE_WORKING' } };
          began();
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          return;
        }
        const unsayable = {
          toJSON() {
            throw new Error('not today');
          },
        };
        if (said === 'unsayable') {
          yield { message: { parts: [{ data: unsayable }] } };
          return;
        }
        yield { message: { messageId: 'reply', parts: [{ text: `${principal?.id} ${tenant} ${said}` }] } };
      },
    },
    authenticator,
    logger,
    limits: { maxBodyBytes: 1_000 },
    extensions: [
      {
        uri: 'urn:test:who',
        methods: {
          'test/Wait': {
            async handle(_params, { signal }) {
              began();
              await new Promise((resolve) => signal.addEventListener('abort', resolve));
              ended(signal.reason);
            },
          },
        },
      },
    ],
  });
}

async function listen(listener: RequestListener) {
  const server = createServer(listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo; // it listens on TCP
  return { server, port };
}

const agent = createAgent();
let direct: Awaited<ReturnType<typeof listen>>;
let throughHono: Awaited<ReturnType<typeof listen>>;

beforeAll(async () => {
  direct = await listen((request, response) => {
    response.setHeader('x-before', 'kept');
    agent.listener(request, response);
  });
  throughHono = await listen(getRequestListener(createAgent().app.fetch, { overrideGlobalObjects: false }));
});

afterAll(async () => {
  for (const { server } of [direct, throughHono]) {
    server.closeAllConnections();
    server.close();
  }
  await agent.close();
});

/** What comes back for these very bytes, without what differs from answer to answer. */
async function exchange(port: number, bytes: string): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {}); // hung up on while it still writes
  socket.write(bytes);
  const answer = await text(socket);
  return answer
    .split('\r\n')
    .filter((line) => !/^(date|keep-alive|connection|x-before|transfer-encoding):/i.test(line))
    .map((line) => line.replace(/"contextId":"[^"]*"/, '"contextId":"…"').replace(/^id: .*/, 'id: …'))
    .map((line) => line.replace(/^[\w-]+:/, (name) => name.toLowerCase()))
    .sort()
    .join('\n');
}

function post(body: string, { path = '/a2a', head = [] as string[], type = 'application/json' } = {}): string {
  const lines = [`POST ${path} HTTP/1.1`, 'Host: agent.test', 'Connection: close', 'A2A-Version: 1.0', ...head];
  if (type !== '') lines.push(`Content-Type: ${type}`);
  return `${[...lines, `Content-Length: ${Buffer.byteLength(body)}`].join('\r\n')}\r\n\r\n${body}`;
}

const call = (method: string, params: unknown = {}, id: unknown = 1) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, params });
const send = call('SendMessage', textMessage('hi'));

describe('what the listener answers is what the app answers', () => {
  test.each([
    { name: 'a message', bytes: post(send), answer: 'reply' },
    { name: 'a slash at the end', bytes: post(send, { path: '/a2a/' }), answer: '/a2a/ ' },
    { name: 'a query', bytes: post(send, { path: '/a2a?A2A-Version=1.0' }), answer: 'reply' },
    { name: 'a tenant', bytes: post(send, { path: '/a2a/one' }), answer: ' one hi' },
    { name: 'another path', bytes: post(send, { path: '/other' }), answer: '404' },
    { name: 'an escaped path', bytes: post(send, { path: '/%612a' }), answer: 'HTTP/1.1' },
    { name: 'a stream', bytes: post(call('SendStreamingMessage', textMessage('hi'))), answer: 'text/event-stream' },
    { name: 'a batch', bytes: post(`[${call('GetTask', { id: 'x' })},${send}]`), answer: '-32001' },
    { name: 'a notification', bytes: post('{"jsonrpc":"2.0","method":"GetTask"}'), answer: '204' },
    { name: 'broken JSON', bytes: post('{'), answer: '-32700' },
    { name: 'bytes that are no text', bytes: post('"\udc00"'), answer: '-32600' },
    { name: 'no body', bytes: post(''), answer: '-32700' },
    { name: 'a type with parameters', bytes: post(send, { type: 'Application/JSON; charset=utf-8' }), answer: 'reply' },
    { name: 'another type', bytes: post(send, { type: 'text/plain' }), answer: '-32005' },
    { name: 'no type', bytes: post(send, { type: '' }), answer: '-32005' },
    { name: 'too large a body', bytes: post(JSON.stringify('x'.repeat(1_000))), answer: '413' },
    {
      name: 'chunks',
      bytes: `${post('', { head: ['Transfer-Encoding: chunked'] }).replace('Content-Length: 0\r\n', '')}5\r\n${send.slice(0, 5)}\r\n${(send.length - 5).toString(16)}\r\n${send.slice(5)}\r\n0\r\n\r\n`,
      answer: 'reply',
    },
    {
      name: 'too many chunks',
      bytes: `${post('', { head: ['Transfer-Encoding: chunked'] }).replace('Content-Length: 0\r\n', '')}${`190\r\n${'x'.repeat(400)}\r\n`.repeat(4)}0\r\n\r\n`,
      answer: '413',
    },
    { name: 'an unknown caller', bytes: post(send, { head: ['X-Who: nobody'] }), answer: 'www-authenticate' },
    { name: 'a broken authenticator', bytes: post(send, { head: ['X-Who: broken'] }), answer: '500' },
    {
      name: 'a compressed body',
      bytes: post(send, { head: ['Content-Encoding: gzip'] }),
      answer: 'Content-Encoding: gzip',
    },
    {
      name: 'a body that says it is plain',
      bytes: post(send, { head: ['Content-Encoding: identity'] }),
      answer: 'reply',
    },
    { name: 'a host that is none', bytes: post(send).replace('agent.test', 'evil.test/admin?'), answer: '400' },
    { name: 'no host', bytes: post(send).replace('Host: agent.test', 'Host: '), answer: 'HTTP/1.1' },
    { name: 'an extension', bytes: post(send, { head: ['A2A-Extensions: urn:test:who'] }), answer: 'a2a-extensions' },
    { name: 'an extension of v0.3', bytes: post(send, { head: ['X-A2A-Extensions: urn:test:who'] }), answer: 'x-a2a-' },
    { name: 'GET at the endpoint', bytes: 'GET /a2a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n', answer: '405' },
    {
      name: 'the card',
      bytes: 'GET /.well-known/agent-card.json HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      answer: 'Test agent',
    },
  ])('$name', async ({ bytes, answer }) => {
    const answered = await exchange(direct.port, bytes);
    expect(answered).toContain(answer);
    expect(answered).toBe(await exchange(throughHono.port, bytes));
  });
});

test('headers that were set before are kept', async () => {
  const reply = await fetch(`http://127.0.0.1:${direct.port}/a2a`, { method: 'POST', body: 'x' });
  expect(reply.headers.get('x-before')).toBe('kept');
});

test('who is answered before the body has come whole is not read on', async () => {
  const socket = connect(direct.port, '127.0.0.1');
  socket.write(`POST /a2a HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100000\r\n\r\n{`);
  const answer = await text(socket); // it ends: the server hangs up
  expect(answer).toMatch(/^HTTP\/1\.1 413/);
  expect(answer.toLowerCase()).toContain('connection: close');
});

test('a small body that is not read does not cost the connection', async () => {
  const socket = connect(direct.port, '127.0.0.1');
  const refused = post(send, { type: 'text/plain' }).replace('Connection: close\r\n', '');
  socket.write(refused + post(send));
  const answer = await text(socket);
  expect(answer.match(/HTTP\/1\.1 200/g)).toHaveLength(2);
  expect(answer).toContain('-32005');
  expect(answer).toContain('ROLE_AGENT');
});

test.each([
  { name: 'that was read before', prepare: async (request: IncomingMessage) => void (await text(request)) },
  {
    name: 'whose sender has gone',
    async prepare(request: IncomingMessage) {
      request.destroy();
      await once(request, 'close');
    },
  },
])('a body $name is asked for in vain, and not for ever', async ({ prepare }) => {
  let read: Promise<unknown> | undefined;
  const { server, port } = await listen(async (request, response) => {
    request.on('error', () => {});
    await prepare(request);
    read = new NodeRequest(request, response, atOnce).readBody(1_000);
    read.catch(() => response.end());
    server.emit('asked');
  });
  const asked = once(server, 'asked');
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(post(send));
  await asked;
  await expect(read).rejects.toThrow(/read before|went away/);
  socket.destroy();
  server.close();
});

test.each(['SendMessage', 'SendStreamingMessage'])(
  '%s that somebody else has answered meanwhile is let be',
  async (method) => {
    const before = logger.lines.length;
    const { server, port } = await listen((request, response) => {
      agent.listener(request, response);
      response.writeHead(503).end('too late');
    });
    expect(await exchange(port, post(call(method, textMessage('hi'))))).toContain('too late');
    expect(logger.lines.slice(before)).toEqual([]);
    server.close();
  },
);

test('what cannot be said ends the stream, and neither the process nor the next call', async () => {
  const before = logger.lines.length;
  const answer = await exchange(direct.port, post(call('SendStreamingMessage', textMessage('unsayable'))));
  expect(answer).toContain('-32603');
  expect(logger.lines.slice(before)).toMatchObject([{ message: 'stream failed' }]);
  expect(await exchange(direct.port, post(send))).toContain('reply');
});

test('readers whose streams wait behind another on their connection are heard leaving', async () => {
  const left: unknown[] = [];
  let isHeard = () => {};
  const heard = new Promise<void>((resolve) => {
    isHeard = resolve;
  });
  const { server, port } = await listen((request, response) => {
    onOver(request, response, () => {
      if (left.push(request.url) === 3) isHeard();
    });
    request.resume();
  });
  const socket = connect(port, '127.0.0.1');
  const asked = new Promise<void>((resolve) => {
    let count = 0;
    server.on('request', () => {
      count += 1;
      if (count === 3) resolve();
    });
  });
  socket.write(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''));
  await asked;
  socket.destroy();
  await heard;
  expect([...left].sort()).toEqual(['/1', '/2', '/3']);
  server.close();
});

test('a client that goes away while it uploads is nobody’s fault', async () => {
  const before = logger.lines.length;
  const socket = connect(direct.port, '127.0.0.1');
  const gone = once(direct.server, 'request').then(([, response]) => once(response, 'close'));
  socket.write(`POST /a2a HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{`);
  await once(direct.server, 'request');
  socket.destroy();
  await gone;
  await fetch(`http://127.0.0.1:${direct.port}/a2a`, { method: 'POST', body: 'x' });
  expect(logger.lines.slice(before)).toEqual([]);
});

const atOnce = (act: () => void) => act();

test('a body that has come waits for those that came with it', async () => {
  const acts: (() => void)[] = [];
  const reads: string[] = [];
  const { server, port } = await listen(async (request, response) => {
    const reading = new NodeRequest(request, response, (act) => void acts.push(act)).readBody(1_000);
    void reading.then((read) => {
      reads.push(read.status);
      response.end();
    });
    await once(request, 'end');
    server.emit('came');
  });
  const came = once(server, 'came');
  const answered = fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'x' });
  await came;
  expect([acts.length, reads]).toEqual([1, []]);
  acts[0]?.();
  await answered;
  expect(reads).toEqual(['read']);
});

test('a body whose sender goes away is given up', async () => {
  let read: Promise<unknown> | undefined;
  const { server, port } = await listen((request, response) => {
    read = new NodeRequest(request, response, atOnce).readBody(1_000);
  });
  const socket = connect(port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n{');
  await once(server, 'request');
  socket.destroy();
  await expect(read).rejects.toThrow('aborted');
  server.close();
});

test('a call hears that its client has gone away', async () => {
  const running = new Promise<void>((resolve) => {
    began = resolve;
  });
  const reason = new Promise<unknown>((resolve) => {
    ended = resolve;
  });
  const socket = connect(direct.port, '127.0.0.1');
  socket.write(post(call('test/Wait'), { head: ['A2A-Extensions: urn:test:who'] }));
  await running;
  socket.destroy();
  expect(await reason).toEqual(new Error('The client went away'));
});

test('a reader that leaves ends its stream, and not the task', async () => {
  const running = new Promise<void>((resolve) => {
    began = resolve;
  });
  const leaving = new AbortController();
  const url = `http://127.0.0.1:${direct.port}/a2a`;
  const headers = { 'content-type': 'application/json', 'a2a-version': '1.0' };
  const body = call('SendStreamingMessage', textMessage('wait'));
  const gone = once(direct.server, 'request').then(([, response]) => once(response, 'close'));
  const reply = await fetch(url, { method: 'POST', headers, body, signal: leaving.signal });
  const first = await reply.body?.getReader().read();
  const [, id] = /"task":\{"id":"([^"]*)"/.exec(new TextDecoder().decode(first?.value)) ?? [];
  await running;
  leaving.abort();
  await gone;
  const asked = await fetch(url, { method: 'POST', headers, body: call('GetTask', { id }) });
  expect(await asked.json()).toMatchObject({ result: { id, status: { state: 'TASK_STATE_WORKING' } } });
});

test.each(['listener', 'app'] as const)('HEAD of a stream is its head, at once, over the %s', async (way) => {
  await using own = createA2AServer({
    card: createTestCard(),
    async *executor(_request, { signal }) {
      yield { status: { state: 'TASK_STATE_WORKING' } };
      await new Promise((resolve) => signal.addEventListener('abort', resolve));
    },
    httpJsonPath: '/rest',
  });
  const { server, port } = await listen(way === 'listener' ? own.listener : getRequestListener(own.app.fetch));
  const headers = { 'content-type': 'application/json', 'a2a-version': '1.0' };
  const body = JSON.stringify({ ...textMessage('go'), configuration: { returnImmediately: true } });
  const rest = `http://127.0.0.1:${port}/rest`;
  const sent = await fetch(`${rest}/message:send`, { method: 'POST', headers, body });
  const { task } = (await sent.json()) as { task: Task }; // the agent's own answer
  const head = await fetch(`${rest}/tasks/${task.id}:subscribe`, { method: 'HEAD', headers });
  expect([head.status, head.headers.get('content-type'), await head.text()]).toEqual([200, 'text/event-stream', '']);
  server.closeAllConnections();
  server.close();
});

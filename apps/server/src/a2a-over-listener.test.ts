/** A2A through the node's own socket: whom it lets in, and how a stream leaves it. */
import { mkdtemp, rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { silentLogger, systemClock } from '@skein/contracts/runtime';
import { createNodeIdentity, createSwarmNode } from '@skein/swarm';
import { afterEach, expect, test } from 'vitest';
import { createDoors } from './doors/doors.ts';
import { openListener } from './listener.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function served() {
  const workFolder = await mkdtemp(join(tmpdir(), 'skein-listener-'));
  closing.push(() => rm(workFolder, { recursive: true }));
  const listener = await openListener({ host: '127.0.0.1', port: 0, strictPort: false });
  closing.push(() => listener.close(0));
  const isOperator = (token: string) => token === 'the-operator';
  const node = await createSwarmNode({
    ...{ name: 'north', addresses: listener.addresses, identity: createNodeIdentity(), workFolder, isOperator },
    async *executor({ message }) {
      yield { artifact: { parts: message.parts } };
    },
  });
  closing.push(() => node.stop());
  await node.start();
  const deps = { clock: systemClock, logger: silentLogger, startedAt: Date.now(), version: '0' };
  const doors = createDoors({ node, isOperator, ...deps });
  const writtenRaw: boolean[] = [];
  listener.serve(async (request, env) => {
    const response = await doors.fetch(request, env);
    const { outgoing } = env as { outgoing: ServerResponse }; // as Hono's Node server has it
    writtenRaw.push(outgoing.headersSent);
    return response;
  });
  return { port: listener.port, writtenRaw };
}

const headers = {
  authorization: 'Bearer the-operator',
  'content-type': 'application/json',
  'a2a-version': '1.0',
};
const sent = (method: string) => {
  const message = { messageId: 'm', role: 'ROLE_USER', parts: [{ text: 'hello' }] };
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: { message } });
};

test('a stream of the node is written straight into its socket, and an answer is one like any other', async () => {
  const { port, writtenRaw } = await served();
  const ask = (method: string) =>
    fetch(`http://127.0.0.1:${port}/a2a`, { method: 'POST', headers, body: sent(method) });
  const stream = await ask('SendStreamingMessage');
  expect(stream.headers.get('content-type')).toBe('text/event-stream');
  expect(await stream.text()).toMatch(/"text":"hello"[\s\S]*TASK_STATE_COMPLETED/);
  expect(await (await ask('SendMessage')).json()).toMatchObject({
    result: { task: { status: { state: 'TASK_STATE_COMPLETED' } } },
  });
  expect(writtenRaw).toEqual([true, false]);
});

test.each<[string, string, number]>([
  ['its own address', 'POST /a2a HTTP/1.1\r\nHost: 127.0.0.1:PORT', 200],
  ['two Host headers', 'POST /a2a HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nHost: 127.0.0.1:PORT', 400],
  ['a whole URL', 'POST http://127.0.0.1:PORT/a2a HTTP/1.1\r\nHost: 127.0.0.1:PORT', 400],
  ['a Host of somebody else', 'POST /a2a HTTP/1.1\r\nHost: rebound.example', 400],
  ['the Origin of a page', 'POST /a2a HTTP/1.1\r\nHost: 127.0.0.1:PORT\r\nOrigin: https://evil.example', 403],
])('A2A with %s is let in or refused as everything is', async (_, head, expected) => {
  const { port, writtenRaw } = await served();
  const body = sent('SendMessage');
  const lines = Object.entries({ ...headers, 'content-length': String(body.length), connection: 'close' });
  const request = `${head.replaceAll('PORT', String(port))}\r\n${lines.map((line) => line.join(': ')).join('\r\n')}\r\n\r\n${body}`;
  const reply = await new Promise<string>((resolve, reject) => {
    let text = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(request));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('error', reject).on('close', () => resolve(text));
  });
  expect(Number(reply.split(' ')[1])).toBe(expected);
  expect(writtenRaw).toHaveLength(expected === 200 ? 1 : 0);
});

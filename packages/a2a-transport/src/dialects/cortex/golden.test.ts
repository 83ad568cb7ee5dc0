/** Every golden exchange of the dialect, word for word, both ways. */
import { readdirSync, readFileSync } from 'node:fs';
import { systemClock } from '@skein/contracts/runtime';
import { createFakeClock } from '@skein/contracts/testing';
import { describe, expect, test } from 'vitest';
import type { HttpRequest } from '../../client/http-port.ts';
import { A2AClientError } from '../../errors.ts';
import { createCortexClient } from './cortex-client.ts';
import type { CortexDirective } from './cortex-directive.ts';
import { createCortexRoutes } from './cortex-routes.ts';
import type { CortexOutcome, CortexTask } from './cortex-task.ts';
import { noCortexMetrics } from './cortex-task.ts';

const folder = new URL('../../../../../test/conformance/golden/cortex/', import.meta.url);
const key = 'k3y-of-the-peer-cortex-one';
const taskId = '0b9d5b6e-6d0f-4c2a-9a54-0d5d8f3c1a11';
const kinds = ['query_resources', 'execute_task', 'spawn_agent', 'forward_message', 'sync_state'];

/** Fixtures are ours, and fit because these tests pass. */
function golden<T>(prefix: string): [string, T][] {
  return readdirSync(folder)
    .filter((name) => name.startsWith(prefix))
    .map((name) => {
      const exchange = JSON.parse(readFileSync(new URL(name, folder), 'utf8').replaceAll('{key}', key));
      return [`${name.slice(prefix.length).replace('.json', '')}: ${exchange.title}`, exchange];
    });
}

interface Incoming {
  request: { method: string; path: string; headers: Record<string, string>; body?: unknown };
  directive?: CortexDirective;
  outcome?: CortexOutcome;
  reply: { status: number; contentType?: string; body?: unknown; lines?: string[] };
}

describe('what an instance sends, and what we answer', () => {
  test.each(golden<Incoming>('incoming-'))('%s', async (_title, { request, directive, outcome, reply }) => {
    const taken: CortexDirective[] = [];
    const cancelled: CortexTask = {
      id: taskId,
      outcome: { status: 'cancelled', error: 'cancelled by its sender', metrics: noCortexMetrics },
    };
    const { app } = createCortexRoutes({
      peers: [{ name: 'one', key, kinds }],
      handler: {
        async execute(_peer, asked) {
          taken.push(asked);
          if (!outcome) throw new Error('nothing was to be taken in');
          return { taskId, ended: Promise.resolve(outcome) };
        },
        getTask: async (_peer, id) => (id === taskId ? { id } : undefined),
        cancelTask: async (_peer, id) => (id === taskId ? cancelled : undefined),
        listTasks: async () => [{ id: taskId }],
      },
      card: () => ({
        ...{ name: 'alpha', description: '', version: '1.0.0', capabilities: {}, skills: [] },
        supportedInterfaces: [{ url: 'http://node.test/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
        ...{ defaultInputModes: ['text/plain'], defaultOutputModes: ['text/plain'] },
      }),
      origin: 'http://node.test',
      clock: createFakeClock(),
      random: { next: () => 0, uuid: () => '00000000-0000-4000-8000-000000000001' },
    });
    const { path, body, ...init } = request;
    const answer = await app.request(path, { ...init, ...(body !== undefined && { body: JSON.stringify(body) }) });
    expect(answer.status).toBe(reply.status);
    expect(answer.headers.get('content-type')).toContain(reply.contentType ?? 'application/json');
    if (reply.lines) expect((await answer.text()).split('\n')).toEqual(reply.lines);
    else expect(await answer.json()).toStrictEqual(reply.body);
    if (directive) expect(taken).toStrictEqual([directive]);
  });
});

interface Outgoing {
  directive: CortexDirective;
  request: { method: string; path: string; headers: Record<string, string>; body: unknown };
  reply: { status: number; headers: Record<string, string>; body?: unknown; text?: string };
  task?: CortexTask;
  error?: { code: string; message: string; rpcCode?: number };
}

describe('what we send, and what we make of the reply', () => {
  test.each(golden<Outgoing>('outgoing-'))('%s', async (_title, { directive, request, reply, task, error }) => {
    const sent: HttpRequest[] = [];
    const client = createCortexClient({
      endpoint: 'http://cortex.test:8787/api/a2a',
      clock: systemClock,
      http: {
        async request(asked) {
          sent.push(asked);
          const { status, headers, text = JSON.stringify(reply.body) } = reply;
          return { status, headers: new Headers(headers), body: bytes(text) };
        },
      },
    });
    const answer = await client.send(directive).catch((cause: unknown) => cause);
    const [{ method, url, headers, body } = { method: '', url: '', headers: {}, body: undefined }] = sent;
    expect({ method, path: new URL(url).pathname, headers, body: JSON.parse(new TextDecoder().decode(body)) }).toEqual(
      request,
    );
    if (task) return expect(answer).toStrictEqual(task);
    if (!(answer instanceof A2AClientError)) throw new Error('the reply was to be refused', { cause: answer });
    const { code, message, rpc } = answer;
    expect({ code, message, ...(rpc && { rpcCode: rpc.code }) }).toEqual(error);
  });
});

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** The server under test, seen from outside: over HTTP alone, every reply held to the strict schemas. */
import {
  type A2AServer,
  type A2AServerOptions,
  createA2AServer,
  createGuardedHttp,
  createInMemoryPushConfigStore,
  createInMemoryTaskStore,
  createPushNotifications,
} from '@skein/a2a-transport';
import type { AgentCard, Message } from '@skein/contracts/a2a';
import { createFakeClock, createMemoryLogger, createSeededRandom, type FakeClock } from '@skein/contracts/testing';
import { expect } from 'vitest';
import type * as z from 'zod';
import { createScriptedAgent, type ScriptedAgent } from './scripted-agent.ts';
import { ErrorReply, type Method, replyOf, results, type StreamResponse } from './strict.ts';
import { createWebhook, type Webhook } from './webhook.ts';

export type Headers10 = Readonly<Record<string, string | null>>;
type Result<Name extends Method> = z.infer<(typeof results)[Name]>;

export const card: AgentCard = {
  name: 'Conformant agent',
  description: 'Does what the first word says',
  version: '1.2.3',
  supportedInterfaces: [{ url: 'http://agent.test/a2a', protocolBinding: 'JSONRPC', protocolVersion: '1.0' }],
  capabilities: { streaming: true, pushNotifications: true, extendedAgentCard: true },
  defaultInputModes: ['text/plain', 'image/*'],
  defaultOutputModes: ['text/plain', 'application/json'],
  skills: [{ id: 'words', name: 'Words', description: 'Does what a word says', tags: ['test'] }],
};

/** A user's message of one text. */
export function say(text: string, more: Partial<Message> = {}) {
  return { message: { messageId: `say-${text}`, role: 'ROLE_USER', parts: [{ text }], ...more } };
}

interface Refusal {
  status: number;
  headers: Headers;
  id: string | number | null;
  code: number;
  message: string;
  reason: string;
  domain: string;
  data: ErrorReply['error']['data'];
}

export interface EventReader {
  readonly status: number;
  readonly headers: Headers;
  /** The ids of the events that were read, where they have one. */
  readonly ids: readonly string[];
  /** Everything that came so far, as it came. */
  readonly text: string;
  /** The next event; undefined at the end. */
  next(): Promise<StreamResponse | undefined>;
  /** Everything to the end. */
  rest(): Promise<StreamResponse[]>;
  leave(): Promise<void>;
}

export interface Subject extends AsyncDisposable {
  readonly server: A2AServer;
  readonly agent: ScriptedAgent;
  readonly clock: FakeClock;
  readonly logger: ReturnType<typeof createMemoryLogger>;
  /** Whatever push notifications are posted to, wherever that is. */
  readonly webhook: Webhook;
  fetch(
    path: string,
    init?: { method?: string; headers?: Headers10; body?: string | Uint8Array<ArrayBuffer> },
  ): Promise<Response>;
  /** Calls a method that has to answer. */
  call<Name extends Method>(method: Name, params?: unknown, headers?: Headers10): Promise<Result<Name>>;
  /** Calls a method that has to refuse, plainly and not in a stream. */
  refuse(method: string, params?: unknown, headers?: Headers10): Promise<Refusal>;
  /** Opens a stream. */
  stream(method: Method, params?: unknown, headers?: Headers10): Promise<EventReader>;
  /** Sends a message that becomes a task, and answers with it. */
  task(text: string, more?: Partial<Message>, headers?: Headers10): Promise<Result<'GetTask'>>;
  /** Sends a message without waiting for its end. */
  begin(text: string, more?: Partial<Message>, headers?: Headers10): Promise<Result<'GetTask'>>;
}

const usual = { 'content-type': 'application/json', 'a2a-version': '1.0' };

function plain(headers: Headers10): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter((each): each is [string, string] => each[1] !== null));
}

export const rpcBody = (method: string, params?: unknown, id: string | number | null = 1) =>
  JSON.stringify({ jsonrpc: '2.0', id, method, ...(params !== undefined && { params }) });

export function createSubject(overrides: Partial<A2AServerOptions> = {}): Subject {
  const agent = createScriptedAgent();
  const clock = createFakeClock();
  const logger = createMemoryLogger();
  const { random = createSeededRandom(1) } = overrides;
  const webhook = createWebhook();
  const tasks = createInMemoryTaskStore();
  const configs = createInMemoryPushConfigStore();
  // The real rules of which URLs are taken; what is taken goes to the pretended receiver.
  const { refusalOf } = createGuardedHttp();
  const http = { ...webhook, refusalOf };
  const push = createPushNotifications({ configs, tasks, http, clock, random, logger });
  const server = createA2AServer({
    ...{ card, executor: agent.executor, taskStore: tasks, push, clock, random, logger },
    ...overrides,
  });

  const fetch: Subject['fetch'] = async (path, { method = 'GET', headers = {}, body } = {}) =>
    server.app.request(path, { method, headers: plain(headers), ...(body !== undefined && { body }) });
  const post = (method: string, params: unknown, headers: Headers10) =>
    fetch('/a2a', { method: 'POST', headers: { ...usual, ...headers }, body: rpcBody(method, params) });

  const subject: Subject = {
    server,
    agent,
    clock,
    logger,
    webhook,
    fetch,
    async call(method, params, headers = {}) {
      const reply = await post(method, params, headers);
      expect(reply.headers.get('content-type')).toMatch(/^application\/json\b/);
      const body = replyOf(results[method]).parse(await reply.json());
      if ('error' in body) throw new Error(`${method} was refused: ${JSON.stringify(body.error)}`);
      expect(reply.status).toBe(200);
      // The schema that read it is the method's own.
      return body.result as never;
    },
    async refuse(method, params, headers = {}) {
      return readRefusal(await post(method, params, headers));
    },
    async stream(method, params, headers = {}) {
      return readEvents(await post(method, params, headers), (data) => {
        const body = replyOf(results[method]).parse(data);
        expect(body.id).toBe(1);
        if ('error' in body) throw new Error(`The stream of ${method} broke: ${JSON.stringify(body.error)}`);
        return body.result as StreamResponse; // of a streaming method
      });
    },
    async task(text, more, headers) {
      const answer = await subject.call('SendMessage', say(text, more), headers);
      if (!('task' in answer)) throw new Error('a task was expected');
      return answer.task;
    },
    async begin(text, more, headers) {
      const params = { ...say(text, more), configuration: { returnImmediately: true } };
      const answer = await subject.call('SendMessage', params, headers);
      if (!('task' in answer)) throw new Error('a task was expected');
      return answer.task;
    },
    [Symbol.asyncDispose]: () => server.close(),
  };
  return subject;
}

export async function readRefusal(reply: Response): Promise<Refusal> {
  expect(reply.headers.get('content-type')).toMatch(/^application\/json\b/);
  const { id, error } = ErrorReply.parse(await reply.json());
  const { reason, domain } = error.data[0];
  return { status: reply.status, headers: reply.headers, id, reason, domain, ...error };
}

/** Reads Server-Sent Events as a client has to: one JSON object a `data:` line, comments passed over. */
export function readEvents(reply: Response, check: (data: unknown) => StreamResponse): EventReader {
  expect(reply.status).toBe(200);
  expect(reply.headers.get('content-type')).toMatch(/^text\/event-stream\b/);
  const reader = reply.body?.getReader();
  if (!reader) throw new Error('The stream has no body');
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const ids: string[] = [];
  let text = '';
  let read = 0;
  const next = async (): Promise<StreamResponse | undefined> => {
    for (;;) {
      const end = text.indexOf('\n\n', read);
      if (end === -1) {
        const { done, value } = await reader.read();
        if (done) {
          expect(text.slice(read).trim()).toBe('');
          return undefined;
        }
        text += decoder.decode(value, { stream: true });
        continue;
      }
      const lines = text.slice(read, end).split('\n');
      read = end + 2;
      ids.push(...lines.flatMap((line) => (line.startsWith('id:') ? line.slice(3).trim() : [])));
      const data = lines.filter((line) => line.startsWith('data:'));
      if (data.length === 0) continue;
      expect(data).toHaveLength(1);
      return check(JSON.parse(data[0]?.slice(5) ?? ''));
    }
  };
  return {
    status: reply.status,
    headers: reply.headers,
    ids,
    get text() {
      return text;
    },
    next,
    async rest() {
      const all: StreamResponse[] = [];
      for (let event = await next(); event; event = await next()) all.push(event);
      return all;
    },
    leave: () => reader.cancel(),
  };
}

/** What kind of event, and of a status which: `task:SUBMITTED`, `status:WORKING`, `artifact`. */
export function shapeOf(event: StreamResponse | undefined): string {
  if (!event) return 'end';
  if ('task' in event) return `task:${event.task.status.state.slice('TASK_STATE_'.length)}`;
  if ('statusUpdate' in event) return `status:${event.statusUpdate.status.state.slice('TASK_STATE_'.length)}`;
  return 'message' in event ? 'message' : 'artifact';
}

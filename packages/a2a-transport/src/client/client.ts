import {
  type CancelTaskParams,
  type GetTaskParams,
  type SendMessageParams,
  SendMessageResponse,
  type StreamResponse,
  Task,
} from '@skein/contracts/a2a';
import { type Clock, systemClock } from '@skein/contracts/runtime';
import type * as z from 'zod';
import { A2AClientError } from '../errors.ts';
import { createCaller } from '../json-rpc/caller.ts';
import { startDeadline } from './deadline.ts';
import { streamEvents } from './event-reader.ts';
import type { HttpPort } from './http-port.ts';
import { assertActivated, type Endpoint, post } from './post.ts';
import { readJson } from './read-body.ts';

/** How long one call may take, and who may end it. */
export interface CallOptions {
  /** An abort rejects with this signal's reason. */
  signal?: AbortSignal;
  /** Time for the whole reply, or for a stream's first event, in milliseconds. @default the client's */
  timeoutMs?: number;
}

/** Which agent is called, and how. */
export interface A2AClientOptions {
  /** The agent's JSON-RPC endpoint, as its card names it. */
  endpoint: string;
  /** `createUndiciHttp()`, shared by any number of clients. */
  http: HttpPort;
  /** Headers that prove who calls, asked for each request with the exact bytes that it sends. */
  authorize?: (request: { body: Uint8Array; endpoint: string }) => Promise<Record<string, string>>;
  /** URIs of extensions to activate. A peer that does not echo them is refused. */
  extensions?: readonly string[];
  /** @default the system's */
  clock?: Clock;
  /** @default 30_000 */
  timeoutMs?: number;
  /** Longest silence within a stream in milliseconds; keep-alive comments count as life. @default 45_000 */
  idleTimeoutMs?: number;
  /** Largest reply, or event of a stream, in bytes. @default 1_048_576 */
  maxReplyBytes?: number;
}

/** Calls one A2A v1.0 agent. Every failure is an A2AClientError, except an abort, which is the caller's own reason. */
export interface A2AClient {
  sendMessage(params: SendMessageParams, options?: CallOptions): Promise<SendMessageResponse>;
  /** Leaving the stream closes it; the task goes on. */
  sendStreamingMessage(params: SendMessageParams, options?: CallOptions): AsyncIterable<StreamResponse>;
  getTask(params: GetTaskParams, options?: CallOptions): Promise<Task>;
  cancelTask(params: CancelTaskParams, options?: CallOptions): Promise<Task>;
  /** Calls an extension's method. */
  call(method: string, params: unknown, options?: CallOptions): Promise<unknown>;
}

/** A client of one agent. It keeps no connection of its own: `http` does, and is the caller's to close. */
export function createA2AClient(options: A2AClientOptions): A2AClient {
  const { endpoint, http, authorize, extensions = [], clock = systemClock } = options;
  const { timeoutMs: usualMs = 30_000, idleTimeoutMs = 45_000, maxReplyBytes = 1_048_576 } = options;
  const to: Endpoint = { endpoint, http, authorize, extensions, maxReplyBytes, clock };
  const caller = createCaller();

  const call = async (method: string, params: unknown, { signal, timeoutMs = usualMs }: CallOptions = {}) => {
    const deadline = startDeadline(clock, timeoutMs, `The reply to ${method}`, signal);
    let headers = new Headers();
    try {
      const result = await caller.call(method, params, async (request) => {
        const reply = await post(to, request, 'application/json', deadline.signal);
        headers = reply.headers;
        return readJson(reply, maxReplyBytes, deadline.signal);
      });
      assertActivated(headers, extensions);
      return result;
    } finally {
      deadline.clear();
    }
  };
  return {
    call,
    sendMessage: async (params, options) => read(SendMessageResponse, await call('SendMessage', params, options)),
    getTask: async (params, options) => read(Task, await call('GetTask', params, options)),
    cancelTask: async (params, options) => read(Task, await call('CancelTask', params, options)),
    sendStreamingMessage: (params, { signal, timeoutMs = usualMs } = {}) => {
      const request = caller.prepare('SendStreamingMessage', params);
      return streamEvents(to, request, { signal, timeoutMs, idleTimeoutMs });
    },
  };
}

function read<Schema extends z.ZodType>(schema: Schema, result: unknown): z.infer<Schema> {
  const parsed = schema.safeParse(result);
  if (parsed.success) return parsed.data;
  throw new A2AClientError('INVALID_REPLY', 'The result is not what A2A says', { status: 200, cause: parsed.error });
}

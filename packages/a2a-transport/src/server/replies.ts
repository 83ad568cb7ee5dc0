import type { Clock, Logger } from '@skein/contracts/runtime';
import type { Context } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import { ApplicationError } from '../errors.ts';
import type { Dispatched } from '../json-rpc/dispatcher.ts';
import type { JsonRpcId, JsonRpcReply } from '../json-rpc/envelope.ts';
import { isRefusal, toJsonRpcError } from '../json-rpc/errors.ts';
import type { OpenCall } from './calls.ts';
import { eventStream, type StreamReply } from './event-stream.ts';

/** How JSON-RPC's replies become HTTP answers: 200 for nearly all, and where HTTP has more to say, its status and headers. */
export function answerReplies(c: Context, batch: boolean, handled: readonly Dispatched[]): Response {
  const replies = handled.flatMap(({ reply }) => reply ?? []);
  const causes = handled.map(({ cause }) => cause);
  // One status stands for a whole batch: only a missing credential is loud enough for it.
  const cause = batch ? causes.find((each) => httpStatusOf(each) === 401) : causes[0];
  const status = httpStatusOf(cause);
  if (replies.length === 0) return respond(c, null, status === 200 ? 204 : status, cause);
  return respond(c, JSON.stringify(batch ? replies : replies[0]), status, cause);
}

/** A refusal of the whole request, which has no id to answer to. */
export function answerRefusal(c: Context, cause: unknown, status = httpStatusOf(cause)): Response {
  const reply: JsonRpcReply = { jsonrpc: '2.0', id: null, error: toJsonRpcError(cause) };
  return respond(c, JSON.stringify(reply), status, cause);
}

interface StreamOptions {
  id: JsonRpcId;
  call: OpenCall;
  clock: Clock;
  logger: Logger;
  keepAliveMs: number;
}

export function answerStream(c: Context, reply: StreamReply, { call, logger, ...options }: StreamOptions): Response {
  const stream = eventStream(reply, {
    ...options,
    signal: call.signal,
    onGone: () => call.abort(new Error('The client went away')),
    onEnd: () => call.done(),
    onFailure: (cause) => isRefusal(cause) || logger.error('stream failed', { error: cause }),
  });
  return c.newResponse(stream, 200, {
    'content-type': 'text/event-stream',
    'cache-control': 'no-cache, no-transform',
    'x-accel-buffering': 'no', // nginx would hold events back
  });
}

function respond(c: Context, body: string | null, status: number, cause: unknown): Response {
  const retryAfterMs = cause instanceof ApplicationError ? cause.retryAfterMs : undefined;
  // Hono types statuses as a list of literals; an application may choose any.
  return c.newResponse(body, status as StatusCode, {
    ...(body !== null && { 'content-type': 'application/json' }),
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
  });
}

function httpStatusOf(cause: unknown): number {
  return (cause instanceof ApplicationError ? cause.httpStatus : undefined) ?? 200;
}

import type { HttpBindings } from '@hono/node-server';
import type { Logger } from '@skein/contracts/runtime';
import type { Context } from 'hono';
import { ApplicationError } from '../errors.ts';
import { isRefusal } from '../json-rpc/errors.ts';
import type { StreamReply } from '../operations/stream-reply.ts';
import type { OpenCall } from './calls.ts';
import { responseSink, streamSink } from './event-sink.ts';
import { type EventStreamOptions, pumpEvents } from './event-stream.ts';

/** Headers of every answer to a request: what it activated, and how to prove who one is. */
export interface AnswerHeaders {
  /** The extensions that the request activated, under the name that it used. */
  readonly echo: Readonly<Record<string, string>>;
  /** For `WWW-Authenticate`. */
  readonly challenge: string;
}

interface AnswerFacts extends AnswerHeaders {
  cause?: unknown;
  contentType?: string;
}

/**
 * How a binding's replies become HTTP answers, and where HTTP has more to say, its headers. A plain record and no
 * `Headers`, and no way round Hono's context: on Node that is a quarter of the cost of a small answer.
 */
export function respond(body: string | null, status: number, facts: AnswerFacts): Response {
  const { cause, contentType = 'application/json', echo, challenge } = facts;
  const headers: Record<string, string> = { ...echo, 'cache-control': 'no-store' }; // tasks are for their owners alone
  if (body !== null) headers['content-type'] = contentType;
  if (status === 401) headers['www-authenticate'] = challenge;
  const retryAfterMs = cause instanceof ApplicationError ? cause.retryAfterMs : undefined;
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1_000));
  return new Response(body, { status, headers });
}

interface StreamOptions extends Pick<EventStreamOptions, 'write' | 'keepAlive' | 'endsAfter'> {
  call: OpenCall;
  logger: Logger;
  echo: AnswerHeaders['echo'];
}

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no', // nginx would hold events back
};

/** What Hono's Node server is told of an answer that is on its way. */
const alreadySent = { 'x-hono-already-sent': 'true' };

export function answerStream(c: Context, reply: StreamReply, { logger, echo, ...options }: StreamOptions): Response {
  const { call } = options;
  const onGone = () => call.abort(new Error('The client went away'));
  const onFailure = (cause: unknown) => {
    if (!isRefusal(cause)) logger.error('stream failed', { error: cause });
  };
  // Whoever serves the app hands its bindings in as the environment; in a test there may be none.
  const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
  if (!outgoing || !('setHeader' in outgoing)) {
    const { sink, stream } = streamSink(onGone);
    void pumpEvents(reply, sink, { ...options, onFailure, onEnd: () => call.done() });
    return new Response(stream, { headers: { ...streamHeaders, ...echo } });
  }
  outgoing.once('close', onGone);
  const onEnd = () => {
    outgoing.off('close', onGone);
    call.done();
  };
  // To look at Hono's response makes one: only where middleware ran before there is anything to see.
  const set = c.req.routeIndex > 0 ? setByMiddleware(c) : {};
  const sink = responseSink(outgoing, { ...set, ...streamHeaders, ...echo });
  void pumpEvents(reply, sink, { ...options, onFailure, onEnd });
  return new Response(null, { headers: alreadySent });
}

/** What middleware has set so far goes along; what it sets after the answer comes too late for a stream. */
function setByMiddleware(c: Context): Record<string, string> {
  const { 'content-type': _, ...headers } = Object.fromEntries(c.res.headers);
  return headers;
}

export function httpStatusOf(cause: unknown): number {
  return (cause instanceof ApplicationError ? cause.httpStatus : undefined) ?? 200;
}

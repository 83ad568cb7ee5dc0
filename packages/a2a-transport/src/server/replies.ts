import type { HttpBindings } from '@hono/node-server';
import type { Clock, Logger } from '@skein/contracts/runtime';
import type { Context } from 'hono';
import type { StatusCode } from 'hono/utils/http-status';
import { ApplicationError } from '../errors.ts';
import { isRefusal } from '../json-rpc/errors.ts';
import type { StreamReply } from '../operations/stream-reply.ts';
import type { OpenCall } from './calls.ts';
import { responseSink, streamSink } from './event-sink.ts';
import { type EventStreamOptions, pumpEvents } from './event-stream.ts';

/** How a binding's replies become HTTP answers, and where HTTP has more to say, its headers. */
export function respond(
  c: Context,
  body: string | null,
  status: number,
  { cause, contentType = 'application/json' }: { cause?: unknown; contentType?: string } = {},
): Response {
  const retryAfterMs = cause instanceof ApplicationError ? cause.retryAfterMs : undefined;
  // Hono types statuses as a list of literals; an application may choose any.
  return c.newResponse(body, status as StatusCode, {
    ...(body !== null && { 'content-type': contentType }),
    'cache-control': 'no-store', // tasks and extended cards are for their owners alone
    ...(status === 401 && { 'www-authenticate': 'Bearer' }),
    ...(retryAfterMs !== undefined && { 'retry-after': String(Math.ceil(retryAfterMs / 1_000)) }),
  });
}

interface StreamOptions extends Pick<EventStreamOptions, 'write' | 'keepAliveMs'> {
  call: OpenCall;
  clock: Clock;
  logger: Logger;
}

const streamHeaders = {
  'content-type': 'text/event-stream',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no', // nginx would hold events back
};

/** Tells Hono's Node server that the answer is on its way already. */
const alreadySent = { 'x-hono-already-sent': 'true' };

export function answerStream(c: Context, reply: StreamReply, { call, logger, ...options }: StreamOptions): Response {
  const pump = { ...options, signal: call.signal, onFailure };
  const onGone = () => call.abort(new Error('The client went away'));
  function onFailure(cause: unknown): void {
    if (!isRefusal(cause)) logger.error('stream failed', { error: cause });
  }
  // Whoever serves the app hands its bindings in as the environment; in a test there may be none.
  const { outgoing } = (c.env ?? {}) as Partial<HttpBindings>;
  if (!outgoing || !('setHeader' in outgoing)) {
    const { sink, stream } = streamSink(onGone);
    void pumpEvents(reply, sink, pump).finally(() => call.done());
    return c.newResponse(stream, 200, streamHeaders);
  }
  outgoing.once('close', onGone);
  // What middleware has set so far goes along.
  outgoing.writeHead(200, { ...Object.fromEntries(c.res.headers), ...streamHeaders });
  void pumpEvents(reply, responseSink(outgoing), pump).finally(() => {
    outgoing.off('close', onGone);
    call.done();
  });
  return new Response(null, { headers: alreadySent });
}

export function httpStatusOf(cause: unknown): number {
  return (cause instanceof ApplicationError ? cause.httpStatus : undefined) ?? 200;
}

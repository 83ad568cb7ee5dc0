import type { Logger } from '@skein/contracts/runtime';
import { ApplicationError } from '../errors.ts';
import { isRefusal } from '../json-rpc/errors.ts';
import type { StreamReply } from '../operations/stream-reply.ts';
import type { OpenCall } from './calls.ts';
import { type EventStreamOptions, leaveReply, pumpEvents } from './event-stream.ts';
import type { PlainAnswer, StreamedAnswer } from './http/answer.ts';

/** Headers of every answer to a request: what it activated, and how to prove who one is. */
export interface AnswerHeaders {
  /** The extensions that the request activated, under the name that it used. */
  readonly echo: Readonly<Record<string, string>>;
  /** For `WWW-Authenticate`. */
  readonly challenge: string;
}

interface AnswerFacts {
  cause?: unknown;
  contentType?: string;
}

const noFacts: AnswerFacts = {};

/** How a binding's replies become HTTP answers, and where HTTP has more to say, its headers. */
export function respond(
  body: string | null,
  status: number,
  given: AnswerHeaders,
  { cause, contentType = 'application/json' }: AnswerFacts = noFacts,
): PlainAnswer {
  const headers: Record<string, string> = { 'cache-control': 'no-store' }; // tasks are for their owners alone
  for (const name in given.echo) headers[name] = given.echo[name] ?? '';
  if (body !== null) headers['content-type'] = contentType;
  if (status === 401) headers['www-authenticate'] = given.challenge;
  const retryAfterMs = cause instanceof ApplicationError ? cause.retryAfterMs : undefined;
  if (retryAfterMs !== undefined) headers['retry-after'] = String(Math.ceil(retryAfterMs / 1_000));
  return { status, headers, body };
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

/** A stream as an answer. Whoever begins it ends the call with it. */
export function answerStream(reply: StreamReply, options: StreamOptions): StreamedAnswer {
  const { call, logger, keepAlive, write, endsAfter } = options;
  return {
    headers: { ...streamHeaders, ...options.echo },
    giveUp() {
      leaveReply(reply);
      call.done();
    },
    writeTo(sink) {
      pumpEvents(reply, sink, {
        keepAlive,
        call,
        write,
        endsAfter,
        onFailure(cause) {
          if (!isRefusal(cause)) logger.error('stream failed', { error: cause });
        },
        onEnd: () => call.done(),
      }).catch((error: unknown) => logger.error('stream failed', { error }));
    },
    onGone: () => call.abandon(),
  };
}

export function httpStatusOf(cause: unknown): number {
  return (cause instanceof ApplicationError ? cause.httpStatus : undefined) ?? 200;
}

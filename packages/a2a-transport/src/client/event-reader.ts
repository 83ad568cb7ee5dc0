import { StreamResponse } from '@skein/contracts/a2a';

import { A2AClientError } from '../errors.ts';
import { type JSONRPCRequest, readResult } from '../json-rpc/caller.ts';
import { decodeSse } from '../json-rpc/sse.ts';
import { startDeadline, withIdleLimit } from './deadline.ts';
import type { HttpReply } from './http-port.ts';
import { assertActivated, type Endpoint, post } from './post.ts';
import { readJson } from './read-body.ts';

interface StreamOptions {
  signal: AbortSignal | undefined;
  /** Time to the first event, in milliseconds. */
  timeoutMs: number;
  /** Longest silence after it, in milliseconds. */
  idleTimeoutMs: number;
}

/** The events of a streaming method, from the request to the end of the stream. Nothing is sent before it is read. */
export async function* streamEvents(
  to: Endpoint,
  request: JSONRPCRequest,
  { signal, timeoutMs, idleTimeoutMs }: StreamOptions,
): AsyncGenerator<StreamResponse, void, undefined> {
  const { clock, extensions, maxReplyBytes } = to;
  const deadline = startDeadline(clock, timeoutMs, 'The first event', signal);
  let begun = false;
  try {
    const reply = await post(to, request, 'text/event-stream, application/json', deadline.signal);
    if (!isEventStream(reply)) throw await plainReply(reply, request, maxReplyBytes, deadline.signal);
    const chunks = withIdleLimit(reply.body, { clock, ms: idleTimeoutMs, signal: deadline.signal });
    for await (const item of decodeSse(chunks, { maxEventChars: maxReplyBytes })) {
      if (item.type === 'comment') continue;
      if (!begun) assertActivated(reply.headers, extensions);
      begun = true;
      deadline.disarm();
      yield readEvent(item.data, request);
    }
    if (!begun) throw new A2AClientError('BROKEN', 'The stream ended before its first event', { status: 200 });
  } finally {
    deadline.clear();
  }
}

function isEventStream({ headers }: HttpReply): boolean {
  return headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') ?? false;
}

/** Where a stream was asked for, a plain reply can only refuse. */
async function plainReply(reply: HttpReply, request: JSONRPCRequest, maxBytes: number, signal: AbortSignal) {
  readResult(await readJson(reply, maxBytes, signal), request);
  return new A2AClientError('INVALID_REPLY', 'The peer answered a stream with a plain reply', { status: 200 });
}

function readEvent(data: string, request: JSONRPCRequest): StreamResponse {
  const event = StreamResponse.safeParse(readResult(parse(data), request));
  if (event.success) return event.data;
  throw new A2AClientError('INVALID_REPLY', 'The event is not what A2A says', { status: 200, cause: event.error });
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new A2AClientError('INVALID_REPLY', 'The event is not valid JSON', { status: 200, cause });
  }
}

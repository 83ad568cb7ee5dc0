import { A2AClientError } from '../errors.ts';
import { type JSONRPCRequest, readResult } from '../json-rpc/caller.ts';
import { decodeSse } from '../json-rpc/sse.ts';
import type { CallDeadline, CallDeadlines } from './call-deadlines.ts';
import type { HttpReply } from './http-port.ts';
import { assertActivated, type Endpoint, post } from './post.ts';
import { discard, readJson } from './read-body.ts';

export interface StreamOptions {
  signal: AbortSignal | undefined;
  /** Time to the first event, in milliseconds. */
  timeoutMs: number;
  /** Longest silence after it, in milliseconds. */
  idleTimeoutMs: number;
  lastEventId?: string | undefined;
}

/** The result in an event, with the place of the stream that it was heard at, where the peer says one. */
export interface HeardResult {
  readonly result: unknown;
  readonly id: string | undefined;
}

/** The events of a streaming method, from the request to the end of the stream. Nothing is sent before it is read. */
export async function* streamResults(
  { to, deadlines }: { to: Endpoint; deadlines: CallDeadlines },
  request: JSONRPCRequest,
  { signal, timeoutMs, idleTimeoutMs, lastEventId }: StreamOptions,
): AsyncGenerator<HeardResult, void, undefined> {
  const { extensions, maxReplyBytes } = to;
  const deadline = deadlines.start(timeoutMs, 'The first event', signal);
  let begun = false;
  const allowSilence = () => begun && deadline.allow(idleTimeoutMs, 'The next event');
  try {
    const accept = 'text/event-stream, application/json';
    const reply = await deadline.during(post(to, request, { accept, deadline, lastEventId }));
    if (!isEventStream(reply)) throw await deadline.during(plainReply(reply, request, maxReplyBytes));
    const chunks = readInTime(reply, deadline, allowSilence);
    for await (const item of decodeSse(chunks, { maxEventChars: maxReplyBytes })) {
      if (item.type === 'comment') continue;
      if (!begun) assertActivated(reply, extensions);
      begun = true;
      deadline.disarm(); // the time that the reader takes is no silence of the peer's
      yield { result: readResult(parse(item.data), request), id: item.id };
    }
    if (!begun) throw new A2AClientError('BROKEN', 'The stream ended before its first event', { status: 200 });
  } finally {
    deadline.clear();
  }
}

/** The body as it comes, waited for no longer than the deadline lasts. Leaving it gives the body up. */
async function* readInTime(
  reply: HttpReply,
  deadline: CallDeadline,
  beforeEach: () => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  const source = reply.body[Symbol.asyncIterator]();
  try {
    for (;;) {
      beforeEach();
      const next = await deadline.during(source.next());
      if (next.done) return;
      yield next.value;
    }
  } finally {
    discard(source);
  }
}

function isEventStream({ headers }: HttpReply): boolean {
  return headers.get('content-type')?.toLowerCase().startsWith('text/event-stream') ?? false;
}

/** Where a stream was asked for, a plain reply can only refuse. */
async function plainReply(reply: HttpReply, request: JSONRPCRequest, maxBytes: number) {
  readResult(await readJson(reply, maxBytes), request);
  return new A2AClientError('INVALID_REPLY', 'The peer answered a stream with a plain reply', { status: 200 });
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch (cause) {
    throw new A2AClientError('INVALID_REPLY', 'The event is not valid JSON', { status: 200, cause });
  }
}

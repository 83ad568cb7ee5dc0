import type { Clock } from '@skein/contracts/runtime';
import { A2AClientError } from '../errors.ts';
import { JsonRpcReply } from '../json-rpc/envelope.ts';
import { readJsonRpcError } from '../json-rpc/errors.ts';
import type { CallDeadline } from './call-deadlines.ts';
import { orAborted } from './deadline.ts';
import type { HttpPort, HttpReply } from './http-port.ts';
import { discard, readJson } from './read-body.ts';

export interface Endpoint {
  endpoint: string;
  http: HttpPort;
  /** Of A2A, as `A2A-Version` says it. */
  version: '1.0' | '0.3';
  /** Headers that prove who calls, over the exact bytes that are sent. */
  authorize: ((request: { body: Uint8Array; endpoint: string }) => Promise<Record<string, string>>) | undefined;
  extensions: readonly string[];
  maxReplyBytes: number;
  clock: Clock;
}

interface Posting {
  accept: string;
  deadline: CallDeadline;
  /** After which event a stream is to go on. */
  lastEventId?: string | undefined;
}

/** Sends one JSON-RPC request over HTTP. Resolves with a reply of status 200 only; every other status is an error. */
export async function post(to: Endpoint, payload: unknown, posting: Posting): Promise<HttpReply> {
  const { endpoint: url, http, extensions, version, authorize } = to;
  const { accept, deadline, lastEventId } = posting;
  const body = Buffer.from(JSON.stringify(payload));
  const headers = {
    'content-type': 'application/json',
    accept,
    'a2a-version': version,
    ...(extensions.length > 0 && extensionHeaders(to)),
    ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
    ...(authorize && (await authorize({ body, endpoint: url }))),
  };
  if (deadline.aborted) throw new Error('The call is over'); // whoever called has heard why
  const reply = await http.request({
    ...{ method: 'POST', url, headers, body, onAbort: (listener) => deadline.onAbort(listener) },
    get signal() {
      return deadline.signal;
    },
  });
  if (deadline.aborted) discard(reply.body[Symbol.asyncIterator]());
  if (reply.status !== 200) throw await statusError(reply, to);
  return reply;
}

/** v0.3 has a header of its own for the same thing. */
function extensionHeaders({ extensions, version }: Endpoint): Record<string, string> {
  const uris = extensions.join(', ');
  return { 'a2a-extensions': uris, ...(version === '0.3' && { 'x-a2a-extensions': uris }) };
}

/** A request whose answer is not waited for longer than the signal lasts. */
export async function send(http: HttpPort, request: Parameters<HttpPort['request']>[0]): Promise<HttpReply> {
  const pending = http.request(request);
  try {
    return await orAborted(pending, request.signal);
  } catch (cause) {
    pending.then(
      (late) => discard(late.body[Symbol.asyncIterator]()),
      () => {}, // this is the failure that we are telling already
    );
    throw cause;
  }
}

async function statusError(reply: HttpReply, to: Endpoint): Promise<A2AClientError> {
  const { status } = reply;
  // The body of an error page is a courtesy: what cannot be read of it takes nothing from the status.
  const body = await readJson(reply, to.maxReplyBytes).catch((cause: unknown) =>
    cause instanceof A2AClientError ? undefined : Promise.reject(cause),
  );
  const read = JsonRpcReply.safeParse(body);
  const rpc = read.success && 'error' in read.data ? readJsonRpcError(read.data.error) : undefined;
  return new A2AClientError('HTTP_STATUS', rpc?.message ?? `The peer answered ${status}`, {
    status,
    retryAfterMs: retryAfterMs(reply.headers, to.clock),
    rpc,
  });
}

/** `Retry-After` in milliseconds from now; it comes in seconds or as a date. */
export function retryAfterMs(headers: Headers, clock: Pick<Clock, 'now'>): number | undefined {
  const value = headers.get('retry-after')?.trim();
  if (!value) return undefined;
  const ms = /^\d{1,9}$/.test(value) ? Number(value) * 1_000 : Date.parse(value) - clock.now();
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

/** A peer that does not echo an extension does not speak it, whatever else it answered. */
export function assertActivated(reply: HttpReply, extensions: readonly string[]): void {
  if (extensions.length === 0) return; // headers cost something to look at
  const said = [reply.headers.get('a2a-extensions'), reply.headers.get('x-a2a-extensions')];
  const echoed = new Set(said.flatMap((uris) => (uris ?? '').split(',').map((uri) => uri.trim())));
  const missing = extensions.find((uri) => !echoed.has(uri));
  if (missing === undefined) return;
  throw new A2AClientError('EXTENSION_NOT_ACTIVATED', `The peer did not activate ${missing}`, { status: 200 });
}

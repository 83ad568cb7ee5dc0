import type { Clock } from '@skein/contracts/runtime';
import { A2AClientError } from '../errors.ts';
import { JsonRpcReply } from '../json-rpc/envelope.ts';
import { readJsonRpcError } from '../json-rpc/errors.ts';
import { orAborted } from './deadline.ts';
import type { HttpPort, HttpReply } from './http-port.ts';
import { discard, readJson } from './read-body.ts';

export interface Endpoint {
  endpoint: string;
  http: HttpPort;
  /** Headers that prove who calls, over the exact bytes that are sent. */
  authorize: ((request: { body: Uint8Array; endpoint: string }) => Promise<Record<string, string>>) | undefined;
  extensions: readonly string[];
  maxReplyBytes: number;
  clock: Clock;
}

/** Sends one JSON-RPC request over HTTP. Resolves with a reply of status 200 only; every other status is an error. */
export async function post(to: Endpoint, payload: unknown, accept: string, signal: AbortSignal): Promise<HttpReply> {
  const { endpoint, http, extensions } = to;
  const body = new TextEncoder().encode(JSON.stringify(payload));
  const proof = to.authorize ? await orAborted(to.authorize({ body, endpoint }), signal) : {};
  const headers = {
    'content-type': 'application/json',
    accept,
    'a2a-version': '1.0',
    ...(extensions.length > 0 && { 'a2a-extensions': extensions.join(', ') }),
    ...proof,
  };
  const reply = await send(http, { method: 'POST', url: endpoint, headers, body, signal });
  if (reply.status !== 200) throw await statusError(reply, to, signal);
  return reply;
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

async function statusError(reply: HttpReply, to: Endpoint, signal: AbortSignal): Promise<A2AClientError> {
  const { status } = reply;
  // The body of an error page is a courtesy: what cannot be read of it takes nothing from the status.
  const body = await readJson(reply, to.maxReplyBytes, signal).catch((cause: unknown) => {
    if (signal.aborted) throw signal.reason;
    return cause instanceof A2AClientError ? undefined : Promise.reject(cause);
  });
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
export function assertActivated(headers: Headers, extensions: readonly string[]): void {
  const echoed = new Set((headers.get('a2a-extensions') ?? '').split(',').map((uri) => uri.trim()));
  const missing = extensions.find((uri) => !echoed.has(uri));
  if (missing === undefined) return;
  throw new A2AClientError('EXTENSION_NOT_ACTIVATED', `The peer did not activate ${missing}`, { status: 200 });
}

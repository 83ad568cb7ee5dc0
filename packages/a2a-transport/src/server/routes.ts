import type { AgentExtension } from '@skein/contracts/a2a';
import type { Clock, Logger } from '@skein/contracts/runtime';
import { type Context, Hono } from 'hono';
import { A2AError, ApplicationError } from '../errors.ts';
import type { Dispatched } from '../json-rpc/dispatcher.ts';
import { type Call, type Entry, readRequestBody } from '../json-rpc/envelope.ts';
import { isRefusal, toJsonRpcError } from '../json-rpc/errors.ts';
import type { createOpenCalls } from './calls.ts';
import { StreamReply } from './event-stream.ts';
import { activatedBy } from './extensions.ts';
import type { GatedContext } from './gate.ts';
import type { Authentication, Authenticator } from './principal.ts';
import { answerRefusal, answerReplies, answerStream } from './replies.ts';
import { assertJsonContent, readBody } from './request-body.ts';
import { requestedVersion } from './version.ts';

interface RpcRouteDeps {
  dispatch(call: Call, context: GatedContext): Promise<Dispatched>;
  authenticator: Authenticator | undefined;
  declared(): readonly AgentExtension[];
  calls: ReturnType<typeof createOpenCalls>;
  isClosing(): boolean;
  clock: Clock;
  logger: Logger;
}

interface RpcRouteOptions {
  path: string;
  /** ErrorInfo domain of refused credentials. */
  domain: string;
  maxBodyBytes: number;
  maxDepth: number;
  maxBatch: number;
  keepAliveMs: number;
}

/** From HTTP to JSON-RPC and back: one endpoint, with and without a trailing slash. */
export function createRpcRoutes(deps: RpcRouteDeps, options: RpcRouteOptions): Hono {
  const path = options.path.replace(/\/+$/, '');
  const answer = (c: Context) => answerRpc(c, deps, options);
  const app = new Hono().post(`${path}/`, answer);
  return path === '' ? app : app.post(path, answer);
}

async function answerRpc(c: Context, deps: RpcRouteDeps, options: RpcRouteOptions): Promise<Response> {
  const request = c.req.raw;
  const extensions = activatedBy(request.headers.get('a2a-extensions'), deps.declared());
  if (extensions.size > 0) c.header('A2A-Extensions', [...extensions].join(', '));
  if (deps.isClosing()) return answerRefusal(c, new A2AError('INTERNAL_ERROR', 'The server is closing'), 503);
  const call = deps.calls.begin(request.signal);
  let streaming = false;
  try {
    assertJsonContent(request.headers);
    const body = await readBody(request, options.maxBodyBytes);
    if (body.status === 'too_large') return answerRefusal(c, tooLarge(options.maxBodyBytes), 413);
    const who = await authenticate(deps, request, body.bytes);
    if (who.status === 'refused') return answerRefusal(c, refusedCredentials(who, options.domain));
    const principal = who.status === 'authenticated' ? who.principal : undefined;
    const version = requestedVersion(request.headers, request.url);
    const { batch, entries } = readRequestBody(body.bytes, options);
    const context = { principal, extensions, signal: call.signal, version, batch };
    const handled = await Promise.all(entries.map((entry) => handle(entry, context, deps)));
    const reply = handled[0]?.reply;
    if (!reply || !('result' in reply && reply.result instanceof StreamReply)) return answerReplies(c, batch, handled);
    streaming = true;
    const { clock, logger } = deps;
    return answerStream(c, reply.result, { id: reply.id, call, clock, logger, keepAliveMs: options.keepAliveMs });
  } catch (cause) {
    if (isRefusal(cause)) return answerRefusal(c, cause);
    if (!call.signal.aborted) deps.logger.error('request failed', { error: cause });
    return answerRefusal(c, cause, 500);
  } finally {
    if (!streaming) call.done();
  }
}

async function authenticate(deps: RpcRouteDeps, request: Request, body: Uint8Array): Promise<Authentication> {
  const { headers, url } = request;
  return (await deps.authenticator?.authenticate({ headers, body, url })) ?? { status: 'anonymous' };
}

async function handle(
  entry: Entry,
  context: Omit<GatedContext, 'alone'> & { batch: boolean },
  { dispatch, logger }: RpcRouteDeps,
): Promise<Dispatched> {
  if ('refusal' in entry) {
    const { refusal: cause, id } = entry;
    return { cause, reply: { jsonrpc: '2.0', id, error: toJsonRpcError(cause) } };
  }
  const { call } = entry;
  const dispatched = await dispatch(call, { ...context, alone: !context.batch && call.id !== undefined });
  const { cause } = dispatched;
  if (cause !== undefined && !isRefusal(cause)) logger.error('method failed', { method: call.method, error: cause });
  return dispatched;
}

function tooLarge(maxBodyBytes: number): A2AError {
  return new A2AError('INVALID_REQUEST', `The body is larger than ${maxBodyBytes} bytes`);
}

function refusedCredentials(who: Extract<Authentication, { status: 'refused' }>, domain: string): ApplicationError {
  const { reason, message, metadata } = who;
  return new ApplicationError({ domain, reason, message, httpStatus: 401, ...(metadata && { metadata }) });
}

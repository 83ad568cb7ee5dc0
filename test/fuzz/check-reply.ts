/**
 * Whether a reply is one that A2A allows to this request, whatever the request was. The rules are JSON-RPC's and the
 * strict schemas', read from the request's own bytes: nothing here is shared with the server.
 */
import * as z from 'zod';
import { AgentCard, ErrorReply, HttpError, type Method, results } from '../conformance/strict.ts';
import type { ReadReply } from './read-reply.ts';
import type { FuzzRequest } from './requests.ts';
import { V03Card, v03Results } from './strict-v03.ts';

/** The request as it was sent. */
export interface Sent extends Pick<FuzzRequest, 'binding' | 'operation' | 'method' | 'headers'> {
  path: string;
  bytes: Uint8Array | undefined;
}

/** Every code but those that say that the server, or an agent which did nothing wrong, is at fault. */
const codes: ReadonlySet<number> = new Set([
  ...[-32700, -32600, -32601, -32602, -31000],
  ...[-32001, -32002, -32003, -32004, -32005, -32007, -32008, -32009],
]);
const secrets = /hunter2|node_modules|\n\s+at /;
const rpcResults: Readonly<Record<string, z.ZodType>> = { ...results, ...v03Results, KnownMethod: z.json() };
const streaming: ReadonlySet<unknown> = new Set([
  ...['SendStreamingMessage', 'SubscribeToTask', 'message/stream', 'tasks/resubscribe'],
]);

function must(holds: boolean, rule: string): asserts holds {
  if (!holds) throw new Error(rule);
}

/** What the reply says, for whoever counts. Throws where it may not be said. */
export function checkReply(sent: Sent, reply: ReadReply): readonly unknown[] {
  must(reply.status < 500, `never ${reply.status}`);
  must(!secrets.test(reply.text), 'nothing secret leaves');
  if (sent.binding === 'card') return checkCard(sent, reply);
  return sent.binding === 'json-rpc' ? checkJsonRpc(sent, reply) : checkHttpJson(sent, reply);
}

const typeOf = ({ headers }: ReadReply) => headers.get('content-type')?.split(';')[0] ?? '';

/** Paths that the URL's own rules or the router take elsewhere. */
function isElsewhere({ path }: Sent): boolean {
  return /^\/a2a\/[^/?]+\/[^?]/.test(path) || /\.\.|%2e%2e|%2f|%00|\/\//i.test(path);
}

function checkJsonRpc(sent: Sent, reply: ReadReply): readonly unknown[] {
  if (reply.status === 404) {
    must(isElsewhere(sent), 'the endpoint is there');
    return [];
  }
  const request = parsed(sent.bytes ?? new Uint8Array());
  if (typeOf(reply) === 'text/event-stream') return checkRpcStream(request.value, reply);
  if (reply.text === '') {
    const entries = Array.isArray(request.value) ? request.value : [request.value];
    must(reply.status === 204 || reply.status >= 400, `no body under ${reply.status}`);
    must(request.ok && entries.length > 0 && entries.every(isNotification), 'only notifications have no reply');
    return [];
  }
  must(typeOf(reply) === 'application/json', 'JSON-RPC answers application/json');
  must([200, 401, 413, 429].includes(reply.status), `${reply.status} is none of JSON-RPC's statuses`);
  const said: unknown = JSON.parse(reply.text);
  if (!Array.isArray(said)) return [checkSingle(sent, request, said, reply.status)];
  must(Array.isArray(request.value), 'a list answers a batch alone');
  // One call of the batch answers each reply, in order: what needs none is passed over.
  const entries = request.value.filter((entry) => !isNotification(entry) || isUnsafe(entry));
  must(said.length === entries.length, `${entries.length} calls, ${said.length} replies`);
  return said.map((each, index) => checkEntry(entries[index], each));
}

function checkSingle(sent: Sent, request: Parsed, said: unknown, status: number): unknown {
  if (status === 413) must((sent.bytes?.byteLength ?? 0) > 256 * 1_024, 'only what is too large is too large');
  const type = (sent.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  const { error, id } = said as { error?: { code?: number }; id?: unknown }; // what it is, is checked below
  const whole = status === 413 || type !== 'application/json' || (status === 401 && id === null);
  if (!whole && request.ok && !Array.isArray(request.value)) return checkEntry(request.value, said);
  const { error: refusal } = ErrorReply.parse(said);
  must(id === null, 'a refusal of the whole has no id');
  must(codes.has(refusal.code), `code ${refusal.code}`);
  if (!whole) must(error?.code === (request.ok ? -32600 : -32700), 'a broken body is told as one');
  return refusal.code;
}

function checkEntry(entry: unknown, said: unknown): unknown {
  const { id, method, hasId } = partsOf(entry);
  if (!hasId)
    must((said as { id?: unknown }).id === null, 'who gave no id gets none'); // whatever it is, it has one
  else must((said as { id?: unknown }).id === (isRpcId(id) ? id : null), 'the id comes back with its type');
  if ('error' in Object(said)) {
    const { error } = ErrorReply.parse(said);
    must(codes.has(error.code), `code ${error.code}: ${error.message}`);
    return error.code;
  }
  must(hasId && isRpcId(id) && typeof method === 'string', 'only a call has a result');
  const schema = Object.hasOwn(rpcResults, method) ? rpcResults[method] : undefined;
  must(schema !== undefined, `${method} is no method`);
  z.strictObject({ jsonrpc: z.literal('2.0'), id: z.any(), result: schema }).parse(said);
  return method;
}

function checkRpcStream(request: unknown, reply: ReadReply): readonly unknown[] {
  must(reply.status === 200, 'a stream opens under 200');
  must(streaming.has(partsOf(request).method), 'only streaming methods stream');
  const told = framesOf(reply).map((data) => checkEntry(request, data));
  must(told.length > 0 || reply.left, 'a stream says something');
  return told;
}

function checkHttpJson(sent: Sent, reply: ReadReply): readonly unknown[] {
  const { operation, method } = sent;
  must(operation !== undefined, 'a resource has its operation');
  const usual = { GET: 'GET', POST: 'POST', DELETE: 'DELETE' }[method] !== undefined && !isElsewhere(sent);
  if (method === 'HEAD') must(reply.text === '', 'HEAD has no body');
  else if (typeOf(reply) === 'text/event-stream') must(reply.text !== '' || reply.left, 'a stream says something');
  if (reply.text === '' || (reply.status === 404 && typeOf(reply) === 'text/plain')) return [reply.status];
  // Another verb may make another operation of it.
  const own = [results[operation]];
  const schema = z.union(usual && verbs[operation] === method ? own : [...own, ...Object.values(results)]);
  if (typeOf(reply) === 'text/event-stream') {
    must(reply.status === 200, 'a stream opens under 200');
    const frame = z.union([schema, HttpError]);
    return framesOf(reply).map((data) => frame.parse(data) && operation);
  }
  must(typeOf(reply) === 'application/a2a+json', `${typeOf(reply)} is not this binding's`);
  const said: unknown = JSON.parse(reply.text);
  if (reply.status === 200) return [schema.parse(said) && operation];
  const { error } = HttpError.parse(said);
  must(error.code === reply.status, 'the body says the status');
  return [error.status];
}

const verbs: Readonly<Record<Method, string>> = {
  ...{ SendMessage: 'POST', SendStreamingMessage: 'POST', GetTask: 'GET', ListTasks: 'GET', CancelTask: 'POST' },
  ...{ SubscribeToTask: 'POST', CreateTaskPushNotificationConfig: 'POST', GetTaskPushNotificationConfig: 'GET' },
  ...{
    ListTaskPushNotificationConfigs: 'GET',
    DeleteTaskPushNotificationConfig: 'DELETE',
    GetExtendedAgentCard: 'GET',
  },
};

function checkCard({ path, headers, method }: Sent, reply: ReadReply): readonly unknown[] {
  if (reply.status === 304 || method === 'HEAD') must(reply.text === '', 'this has no body');
  else {
    must(reply.status === 200, `a card under ${reply.status}`);
    const older = path.endsWith('/agent.json') || /^0\.3(\.\d{1,9})?$/.test(headers['a2a-version']?.trim() ?? '');
    (older ? V03Card : AgentCard).parse(JSON.parse(reply.text));
  }
  for (const name of ['etag', 'last-modified', 'cache-control']) must(reply.headers.has(name), `a card has ${name}`);
  return [reply.status];
}

/** The frames of a stream: one JSON object each, whole. What follows the last blank line was cut by the reader. */
function framesOf({ text, left }: ReadReply): unknown[] {
  const frames = text.split('\n\n');
  const rest = frames.pop();
  must(left || rest === '', 'a stream ends with a whole frame');
  return frames.flatMap((frame) => {
    const lines = frame.split('\n');
    must(
      lines.every((line) => /^(?:id: |data: |:)/.test(line)),
      `no line of SSE: ${frame}`,
    );
    const data = lines.filter((line) => line.startsWith('data: '));
    must(data.length <= 1, 'one object a frame');
    return data.map((line): unknown => JSON.parse(line.slice('data: '.length)));
  });
}

type Parsed = { ok: boolean; value: unknown };

function parsed(bytes: Uint8Array): Parsed {
  try {
    return { ok: true, value: JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) };
  } catch {
    return { ok: false, value: undefined };
  }
}

function partsOf(entry: unknown): { id: unknown; method: unknown; version: unknown; hasId: boolean } {
  const isRecord = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
  const { id, method, jsonrpc: version } = (isRecord ? entry : {}) as Record<string, unknown>;
  return { id, method, version, hasId: isRecord && Object.hasOwn(entry, 'id') };
}

function isRpcId(id: unknown): boolean {
  return typeof id === 'string' || id === null || Number.isFinite(id);
}

function isNotification(entry: unknown): boolean {
  const { method, version, hasId } = partsOf(entry);
  return !hasId && version === '2.0' && typeof method === 'string' && method !== '';
}

/** Too deep, or with keys that reach for a prototype: refused before anybody asks whether it wants a reply. */
function isUnsafe(entry: unknown): boolean {
  for (let level = [entry], depth = 0; level.length > 0; depth += 1) {
    const containers = level.filter((each): each is object => typeof each === 'object' && each !== null);
    if (depth >= 64 && containers.length > 0) return true;
    if (containers.some((each) => Object.hasOwn(each, '__proto__') || Object.hasOwn(each, 'constructor'))) return true;
    level = containers.flatMap((each): unknown[] => Object.values(each));
  }
  return false;
}

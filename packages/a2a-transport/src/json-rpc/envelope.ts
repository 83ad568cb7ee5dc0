import * as z from 'zod';
import { A2AError } from '../errors.ts';
import { assertSafeJson } from './safe-json.ts';

/** JSON-RPC 2.0's outer form, checked before any library sees it. @see https://www.jsonrpc.org/specification */
type JsonRpcId = string | number | null;

export interface Call {
  /** `undefined` for a notification, which gets no reply. */
  id: JsonRpcId | undefined;
  method: string;
  params: unknown;
}

export const JsonRpcError = z.looseObject({ code: z.number(), message: z.string(), data: z.unknown().optional() });
export type JsonRpcError = z.infer<typeof JsonRpcError>;

const Version = z.literal('2.0');
const Id = z.union([z.string(), z.number(), z.null()]);

/** One reply. `error: null` beside a result, which some peers send, is passed over. */
export const JsonRpcReply = z.union([
  z.object({ jsonrpc: Version, id: Id, error: JsonRpcError }),
  z.object({ jsonrpc: Version, id: Id, result: z.custom<unknown>((result) => result !== undefined) }),
]);
export type JsonRpcReply = z.infer<typeof JsonRpcReply>;

/** An entry of a request body: a call, or what is wrong with it and whom to tell. */
export type Entry = { call: Call } | { refusal: A2AError; id: JsonRpcId };

/** One call, or an array of them, whose answer is an array too. */
export type RequestBody = { entry: Entry } | { batch: readonly Entry[] };

interface BodyLimits {
  maxDepth: number;
  maxBatch: number;
}

/** Reads a request body. Throws where there is nobody to answer singly: broken JSON, an empty or too long batch. */
export function readRequestBody(bytes: Uint8Array, { maxDepth, maxBatch }: BodyLimits): RequestBody {
  const body = parseJson(bytes);
  if (!Array.isArray(body)) return { entry: readEntry(body, maxDepth) };
  if (body.length === 0) throw new A2AError('INVALID_REQUEST', 'The batch is empty');
  if (body.length > maxBatch) throw new A2AError('INVALID_REQUEST', `A batch holds at most ${maxBatch} calls`);
  return { batch: body.map((entry) => readEntry(entry, maxDepth)) };
}

/** Keeps nothing from one text to the next. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(utf8.decode(bytes));
  } catch (cause) {
    throw new A2AError('PARSE_ERROR', 'The body is not valid JSON', { cause });
  }
}

/** By hand and not by schema: it stands in the way of every call. */
function readEntry(entry: unknown, maxDepth: number): Entry {
  const isObject = typeof entry === 'object' && entry !== null && !Array.isArray(entry);
  const call: { jsonrpc?: unknown; id?: unknown; method?: unknown; params?: unknown } = isObject ? entry : {};
  const id = isId(call.id) ? call.id : null; // whom to tell that the rest is wrong
  try {
    assertSafeJson(entry, maxDepth);
  } catch (cause) {
    if (cause instanceof A2AError) return { refusal: cause, id };
    throw cause;
  }
  const { jsonrpc, method, params } = call;
  if (jsonrpc !== '2.0' || typeof method !== 'string' || method === '' || !(call.id === undefined || isId(call.id))) {
    return { refusal: new A2AError('INVALID_REQUEST', 'This is no JSON-RPC 2.0 request'), id };
  }
  return { call: { id: call.id, method, params } };
}

function isId(id: unknown): id is JsonRpcId {
  return typeof id === 'string' || id === null || Number.isFinite(id);
}

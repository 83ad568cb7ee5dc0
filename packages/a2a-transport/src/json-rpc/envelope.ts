import * as z from 'zod';
import { A2AError } from '../errors.ts';
import { assertSafeJson } from './safe-json.ts';

/** JSON-RPC 2.0's outer form, checked before any library sees it. @see https://www.jsonrpc.org/specification */
export type JsonRpcId = string | number | null;

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

export interface RequestBody {
  /** Whether the body was an array, so that the answer is one too. */
  batch: boolean;
  entries: readonly Entry[];
}

interface BodyLimits {
  maxDepth: number;
  maxBatch: number;
}

/** Reads a request body. Throws where there is nobody to answer singly: broken JSON, an empty or too long batch. */
export function readRequestBody(bytes: Uint8Array, { maxDepth, maxBatch }: BodyLimits): RequestBody {
  const body = parseJson(bytes);
  if (!Array.isArray(body)) return { batch: false, entries: [readEntry(body, maxDepth)] };
  if (body.length === 0) throw new A2AError('INVALID_REQUEST', 'The batch is empty');
  if (body.length > maxBatch) throw new A2AError('INVALID_REQUEST', `A batch holds at most ${maxBatch} calls`);
  return { batch: true, entries: body.map((entry) => readEntry(entry, maxDepth)) };
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new A2AError('PARSE_ERROR', 'The body is not valid JSON', { cause });
  }
}

const Request = z.looseObject({
  jsonrpc: Version,
  id: z.union([z.string(), z.int(), z.null()]).optional(),
  method: z.string().min(1),
});

/** Whom to tell that the rest is wrong. */
const WithId = Request.pick({ id: true });

function readEntry(entry: unknown, maxDepth: number): Entry {
  const id = WithId.safeParse(entry).data?.id ?? null;
  try {
    assertSafeJson(entry, maxDepth);
  } catch (cause) {
    if (cause instanceof A2AError) return { refusal: cause, id };
    throw cause;
  }
  const request = Request.safeParse(entry);
  if (!request.success) return { refusal: new A2AError('INVALID_REQUEST', 'This is no JSON-RPC 2.0 request'), id };
  return { call: { id: request.data.id, method: request.data.method, params: request.data.params } };
}

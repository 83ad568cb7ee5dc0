import { createJSONRPCRequest, type JSONRPCRequest } from 'json-rpc-2.0';
import { A2AClientError } from '../errors.ts';
import { JsonRpcError } from './envelope.ts';
import { readJsonRpcError } from './errors.ts';

export type { JSONRPCRequest };

/**
 * The client's fence around json-rpc-2.0, which makes the requests. Its own client waits for ever on a reply with another
 * id and turns every failed send into an error object: over HTTP, where each reply has its request, that is for nothing.
 */
export function createRequests(): (method: string, params: unknown) => JSONRPCRequest {
  let lastId = 0;
  return (method, params) => {
    lastId += 1;
    return createJSONRPCRequest(lastId, method, params);
  };
}

/**
 * The result in a reply to this request. Throws RPC_ERROR for the peer's error and INVALID_REPLY for what is no reply.
 * `error: null` beside a result, which some peers send, is passed over.
 */
export function readResult(reply: unknown, request: JSONRPCRequest): unknown {
  // Read by hand, as every reply comes through here: whatever the wire brought has these fields or has them not.
  const { jsonrpc, id, error, result } = Object(reply) as Partial<Record<string, unknown>>;
  const hasId = typeof id === 'string' || typeof id === 'number' || id === null;
  if (jsonrpc !== '2.0' || !hasId) throw invalid('This is no JSON-RPC reply');
  const failure = error === undefined || error === null ? undefined : JsonRpcError.safeParse(error);
  if (failure?.success) {
    // A peer that could not read our id answers without one: over HTTP the error is ours all the same.
    const rpc = readJsonRpcError(failure.data);
    throw new A2AClientError('RPC_ERROR', rpc.message, { status: 200, rpc });
  }
  if (result === undefined) throw invalid('This is no JSON-RPC reply', failure?.error);
  if (id !== request.id) throw invalid('The reply answers another request');
  return result;
}

function invalid(message: string, cause?: unknown): A2AClientError {
  return new A2AClientError('INVALID_REPLY', message, { status: 200, cause });
}

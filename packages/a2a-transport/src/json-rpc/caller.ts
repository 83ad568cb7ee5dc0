import { createJSONRPCRequest, JSONRPCClient, type JSONRPCRequest } from 'json-rpc-2.0';
import { A2AClientError } from '../errors.ts';
import { JsonRpcReply } from './envelope.ts';
import { readJsonRpcError } from './errors.ts';

export type { JSONRPCRequest };

/**
 * The client's fence around json-rpc-2.0. The library waits for ever on a reply with another id and turns every failed
 * send into an error object: so replies are checked before it sees them, and failures travel around it.
 */
export interface Caller {
  /** Calls a method once. `exchange` carries the request to the peer and brings the parsed reply. */
  call(method: string, params: unknown, exchange: (request: JSONRPCRequest) => Promise<unknown>): Promise<unknown>;
  /** A request for a reply that is a stream; each of its events is read with `readResult`. */
  prepare(method: string, params: unknown): JSONRPCRequest;
}

export function createCaller(): Caller {
  let lastId = 0;
  const prepare = (method: string, params: unknown) => {
    lastId += 1;
    return createJSONRPCRequest(lastId, method, params);
  };
  return {
    prepare,
    async call(method, params, exchange) {
      let failure: { cause: unknown } | undefined;
      const client = new JSONRPCClient<void>(async (request: JSONRPCRequest) => {
        try {
          const result = readResult(await exchange(request), request);
          client.receive({ jsonrpc: '2.0', id: request.id ?? null, result });
        } catch (cause) {
          failure = { cause };
          throw cause;
        }
      });
      const response = await client.requestAdvanced(prepare(method, params));
      if (failure) throw failure.cause;
      return response.result;
    },
  };
}

/** The result in a reply to this request. Throws RPC_ERROR for the peer's error and INVALID_REPLY for what is no reply. */
export function readResult(reply: unknown, request: JSONRPCRequest): unknown {
  const read = JsonRpcReply.safeParse(reply);
  if (!read.success) throw new A2AClientError('INVALID_REPLY', 'This is no JSON-RPC reply', { cause: read.error });
  if ('error' in read.data) {
    // A peer that could not read our id answers without one: over HTTP the error is ours all the same.
    const rpc = readJsonRpcError(read.data.error);
    throw new A2AClientError('RPC_ERROR', rpc.message, { status: 200, rpc });
  }
  if (read.data.id !== request.id) throw new A2AClientError('INVALID_REPLY', 'The reply answers another request');
  return read.data.result;
}

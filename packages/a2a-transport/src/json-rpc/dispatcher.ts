import { type JSONRPCResponse, JSONRPCServer } from 'json-rpc-2.0';
import { A2AError } from '../errors.ts';
import type { Call, JsonRpcReply } from './envelope.ts';
import { toJsonRpcError } from './errors.ts';

/**
 * The server's fence around json-rpc-2.0. The library breaks on `null` and `[null]`, answers a batch of one with an
 * object and tells callers the text of any exception: so it gets single, checked calls only, and never sees an error.
 */
export type Method<Context> = (params: unknown, context: Context) => Promise<unknown>;

export interface Dispatched {
  /** Absent for a notification. */
  reply: JsonRpcReply | undefined;
  /** What made the call fail. */
  cause: unknown;
}

interface Exchange<Context> {
  context: Context;
  cause: unknown;
}

/** `before` runs ahead of each call, of unknown methods too, and refuses by throwing. */
export function createDispatcher<Context>(
  methods: ReadonlyMap<string, Method<Context>>,
  before: (method: string, context: Context) => void,
): (call: Call, context: Context) => Promise<Dispatched> {
  const server = new JSONRPCServer<Exchange<Context>>({ errorListener: () => {} });
  for (const [name, handle] of methods) {
    server.addMethod(name, async (params, { context }) => {
      const result = await handle(params, context);
      return result === undefined ? {} : result; // null is an answer
    });
  }
  server.applyMiddleware(async (next, request, exchange) => {
    try {
      before(request.method, exchange.context);
      if (!methods.has(request.method)) throw new A2AError('METHOD_NOT_FOUND', 'Method not found');
      return await next(request, exchange);
    } catch (cause) {
      exchange.cause = cause;
      return request.id === undefined ? null : { jsonrpc: '2.0', id: request.id, error: toJsonRpcError(cause) };
    }
  });
  return async ({ id, method, params }, context) => {
    const exchange: Exchange<Context> = { context, cause: undefined };
    const request = { jsonrpc: '2.0' as const, method, params, ...(id !== undefined && { id }) };
    const response = await server.receive(request, exchange);
    return { reply: response ? readable(response) : undefined, cause: exchange.cause };
  };
}

/** The library's reply may hold `error: undefined`; ours has either key, never both. */
function readable(response: JSONRPCResponse): JsonRpcReply {
  const { jsonrpc, id } = response;
  return response.error ? { jsonrpc, id, error: { ...response.error } } : { jsonrpc, id, result: response.result };
}

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

/**
 * `before` runs ahead of each call, of unknown methods too, and refuses by throwing. Each method answers with its whole
 * reply, so that a call passes through none of the library's wrappers of results and errors.
 */
export function createDispatcher<Context>(
  methods: ReadonlyMap<string, Method<Context>>,
  before: (method: string, context: Context) => void,
): (call: Call, context: Context) => Promise<Dispatched> {
  const server = new JSONRPCServer<Exchange<Context>>({ errorListener: () => {} });
  for (const [name, handle] of methods) {
    server.addMethodAdvanced(name, async ({ id = null, params }, exchange) => {
      try {
        const result = await handle(params, exchange.context);
        return { jsonrpc: '2.0', id, result: result === undefined ? {} : result }; // null is an answer
      } catch (cause) {
        exchange.cause = cause;
        return { jsonrpc: '2.0', id, error: toJsonRpcError(cause) };
      }
    });
  }
  return async ({ id, method, params }, context) => {
    try {
      before(method, context);
      if (!methods.has(method)) throw new A2AError('METHOD_NOT_FOUND', 'Method not found');
    } catch (cause) {
      return { cause, reply: id === undefined ? undefined : { jsonrpc: '2.0', id, error: toJsonRpcError(cause) } };
    }
    const exchange: Exchange<Context> = { context, cause: undefined };
    const request = id === undefined ? { jsonrpc, method, params } : { jsonrpc, method, params, id };
    const response = await server.receive(request, exchange);
    const reply = id === undefined || !response ? undefined : readable(response);
    return { reply, cause: exchange.cause };
  };
}

const jsonrpc = '2.0' as const;

/** The library's type allows both keys at once; a reply has either. */
function readable(response: JSONRPCResponse): JsonRpcReply {
  const { id, result, error } = response;
  return error ? { jsonrpc, id, error: { ...error } } : { jsonrpc, id, result };
}

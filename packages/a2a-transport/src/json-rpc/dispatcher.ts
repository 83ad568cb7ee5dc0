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

interface DispatcherHooks<Context> {
  /** Runs ahead of each call, of unknown methods too, and refuses by throwing. */
  before(method: string, context: Context): void;
  /** Told why a call failed, before its reply leaves. */
  onFailure?(method: string, cause: unknown): void;
}

/**
 * Each method answers with its whole reply, so that a call passes through none of the library's wrappers of results and
 * errors. What is refused ahead of its method is answered in the same breath.
 */
export function createDispatcher<Context>(
  methods: ReadonlyMap<string, Method<Context>>,
  { before, onFailure }: DispatcherHooks<Context>,
): (call: Call, context: Context) => Dispatched | PromiseLike<Dispatched> {
  const server = new JSONRPCServer<Exchange<Context>>({ errorListener: () => {} });
  for (const [name, handle] of methods) {
    server.addMethodAdvanced(name, async ({ id = null, params }, exchange) => {
      try {
        const result = await handle(params, exchange.context);
        return { jsonrpc, id, result: result === undefined ? {} : result }; // null is an answer
      } catch (cause) {
        exchange.cause = cause;
        onFailure?.(name, cause);
        return { jsonrpc, id, error: toJsonRpcError(cause) };
      }
    });
  }
  return ({ id, method, params }, context) => {
    try {
      before(method, context);
      if (!methods.has(method)) throw new A2AError('METHOD_NOT_FOUND', 'Method not found');
    } catch (cause) {
      onFailure?.(method, cause);
      return { cause, reply: id === undefined ? undefined : { jsonrpc, id, error: toJsonRpcError(cause) } };
    }
    const exchange: Exchange<Context> = { context, cause: undefined };
    const request = id === undefined ? { jsonrpc, method, params } : { jsonrpc, method, params, id };
    return server.receive(request, exchange).then((response) => ({
      reply: id === undefined || !response ? undefined : readable(response),
      cause: exchange.cause,
    }));
  };
}

const jsonrpc = '2.0' as const;

/** The library's type allows both keys at once; a reply has either. */
function readable(response: JSONRPCResponse): JsonRpcReply {
  const { id, result, error } = response;
  return error ? { jsonrpc, id, error: { ...error } } : { jsonrpc, id, result };
}

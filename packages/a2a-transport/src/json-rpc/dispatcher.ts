import { A2AError } from '../errors.ts';
import type { Call, JsonRpcReply } from './envelope.ts';
import { toJsonRpcError } from './errors.ts';

/** A method by its name: it answers with its result, or throws what its caller is told. */
export interface Method<Context> {
  handle(params: unknown, context: Context): Promise<unknown>;
  /** How the result is said to the caller. @default as it is */
  write?: ((result: unknown) => unknown) | undefined;
}

export interface Dispatched {
  /** Absent for a notification. */
  reply: JsonRpcReply | undefined;
  /** What made the call fail. */
  cause: unknown;
}

interface DispatcherHooks<Context> {
  /** Runs ahead of each call, of unknown methods too, and refuses by throwing. */
  before(method: string, context: Context): void;
  /** Told why a call failed, before its reply leaves. */
  onFailure?(method: string, cause: unknown): void;
}

const jsonrpc = '2.0' as const;

/** Leads checked calls to their methods, and makes their replies. Never rejects. */
export function createDispatcher<Context>(
  methods: ReadonlyMap<string, Method<Context>>,
  { before, onFailure }: DispatcherHooks<Context>,
): (call: Call, context: Context) => Promise<Dispatched> {
  return async ({ id, method, params }, context) => {
    try {
      before(method, context);
      const found = methods.get(method);
      if (!found) throw new A2AError('METHOD_NOT_FOUND', 'Method not found');
      const answered = await found.handle(params, context);
      if (id === undefined) return { reply: undefined, cause: undefined };
      const result = found.write ? found.write(answered) : answered;
      return { reply: { jsonrpc, id, result: result === undefined ? {} : result }, cause: undefined }; // null is an answer
    } catch (cause) {
      onFailure?.(method, cause);
      return { reply: id === undefined ? undefined : { jsonrpc, id, error: toJsonRpcError(cause) }, cause };
    }
  };
}

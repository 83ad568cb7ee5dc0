import type { StreamResponse } from '@skein/contracts/a2a';
import type { Dialect } from '../dialects/dialect.ts';
import type { Dispatched } from '../json-rpc/dispatcher.ts';
import { createDispatcher, type Method } from '../json-rpc/dispatcher.ts';
import { type Entry, type JsonRpcReply, readRequestBody } from '../json-rpc/envelope.ts';
import { isRefusal, toJsonRpcError } from '../json-rpc/errors.ts';
import { isStreaming, type OperationTable } from '../operations/create-operations.ts';
import type { OperationName } from '../operations/operation.ts';
import { StreamReply } from '../operations/stream-reply.ts';
import type { ServerExtension } from '../server/extensions.ts';
import { createGate, type GatedContext, type GateOptions, type MethodRule } from '../server/gate.ts';
import type { Answer } from '../server/http/answer.ts';
import type { ServedRequest } from '../server/http/served-request.ts';
import type { KeepAlive } from '../server/keep-alive.ts';
import type { AdmittedRequest, Reception } from '../server/reception.ts';
import { type AnswerHeaders, answerStream, httpStatusOf, respond } from '../server/replies.ts';
import { RequestContext } from '../server/request-context.ts';

interface JsonRpcDeps extends Omit<GateOptions, 'rules' | 'versions'> {
  operations: OperationTable;
  dialects: readonly Dialect[];
  extensions: readonly ServerExtension[];
  reception: Reception;
  keepAlive: KeepAlive;
}

interface JsonRpcOptions {
  maxDepth: number;
  maxBatch: number;
}

/** JSON-RPC over HTTP: one endpoint, every dialect, calls one by one or in batches. */
export function createJsonRpcBinding(
  deps: JsonRpcDeps,
  options: JsonRpcOptions,
): (request: ServedRequest) => Promise<Answer> {
  const { reception } = deps;
  const { methods, rules, writers } = createMethods(deps);
  const gate = createGate({ ...deps, rules, versions: deps.dialects.map(({ version }) => version) });
  const dispatch = createDispatcher(methods, {
    before: gate,
    onFailure(method, error) {
      if (!isRefusal(error)) reception.logger.error('method failed', { method, error });
    },
  });

  function handle(entry: Entry, request: AdmittedRequest, batch: boolean): Dispatched | Promise<Dispatched> {
    if ('refusal' in entry) {
      const { refusal: cause, id } = entry;
      return { cause, reply: { jsonrpc: '2.0', id, error: toJsonRpcError(cause) } };
    }
    const { call } = entry;
    return dispatch(call, new RequestContext(request.facts, request.call, !batch && call.id !== undefined));
  }

  async function answer(request: AdmittedRequest): Promise<Answer> {
    const body = readRequestBody(request.body, options);
    if ('batch' in body) {
      return answerBatch(await Promise.all(body.batch.map((entry) => handle(entry, request, true))), request.headers);
    }
    const handled = await handle(body.entry, request, false);
    const { reply } = handled;
    if (!reply || !('result' in reply && reply.result instanceof StreamReply)) {
      return answerOne(handled, request.headers);
    }
    const { id, result } = reply;
    const { write, endsAfter } = writers.get(methodOf(body.entry)) ?? plainWriter;
    return answerStream(result, {
      call: request.call,
      logger: reception.logger,
      keepAlive: deps.keepAlive,
      echo: request.headers.echo,
      write: (item): JsonRpcReply =>
        'failure' in item
          ? { jsonrpc: '2.0', id, error: toJsonRpcError(item.failure) }
          : { jsonrpc: '2.0', id, result: write(item.event) },
      endsAfter,
    });
  }

  const manners = { accepts: ['application/json'], refuse: answerRefusal };
  return (request) => reception.receive(request, manners, answer);
}

/** A refusal of the whole request, which has no id to answer to. */
function answerRefusal(cause: unknown, headers: AnswerHeaders, status = httpStatusOf(cause)): Answer {
  const reply: JsonRpcReply = { jsonrpc: '2.0', id: null, error: toJsonRpcError(cause) };
  return respond(JSON.stringify(reply), status, headers, { cause });
}

function answerOne({ reply, cause }: Dispatched, headers: AnswerHeaders): Answer {
  return answerText(reply && JSON.stringify(reply), headers, cause);
}

function answerBatch(handled: readonly Dispatched[], headers: AnswerHeaders): Answer {
  const replies = handled.flatMap(({ reply }) => reply ?? []);
  // One status stands for a whole batch: only a missing credential is loud enough for it.
  const refused = handled.find(({ cause }) => httpStatusOf(cause) === 401);
  return answerText(replies.length > 0 ? JSON.stringify(replies) : undefined, headers, refused?.cause);
}

/** Without a text, where there was nothing but notifications. */
function answerText(text: string | undefined, headers: AnswerHeaders, cause: unknown): Answer {
  if (text !== undefined && cause === undefined) return respond(text, 200, headers);
  const status = httpStatusOf(cause);
  if (text === undefined) return respond(null, status === 200 ? 204 : status, headers, { cause });
  return respond(text, status, headers, { cause });
}

function methodOf(entry: Entry): string {
  return 'call' in entry ? entry.call.method : '';
}

/** How a dialect says the events of a stream, and after which of them it ends. */
interface EventWriter {
  write(event: StreamResponse): unknown;
  endsAfter: ((event: StreamResponse) => boolean) | undefined;
}

const plainWriter: EventWriter = { write: (event) => event, endsAfter: undefined };

/** A2A's own methods in every dialect and those of the extensions, each with what stands before it. */
function createMethods({ operations, dialects, extensions }: JsonRpcDeps) {
  const methods = new Map<string, Method<GatedContext>>();
  const rules = new Map<string, MethodRule>();
  const writers = new Map<string, EventWriter>();
  for (const dialect of dialects) {
    // Object.entries forgets that the keys are the record's own.
    for (const [operation, name] of Object.entries(dialect.methods) as [OperationName, string][]) {
      const { readParams, writeResult } = dialect.server;
      const handle = operations[operation];
      methods.set(name, {
        handle: (params, context) => handle(readParams(operation, params), context),
        // The table pairs each operation with its result; TypeScript cannot follow that through a variable name.
        write: (result) => (result instanceof StreamReply ? result : writeResult(operation, result as never)),
      });
      rules.set(name, { public: false, version: dialect.version, streams: isStreaming(operation) });
      writers.set(name, {
        write: (event) => writeResult('subscribeToTask', event),
        endsAfter: dialect.server.endsStreamAfter,
      });
    }
  }
  for (const { uri, methods: own = {} } of extensions) {
    for (const [name, method] of Object.entries(own)) {
      if (methods.has(name)) throw new Error(`Two methods are named ${name}`);
      methods.set(name, { handle: (params, context) => method.handle(params, context) });
      rules.set(name, { public: method.public ?? false, version: '1.0', extension: uri });
    }
  }
  return { methods, rules, writers };
}

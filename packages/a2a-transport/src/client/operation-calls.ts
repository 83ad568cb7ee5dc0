import type { StreamResponse } from '@skein/contracts/a2a';
import type { Clock, Random } from '@skein/contracts/runtime';
import { v03Dialect } from '../dialects/v0-3/dialect.ts';
import { v1 } from '../dialects/v1.ts';
import { A2AClientError } from '../errors.ts';
import { createRequests, readResult } from '../json-rpc/caller.ts';
import type { OperationName, Operations, StreamingOperation } from '../operations/operation.ts';
import { CallDeadlines } from './call-deadlines.ts';
import type { A2AClientOptions, CallOptions } from './client-options.ts';
import { streamResults } from './event-reader.ts';
import { readOperationResult } from './operation-results.ts';
import { assertActivated, type Endpoint, post } from './post.ts';
import { readJson } from './read-body.ts';
import { type HeardEvent, resumedStream } from './resumed-stream.ts';

const dialects = { '1.0': v1, '0.3': v03Dialect };

/** The three ways of calling: a method by its name, an operation, and an operation that answers with a stream. */
export function createOperationCalls(options: A2AClientOptions & { clock: Clock; random: Random }) {
  const { endpoint, http, authorize, extensions = [], clock, random, tenant, version = '1.0' } = options;
  const { timeoutMs: usualMs = 30_000, idleTimeoutMs = 45_000, maxReplyBytes = 1_048_576 } = options;
  const { resumeForMs = extensions.length > 0 ? 0 : 60_000 } = options;
  const dialect = dialects[version];
  const to: Endpoint = { endpoint, http, version, authorize, extensions, maxReplyBytes, clock };
  const deadlines = new CallDeadlines(clock);
  const requestOf = createRequests();

  function call(method: string, params: unknown, { signal, timeoutMs = usualMs }: CallOptions = {}): Promise<unknown> {
    return deadlines.within(timeoutMs, `The reply to ${method}`, signal, async (deadline) => {
      const request = requestOf(method, params);
      const reply = await post(to, request, { accept: 'application/json', deadline });
      const result = readResult(await readJson(reply, maxReplyBytes), request);
      assertActivated(reply, extensions);
      return result;
    });
  }

  async function ask<Name extends OperationName>(
    operation: Name,
    params: Operations[Name]['params'],
    how?: CallOptions,
  ) {
    const result = await call(methodOf(operation), write(operation, params), how);
    return readOperationResult(dialect, operation, result);
  }

  async function* open<Name extends StreamingOperation>(
    operation: Name,
    params: Operations[Name]['params'],
    { signal, timeoutMs = usualMs, lastEventId }: StreamCallOptions = {},
  ): AsyncGenerator<HeardEvent, void, undefined> {
    const request = requestOf(methodOf(operation), write(operation, params));
    const results = streamResults({ to, deadlines }, request, { signal, timeoutMs, idleTimeoutMs, lastEventId });
    for await (const { result, id } of results) yield { event: readOperationResult(dialect, operation, result), id };
  }

  function stream<Name extends StreamingOperation>(
    operation: Name,
    params: Operations[Name]['params'],
    how: StreamCallOptions = {},
  ): AsyncIterable<StreamResponse> {
    const tenantOf = params.tenant === undefined ? {} : { tenant: params.tenant };
    return resumedStream(open(operation, params, how), {
      ...{ patienceMs: resumeForMs, needsId: extensions.length > 0, clock, random, signal: how.signal },
      subscribe: (id, lastEventId) => open('subscribeToTask', { ...tenantOf, id }, { ...how, lastEventId }),
      find: (id) => ask('getTask', { ...tenantOf, id }, how),
    });
  }

  function methodOf(operation: OperationName): string {
    const method = dialect.methods[operation];
    if (method !== undefined) return method;
    throw new A2AClientError('NOT_OFFERED', `A2A v${version} has no ${operation} over JSON-RPC`);
  }

  function write<Name extends OperationName>(operation: Name, params: Operations[Name]['params']): unknown {
    const meant = tenant === undefined || params.tenant !== undefined ? params : { ...params, tenant };
    return dialect.client.writeParams(operation, meant);
  }

  return { call, ask, stream };
}

interface StreamCallOptions extends CallOptions {
  lastEventId?: string | undefined;
}

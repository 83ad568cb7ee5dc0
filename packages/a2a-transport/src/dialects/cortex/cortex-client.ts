/** Sends directives to a CortexPrism instance in its own dialect. What its stock build answers wrongly is told by name. */
import { type Clock, systemClock } from '@skein/contracts/runtime';
import { CallDeadlines } from '../../client/call-deadlines.ts';
import type { HttpPort, HttpReply } from '../../client/http-port.ts';
import { type Endpoint, post } from '../../client/post.ts';
import { discard, readJson } from '../../client/read-body.ts';
import { A2AClientError } from '../../errors.ts';
import { JsonRpcReply } from '../../json-rpc/envelope.ts';
import { readJsonRpcError } from '../../json-rpc/errors.ts';
import { type CortexDirective, writeCortexDirective } from './cortex-directive.ts';
import { type CortexTask, readCortexTask } from './cortex-task.ts';

export interface CortexClientOptions {
  /** Where it answers; a stock build does so at `/api/a2a` alone. */
  endpoint: string;
  /** The caller's to close. */
  http: HttpPort;
  /** @default the system's */
  clock?: Clock;
  /** Largest reply in bytes. @default 4 MiB */
  maxReplyBytes?: number;
}

export interface CortexCallOptions {
  /** An abort rejects with its reason. */
  signal?: AbortSignal;
  /** For the whole reply, in milliseconds: a send is answered when the work is done. @default 120_000 */
  timeoutMs?: number;
}

/** Errors of all calls: A2AClientError, `NOT_A2A` where the page of its user interface answers. */
export interface CortexClient {
  /** Resolves when it is done. CortexPrism knows no id again: what is sent twice is done twice. */
  send(directive: CortexDirective, options?: CortexCallOptions): Promise<CortexTask>;
  /** Undefined where it does not know the task, as after a restart. */
  getTask(id: string, options?: CortexCallOptions): Promise<CortexTask | undefined>;
}

const USUAL_TIMEOUT_MS = 120_000;

export function createCortexClient(options: CortexClientOptions): CortexClient {
  const { endpoint, http, clock = systemClock, maxReplyBytes = 4 * 1_048_576 } = options;
  const to: Endpoint = { endpoint, http, version: '1.0', authorize: undefined, extensions: [], maxReplyBytes, clock };
  const deadlines = new CallDeadlines(clock);

  function call(method: string, id: string, params: unknown, asked: CortexCallOptions): Promise<unknown> {
    const { timeoutMs = USUAL_TIMEOUT_MS, signal } = asked;
    return deadlines.within(timeoutMs, `The reply to ${method}`, signal, async (deadline) => {
      const payload = { jsonrpc: '2.0', id, method, params };
      const reply = await post(to, payload, { accept: 'application/json', deadline });
      assertNoPage(reply, endpoint);
      return resultOf(await readJson(reply, maxReplyBytes));
    });
  }

  return {
    send: async (directive, asked = {}) =>
      readCortexTask(await call('SendMessage', directive.messageId, writeCortexDirective(directive), asked)),
    async getTask(id, asked = {}) {
      const task = await call('GetTask', id, { id }, asked);
      return task === null ? undefined : readCortexTask(task);
    },
  };
}

/** A stock build sends every path but `/api/*` to its user interface, and that answers whatever is asked with 200. */
function assertNoPage(reply: HttpReply, endpoint: string): void {
  if (!/^text\/html\b/i.test(reply.headers.get('content-type') ?? '')) return;
  discard(reply.body[Symbol.asyncIterator]());
  const instead = `${new URL(endpoint).origin}/api/a2a`;
  const advice = endpoint === instead ? 'is this CortexPrism?' : 'try /api/a2a';
  throw new A2AClientError('NOT_A2A', `found the UI, not A2A; ${advice}`, { status: reply.status });
}

function resultOf(body: unknown): unknown {
  const reply = JsonRpcReply.safeParse(body);
  if (!reply.success)
    throw new A2AClientError('INVALID_REPLY', 'The reply is not JSON-RPC', { status: 200, cause: reply.error });
  if (!('error' in reply.data)) return reply.data.result;
  const rpc = readJsonRpcError(reply.data.error);
  throw new A2AClientError('RPC_ERROR', rpc.message, { status: 200, rpc });
}

import type { StreamResponse, Task } from '@skein/contracts/a2a';
import { type Clock, deadlineSignal } from '@skein/contracts/runtime';
import { orAborted } from '../client/deadline.ts';
import type { HttpPort, HttpReply } from '../client/http-port.ts';
import { retryAfterMs, send } from '../client/post.ts';
import { discard } from '../client/read-body.ts';
import { A2AClientError } from '../errors.ts';
import { credentialHeaders } from './delivery-headers.ts';
import type { StoredPushConfig } from './push-config-store.ts';

export interface DeliveryDeps {
  http: HttpPort;
  clock: Clock;
  /** The body for receivers of A2A v0.3: the whole task, with the event that changed it. @default as v1.0's */
  writeV03: ((event: StreamResponse, task?: Task) => unknown) | undefined;
  /** How long the receiver may take to answer, in milliseconds. */
  timeoutMs: number;
}

/** One event of a task's log, or a snapshot of the task in place of several. */
export interface Notification {
  seq: number;
  event: StreamResponse;
  /** The task as a whole, where the receiver is told it. */
  task?: Task;
  /** Nothing follows it. */
  last: boolean;
}

/** How a receiver took it. A failure's reason is for the owner: it tells nothing about hosts that may not be reached. */
export type DeliveryOutcome =
  | { status: 'taken' }
  | { status: 'failed'; reason: string; gone: boolean; retryAfterMs?: number | undefined; cause?: unknown };

/** Of a reply only the status counts; reading this much of the rest lets the connection be used again. */
const MAX_REPLY_BYTES = 1_048_576;

/** Posts one notification. Rejects only with the signal's reason, once that aborts. */
export async function deliver(
  to: StoredPushConfig,
  notification: Notification,
  deps: DeliveryDeps,
  signal: AbortSignal,
): Promise<DeliveryOutcome> {
  const { http, clock, timeoutMs } = deps;
  const late = () => new A2AClientError('TIMEOUT', `The receiver did not answer within ${timeoutMs} ms`);
  const deadline = deadlineSignal(clock, timeoutMs, late, signal);
  try {
    const reply = await send(http, { ...request(to, notification, deps), signal: deadline.signal });
    await drain(reply, deadline.signal);
    if (reply.status >= 200 && reply.status < 300) return { status: 'taken' };
    return {
      status: 'failed',
      reason: `The receiver answered ${reply.status}`,
      gone: reply.status === 410,
      retryAfterMs: retryAfterMs(reply.headers, clock),
    };
  } catch (cause) {
    if (signal.aborted) throw signal.reason;
    const timeout = cause instanceof A2AClientError && cause.code === 'TIMEOUT';
    return { status: 'failed', reason: timeout ? cause.message : 'The receiver cannot be reached', gone: false, cause };
  } finally {
    deadline.clear();
  }
}

function request(to: StoredPushConfig, { event, task, seq }: Notification, { writeV03 }: DeliveryDeps) {
  const old = to.protocolVersion === '0.3' && writeV03 !== undefined;
  const payload = old ? writeV03(event, task) : event;
  return {
    method: 'POST' as const,
    url: to.config.url,
    headers: {
      'content-type': old ? 'application/json' : 'application/a2a+json',
      'a2a-version': old ? '0.3' : '1.0',
      // The same for each attempt, so that a receiver can tell a repetition.
      'idempotency-key': `"${encodeURIComponent(to.taskId)}:${seq}"`,
      ...credentialHeaders(to.config),
    },
    body: new TextEncoder().encode(JSON.stringify(payload)),
  };
}

/** Reads a reply to its end, or gives it up. What it says does not matter, nor whether it can be read. */
async function drain({ body }: HttpReply, signal: AbortSignal): Promise<void> {
  const source = body[Symbol.asyncIterator]();
  let length = 0;
  try {
    while (length <= MAX_REPLY_BYTES) {
      const next = await orAborted(source.next(), signal);
      if (next.done) return;
      length += next.value.byteLength;
    }
  } catch {
    // the status has come: the rest is a courtesy
  }
  discard(source);
}

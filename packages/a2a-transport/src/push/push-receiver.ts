import { createHash, timingSafeEqual } from 'node:crypto';
import { StreamResponse } from '@skein/contracts/a2a';
import { type Logger, silentLogger } from '@skein/contracts/runtime';
import { type Context, Hono } from 'hono';
import { assertSafeJson, MAX_JSON_DEPTH } from '../json-rpc/safe-json.ts';
import { readBody } from '../server/request-body.ts';

/** What came with a notification, beside its event. */
export interface PushNotice {
  /** Of which task the event tells. */
  taskId: string;
  /** The same for each delivery of one event, where its sender says so. */
  key: string | undefined;
}

export interface PushReceiverOptions {
  /** The `token` of the configuration. */
  token?: string;
  /** The `authentication` of the configuration. */
  authentication?: { scheme: string; credentials: string };
  /**
   * Takes one event. Acknowledged once it resolves; where it rejects, the sender is asked to come again. A sender waits
   * some 10 s: what takes longer is put aside here and worked on later.
   */
  onEvent(event: StreamResponse, notice: PushNotice): void | Promise<void>;
  /** Where notifications come in. @default '/' */
  path?: string;
  /** Largest notification in bytes. @default 4_194_304 */
  maxBodyBytes?: number;
  /** Events whose repetitions are known. @default 1_000 */
  remembered?: number;
  /** Told where `onEvent` failed. @default says nothing */
  logger?: Logger;
}

/**
 * Receives push notifications of A2A v1.0: a Hono app to mount. It lets in who knows the secrets, compared in constant
 * time, and takes an event that is delivered twice but once, as far as its sender marks it.
 */
export function createPushReceiver(options: PushReceiverOptions): Hono {
  const { token, authentication, onEvent, path = '/', maxBodyBytes = 4_194_304, remembered = 1_000 } = options;
  const { logger = silentLogger } = options;
  if (!token && !authentication) {
    throw new TypeError('A push receiver needs the token or the authentication of its configuration');
  }
  const taking = createOnce(remembered);

  return new Hono().post(path, async (c) => {
    if (!isKnown(c, token, authentication)) return c.body(null, 401);
    const body = await readBody(c.req.raw, maxBodyBytes);
    if (body.status === 'too_large') return c.body(null, 413);
    const event = readEvent(body.bytes);
    const taskId = event && taskIdOf(event);
    if (!event || taskId === undefined) return c.body(null, 400);
    const key = c.req.header('idempotency-key');
    try {
      await taking(key, async () => onEvent(event, { taskId, key }));
      return c.body(null, 204);
    } catch (error) {
      logger.error('push notification was not taken', { taskId, error });
      return c.body(null, 500);
    }
  });
}

/**
 * Where the configuration has both secrets, the authentication decides, and a token that comes has to be right, too: the
 * official SDKs send but one of the two.
 */
function isKnown(
  c: Context,
  token: string | undefined,
  authentication: PushReceiverOptions['authentication'],
): boolean {
  const given = c.req.header('x-a2a-notification-token');
  const tokenIsRight = given !== undefined && isSame(given, token ?? '');
  if (!authentication) return tokenIsRight;
  const [scheme = '', ...rest] = (c.req.header('authorization') ?? '').split(' ');
  const schemeIsRight = scheme.toLowerCase() === authentication.scheme.toLowerCase();
  const credentialsAreRight = isSame(rest.join(' '), authentication.credentials);
  return schemeIsRight && credentialsAreRight && (!token || given === undefined || tokenIsRight);
}

/** Takes as long wherever the two differ: their hashes are compared, which are of one length. */
function isSame(given: string, secret: string): boolean {
  const [a, b] = [given, secret].map((text) => createHash('sha256').update(text).digest());
  return a !== undefined && b !== undefined && timingSafeEqual(a, b);
}

function readEvent(bytes: Uint8Array): StreamResponse | undefined {
  try {
    const json: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    assertSafeJson(json, MAX_JSON_DEPTH);
    const read = StreamResponse.safeParse(json);
    return read.success ? read.data : undefined;
  } catch {
    return undefined; // not UTF-8, not JSON, or JSON that is not safe: all the same to its sender
  }
}

function taskIdOf(event: StreamResponse): string | undefined {
  if ('task' in event) return event.task.id;
  if ('message' in event) return event.message.taskId;
  return 'statusUpdate' in event ? event.statusUpdate.taskId : event.artifactUpdate.taskId;
}

/** Does a step once for each key, as long as the key is remembered; a step that failed may be done again. */
function createOnce(remembered: number): (key: string | undefined, step: () => Promise<void>) => Promise<void> {
  const steps = new Map<string, Promise<void>>();
  return (key, step) => {
    if (key === undefined) return step();
    const known = steps.get(key);
    if (known) return known;
    const doing = step();
    steps.set(key, doing);
    const [oldest] = steps.keys();
    if (steps.size > remembered && oldest !== undefined) steps.delete(oldest);
    doing.catch(() => steps.delete(key));
    return doing;
  };
}

/** Why A2A itself refuses, in the specification's words. Their numbers live in `json-rpc/errors.ts` alone. */
export type A2AReason =
  | 'PARSE_ERROR'
  | 'INVALID_REQUEST'
  | 'METHOD_NOT_FOUND'
  | 'INVALID_PARAMS'
  | 'INTERNAL_ERROR'
  | 'TASK_NOT_FOUND'
  | 'TASK_NOT_CANCELABLE'
  | 'PUSH_NOTIFICATION_NOT_SUPPORTED'
  | 'UNSUPPORTED_OPERATION'
  | 'CONTENT_TYPE_NOT_SUPPORTED'
  | 'INVALID_AGENT_RESPONSE'
  | 'EXTENDED_AGENT_CARD_NOT_CONFIGURED'
  | 'EXTENSION_SUPPORT_REQUIRED'
  | 'VERSION_NOT_SUPPORTED';

/** A parameter that is not what it should be. */
export interface FieldViolation {
  /** Path in the parameters, such as `message.parts`. */
  field: string;
  description: string;
}

interface A2AErrorOptions {
  metadata?: Record<string, string>;
  fieldViolations?: readonly FieldViolation[];
  cause?: unknown;
}

/** A refusal that A2A has a word for. Its message reaches the caller. */
export class A2AError extends Error {
  override readonly name = 'A2AError';
  readonly reason: A2AReason;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly fieldViolations: readonly FieldViolation[] | undefined;

  constructor(reason: A2AReason, message: string, options: A2AErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.reason = reason;
    this.metadata = options.metadata;
    this.fieldViolations = options.fieldViolations;
  }
}

/** The same words for what is not there and for what is somebody else's. */
export function taskNotFound(taskId: string): A2AError {
  return new A2AError('TASK_NOT_FOUND', 'Task not found', { metadata: { taskId } });
}

interface ApplicationErrorOptions {
  /** Whose word `reason` is, as in `google.rpc.ErrorInfo`. */
  domain: string;
  /** UPPER_SNAKE_CASE, for machines. */
  reason: string;
  /** For people; it reaches the caller. */
  message: string;
  metadata?: Record<string, string>;
  /** JSON-RPC error code. @default −31000, which neither JSON-RPC nor A2A reserves */
  code?: number;
  /** @default 200, as JSON-RPC answers */
  httpStatus?: number;
  /** Sent as `Retry-After`, rounded up to whole seconds. */
  retryAfterMs?: number;
  cause?: unknown;
}

/** A refusal of an extension or of the application, with a domain of its own. */
export class ApplicationError extends Error {
  override readonly name = 'ApplicationError';
  readonly domain: string;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly code: number | undefined;
  readonly httpStatus: number | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(options: ApplicationErrorOptions) {
    super(options.message, { cause: options.cause });
    const { domain, reason, code = 0 }: { domain: unknown; reason: unknown; code?: unknown } = options;
    if (typeof domain !== 'string' || typeof reason !== 'string' || !Number.isInteger(code)) {
      throw new TypeError(
        'An ApplicationError has a domain, a reason such as "QUOTA_EXCEEDED", and a number as its code',
      );
    }
    this.domain = options.domain;
    this.reason = options.reason;
    this.metadata = options.metadata;
    this.code = options.code;
    this.httpStatus = options.httpStatus;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/**
 * How a call can fail on the client's side.
 *
 * - `UNREACHABLE`: no connection, so no byte was accepted and nothing happened there.
 * - `BROKEN`: the connection died after sending began; whether the peer acted is unknown.
 * - `TIMEOUT`: likewise, with silence in place of a broken connection.
 * - `HTTP_STATUS`: an answer that is no success; `status`, and `rpc` when the body held a JSON-RPC error.
 * - `RPC_ERROR`: a JSON-RPC error under HTTP 200.
 * - `INVALID_REPLY`: an answer that A2A does not allow, or one that is too large.
 * - `NOT_A2A`: a page for people where an endpoint was expected, so nothing happened there.
 * - `EXTENSION_NOT_ACTIVATED`: success, without the echo of the extensions that were asked for.
 * - `NOT_OFFERED`: the agent's card has no interface that is spoken here or that may be called, or the version of A2A that
 *   is spoken has no such operation; nothing was sent.
 * - `CARD_NOT_TRUSTED`: an agent card that its pinned keys, hash or versions do not vouch for; the message says why.
 */
export type A2AClientErrorCode =
  | 'UNREACHABLE'
  | 'BROKEN'
  | 'TIMEOUT'
  | 'HTTP_STATUS'
  | 'RPC_ERROR'
  | 'INVALID_REPLY'
  | 'NOT_A2A'
  | 'EXTENSION_NOT_ACTIVATED'
  | 'NOT_OFFERED'
  | 'CARD_NOT_TRUSTED';

/** What the peer said in its JSON-RPC error. */
export interface RpcFailure {
  code: number;
  message: string;
  reason?: string;
  domain?: string;
  metadata?: Record<string, string>;
}

interface A2AClientErrorOptions {
  status?: number | undefined;
  retryAfterMs?: number | undefined;
  rpc?: RpcFailure | undefined;
  cause?: unknown;
}

/** Why a call failed. `status`, `retryAfterMs` (of `Retry-After`) and `rpc` are there where the peer answered. */
export class A2AClientError extends Error {
  override readonly name = 'A2AClientError';
  readonly code: A2AClientErrorCode;
  readonly status: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly rpc: RpcFailure | undefined;

  constructor(code: A2AClientErrorCode, message: string, options: A2AClientErrorOptions = {}) {
    super(message, { cause: options.cause });
    this.code = code;
    this.status = options.status;
    this.retryAfterMs = options.retryAfterMs;
    this.rpc = options.rpc;
  }
}

/** Every way in which REST says no: one body, and the status that belongs to each reason. */
import type { DirectiveError, ErrorBody } from '@skein/contracts';
import { SwarmError, type SwarmErrorCode } from '@skein/swarm';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** Thrown by doors; `reason` is for programs and never changes, the message says what to do. */
export class Refusal extends Error {
  readonly status: ContentfulStatusCode;
  readonly reason: string;
  readonly metadata: Readonly<Record<string, string>> | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ContentfulStatusCode,
    reason: string,
    message: string,
    options: {
      metadata?: Readonly<Record<string, string>>;
      headers?: Readonly<Record<string, string>>;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'Refusal';
    this.status = status;
    this.reason = reason;
    this.metadata = options.metadata;
    this.headers = options.headers ?? {};
  }

  get body(): ErrorBody {
    const error: DirectiveError = { reason: this.reason, message: this.message };
    if (this.metadata && Object.keys(this.metadata).length > 0) error.metadata = { ...this.metadata };
    return { error };
  }
}

/** A forgotten code does not compile. */
const statusOf = {
  INVALID_ARGUMENT: 400,
  UNKNOWN_NODE: 404,
  DIRECTIVE_NOT_FOUND: 404,
  DIRECTIVE_CONFLICT: 409,
  JOIN_REFUSED: 403,
  PEER_UNREACHABLE: 502,
  PEER_NOT_TRUSTED: 403,
  INVALID_TOKEN: 403,
  INVALID_SIGNATURE: 403,
  ILLEGAL_TRANSITION: 409,
  STORE_UNAVAILABLE: 503,
  NODE_STOPPED: 503,
  NODE_SEALED: 409,
  NO_MATCHING_NODE: 404,
  AGENT_NOT_FOUND: 404,
  AGENT_ENDED: 409,
  AGENTS_RUNNING: 409,
  FORBIDDEN: 403,
  UNKNOWN_NAMESPACE: 404,
  STATE_REFUSED: 422,
  SYNC_FAILED: 502,
  MAILBOX_FULL: 409,
} as const satisfies Record<SwarmErrorCode, ContentfulStatusCode>;

/** What a caller hears of anything that was thrown. What nobody foresaw is told without its details: they go to the log. */
export function refusalFor(cause: unknown): Refusal {
  if (cause instanceof Refusal) return cause;
  if (cause instanceof SwarmError) {
    const status = statusOf[cause.code];
    const headers = status === 503 ? { 'Retry-After': '1' } : {};
    return new Refusal(status, cause.code.toLowerCase(), cause.message, { metadata: cause.metadata, headers, cause });
  }
  return new Refusal(500, 'internal', 'something went wrong in this node; its log says what', { cause });
}

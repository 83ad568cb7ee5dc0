/** What a failed send means for its directive. A time-out is never a failure: the receiver may be at work. */
import { A2AClientError } from '@skein/a2a-transport';
import { type DirectiveError, ERROR_DOMAIN } from '@skein/contracts';
import { SwarmError } from '../errors.ts';

/** The end of a send that needs no guessing: whoever reached the receiver, or may have, knows what it means. */
export class SendEnded extends Error {
  override readonly name = 'SendEnded';
  /** `unknown`: it may have been carried out, and nobody can be asked. */
  readonly outcome: 'rejected' | 'failed' | 'unknown';
  readonly error: DirectiveError;

  constructor(outcome: SendEnded['outcome'], error: DirectiveError) {
    super(error.message);
    this.outcome = outcome;
    this.error = error;
  }
}

export type SendFailure =
  /** Nobody knows whether the receiver has it: send again, and never decide alone. */
  | { outcome: 'open'; reason: string }
  /** The receiver has it not, for now: send again later. */
  | { outcome: 'refused'; reason: string; retryAfterMs: number | undefined }
  /** The receiver will never take it. */
  | { outcome: 'rejected'; error: DirectiveError }
  /** The receiver does not know what a directive is. */
  | { outcome: 'failed'; error: DirectiveError }
  /** The receiver may have it, and it can neither be asked nor sent again. */
  | { outcome: 'unknown'; error: DirectiveError };

/** The reason of a send of which no byte arrived. */
export const UNREACHED = 'peer_unreachable';
/** That of one whose connection broke before the answer: A2AClientError's code, as a reason. */
export const BROKEN = 'broken';

/** Errors in A2A's and JSON-RPC's words that no second try will change. */
const permanent = new Set([
  'METHOD_NOT_FOUND',
  'INVALID_PARAMS',
  'INVALID_REQUEST',
  'UNSUPPORTED_OPERATION',
  'CONTENT_TYPE_NOT_SUPPORTED',
  'EXTENSION_SUPPORT_REQUIRED',
  'VERSION_NOT_SUPPORTED',
]);

export function classifyFailure(cause: unknown): SendFailure {
  if (cause instanceof SendEnded) return { outcome: cause.outcome, error: cause.error };
  if (cause instanceof SwarmError && cause.metadata.reason === 'target_sealed')
    return { outcome: 'rejected', error: { reason: 'node_sealed', message: cause.message } };
  if (cause instanceof SwarmError)
    return { outcome: 'refused', reason: cause.code.toLowerCase(), retryAfterMs: undefined };
  if (!(cause instanceof A2AClientError)) return { outcome: 'open', reason: 'reply_unreadable' };
  const { code, status, rpc, retryAfterMs } = cause;
  if (code === 'UNREACHABLE') return { outcome: 'refused', reason: UNREACHED, retryAfterMs: undefined };
  if (code === 'EXTENSION_NOT_ACTIVATED')
    return {
      outcome: 'failed',
      error: {
        reason: 'extension_not_activated',
        message: 'the peer answered, but does not speak the swarm extension',
      },
    };
  const reason = (rpc?.metadata?.reason ?? rpc?.reason ?? code).toLowerCase();
  const rejected: SendFailure = { outcome: 'rejected', error: { reason, message: rpc?.message ?? cause.message } };
  if (reason === 'clock_skew') return { outcome: 'refused', reason, retryAfterMs }; // the clock's offset is known by now
  if (status === 401 || status === 403) return rejected;
  if ((status === 429 || status === 503) && rpc?.domain === ERROR_DOMAIN)
    return { outcome: 'refused', reason, retryAfterMs };
  if (rpc?.reason && permanent.has(rpc.reason)) return rejected;
  return { outcome: 'open', reason };
}

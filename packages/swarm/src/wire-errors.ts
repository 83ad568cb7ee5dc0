/** Our refusals on the wire: a reason of our own domain, and an HTTP status that proxies understand. */
import { ApplicationError } from '@skein/a2a-transport';
import { ERROR_DOMAIN } from '@skein/contracts';
import { SwarmError } from './errors.ts';

export function refuse(
  reason: string,
  message: string,
  httpStatus: number,
  metadata?: Record<string, string>,
  cause?: unknown,
): ApplicationError {
  return new ApplicationError({
    domain: ERROR_DOMAIN,
    reason,
    message,
    httpStatus,
    ...(metadata && { metadata }),
    ...(cause !== undefined && { cause }),
  });
}

/** How soon it is worth the caller's while to ask again. */
const RETRY_AFTER_MS = 1_000;

/**
 * Does what changes nothing before it fails, or may be done twice. A node whose stores are away, or that is not running,
 * says so, and when to come again.
 */
export async function orForNow<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    if (!(cause instanceof SwarmError) || (cause.code !== 'STORE_UNAVAILABLE' && cause.code !== 'NODE_STOPPED'))
      throw cause;
    throw new ApplicationError({
      ...{ domain: ERROR_DOMAIN, reason: 'STORE_UNAVAILABLE', httpStatus: 503, retryAfterMs: RETRY_AFTER_MS, cause },
      message: 'the node cannot answer for now: call again',
    });
  }
}

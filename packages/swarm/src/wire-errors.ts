/** Our refusals on the wire: a reason of our own domain, and an HTTP status that proxies understand. */
import { ApplicationError } from '@skein/a2a-transport';
import { ERROR_DOMAIN } from '@skein/contracts';

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

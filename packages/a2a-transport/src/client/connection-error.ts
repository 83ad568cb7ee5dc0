import { A2AClientError } from '../errors.ts';

/** Failures of resolving, connecting and shaking hands: none of them lets a byte of the request through. */
const beforeSending =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|ERR_INVALID_URL|UND_ERR_CONNECT_TIMEOUT|UND_ERR_INVALID_ARG|ERR_TLS_.*|ERR_SSL_.*|CERT_.*|DEPTH_ZERO_.*|SELF_SIGNED_.*|UNABLE_TO_.*)$/;

/** What an error of undici, or of Node beneath it, means for the caller. */
export function connectionError(cause: unknown): A2AClientError {
  if (cause instanceof A2AClientError) return cause; // whoever opened the socket has said it already
  const { code, syscall, message } = read(cause);
  const unsent = syscall === 'connect' || syscall === 'getaddrinfo' || beforeSending.test(code);
  return unsent
    ? new A2AClientError('UNREACHABLE', `The peer cannot be reached: ${code || message}`, { cause })
    : new A2AClientError('BROKEN', `The connection broke: ${code || message}`, { cause });
}

function read(cause: unknown): { code: string; syscall: string; message: string } {
  // Several addresses failed: they failed alike.
  if (cause instanceof AggregateError && cause.errors.length > 0) return read(cause.errors[0]);
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const error: { code?: unknown; syscall?: unknown; message?: unknown } = cause instanceof Error ? cause : {};
  return { code: text(error.code), syscall: text(error.syscall), message: text(error.message) };
}

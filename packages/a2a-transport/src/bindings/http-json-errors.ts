import { type A2AReason, ApplicationError } from '../errors.ts';
import { isRefusal, toJsonRpcError } from '../json-rpc/errors.ts';

/** How HTTP says each of A2A's reasons: its status, and the word of google.rpc.Code for it. */
const statuses = {
  PARSE_ERROR: [400, 'INVALID_ARGUMENT'],
  INVALID_REQUEST: [400, 'INVALID_ARGUMENT'],
  METHOD_NOT_FOUND: [404, 'NOT_FOUND'],
  INVALID_PARAMS: [400, 'INVALID_ARGUMENT'],
  INTERNAL_ERROR: [500, 'INTERNAL'],
  TASK_NOT_FOUND: [404, 'NOT_FOUND'],
  TASK_NOT_CANCELABLE: [400, 'FAILED_PRECONDITION'],
  PUSH_NOTIFICATION_NOT_SUPPORTED: [400, 'FAILED_PRECONDITION'],
  UNSUPPORTED_OPERATION: [400, 'FAILED_PRECONDITION'],
  CONTENT_TYPE_NOT_SUPPORTED: [400, 'INVALID_ARGUMENT'],
  INVALID_AGENT_RESPONSE: [500, 'INTERNAL'],
  EXTENDED_AGENT_CARD_NOT_CONFIGURED: [400, 'FAILED_PRECONDITION'],
  EXTENSION_SUPPORT_REQUIRED: [400, 'FAILED_PRECONDITION'],
  VERSION_NOT_SUPPORTED: [400, 'FAILED_PRECONDITION'],
} as const satisfies Record<A2AReason, readonly [number, string]>;

/** Statuses that an application or the reception chooses. */
const words: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  413: 'INVALID_ARGUMENT',
  429: 'RESOURCE_EXHAUSTED',
  503: 'UNAVAILABLE',
};

/** google.rpc.Status as JSON, with the HTTP status that goes with it. `given` is the reception's own word. */
export function toHttpError(cause: unknown, given?: number): { status: number; body: { error: object } } {
  const { message, data } = toJsonRpcError(cause);
  const [usual, usualWord] = usualStatus(cause);
  const status = given ?? usual;
  const word = given === undefined ? usualWord : (words[given] ?? 'INTERNAL');
  return { status, body: { error: { code: status, status: word, message, details: data } } };
}

function usualStatus(cause: unknown): readonly [number, string] {
  if (!isRefusal(cause)) return statuses.INTERNAL_ERROR;
  if (!(cause instanceof ApplicationError)) return statuses[cause.reason];
  const { httpStatus = 400 } = cause;
  return [httpStatus, words[httpStatus] ?? 'FAILED_PRECONDITION'];
}

import * as z from 'zod';
import { A2AError, type A2AReason, ApplicationError, type RpcFailure } from '../errors.ts';
import type { JsonRpcError } from './envelope.ts';

/** Meaning to number and back. No other file knows these numbers. */
const codes = {
  PARSE_ERROR: -32700,
  INVALID_REQUEST: -32600,
  METHOD_NOT_FOUND: -32601,
  INVALID_PARAMS: -32602,
  INTERNAL_ERROR: -32603,
  TASK_NOT_FOUND: -32001,
  TASK_NOT_CANCELABLE: -32002,
  PUSH_NOTIFICATION_NOT_SUPPORTED: -32003,
  UNSUPPORTED_OPERATION: -32004,
  CONTENT_TYPE_NOT_SUPPORTED: -32005,
  INVALID_AGENT_RESPONSE: -32006,
  EXTENDED_AGENT_CARD_NOT_CONFIGURED: -32007,
  EXTENSION_SUPPORT_REQUIRED: -32008,
  VERSION_NOT_SUPPORTED: -32009,
} as const satisfies Record<A2AReason, number>;

/** Outside the ranges that JSON-RPC (−32768…−32000) and A2A reserve. */
const applicationCode = -31000;

const a2aDomain = 'a2a-protocol.org';
const badRequestType = 'type.googleapis.com/google.rpc.BadRequest';
const errorInfoType = 'type.googleapis.com/google.rpc.ErrorInfo';

const reasons = new Map<number, string>(Object.entries(codes).map(([reason, code]) => [code, reason]));

function errorInfo(domain: string, reason: string, metadata: Readonly<Record<string, string>> | undefined) {
  const info = { '@type': errorInfoType, reason, domain };
  return metadata && Object.keys(metadata).length > 0 ? { ...info, metadata } : info;
}

/** Whether the failure was meant for the caller. Anything else is a fault of ours, told to the log alone. */
export function isRefusal(cause: unknown): cause is A2AError | ApplicationError {
  return cause instanceof A2AError || cause instanceof ApplicationError;
}

/** The error object for the wire. What is unknown becomes an internal error, without a word of its text. */
export function toJsonRpcError(cause: unknown): JsonRpcError {
  if (cause instanceof ApplicationError) {
    const { code = applicationCode, message, domain, reason, metadata } = cause;
    return { code, message, data: [errorInfo(domain, reason, metadata)] };
  }
  if (cause instanceof A2AError) {
    const { message, reason, metadata, fieldViolations } = cause;
    const info = errorInfo(a2aDomain, reason, metadata);
    const data = fieldViolations ? [info, { '@type': badRequestType, fieldViolations }] : [info];
    return { code: codes[reason], message, data };
  }
  const reason: A2AReason = 'INTERNAL_ERROR';
  return { code: codes[reason], message: 'Internal error', data: [errorInfo(a2aDomain, reason, undefined)] };
}

const ErrorInfo = z.looseObject({
  '@type': z.literal(errorInfoType),
  reason: z.string(),
  domain: z.string(),
  metadata: z.record(z.string(), z.string()).optional(),
});

/** What a peer's error means: its ErrorInfo where there is one, else what its number means in A2A. */
export function readJsonRpcError(error: JsonRpcError): RpcFailure {
  const { code, message } = error;
  for (const detail of Array.isArray(error.data) ? error.data : []) {
    const info = ErrorInfo.safeParse(detail);
    if (!info.success) continue;
    const { reason, domain, metadata } = info.data;
    return { code, message, reason, domain, ...(metadata && { metadata }) };
  }
  const reason = reasons.get(code);
  return reason === undefined ? { code, message } : { code, message, reason, domain: a2aDomain };
}

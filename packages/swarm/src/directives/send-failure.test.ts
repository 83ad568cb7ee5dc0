import { A2AClientError, type A2AClientErrorCode } from '@skein/a2a-transport';
import { expect, test } from 'vitest';
import { SwarmError } from '../errors.ts';
import { classifyFailure, type SendFailure } from './send-failure.ts';

type Facts = ConstructorParameters<typeof A2AClientError>[2];
const failed = (code: A2AClientErrorCode, facts: Facts = {}) => new A2AClientError(code, 'what was said', facts);
const said = (reason: string, domain = 'skein') => ({ code: -31_000, message: 'what was said', reason, domain });

test.each<[string, unknown, SendFailure['outcome'], string]>([
  ['nobody listens there', failed('UNREACHABLE'), 'refused', 'peer_unreachable'],
  ['the connection broke on the way', failed('BROKEN'), 'open', 'broken'],
  ['no answer came in time', failed('TIMEOUT'), 'open', 'timeout'],
  ['the answer is no A2A', failed('INVALID_REPLY'), 'open', 'invalid_reply'],
  ['the answer is nothing that can be read', new TypeError('x of undefined'), 'open', 'reply_unreadable'],
  ['the peer is no Skein node', failed('EXTENSION_NOT_ACTIVATED'), 'failed', 'extension_not_activated'],
  ['a proxy answered 502', failed('HTTP_STATUS', { status: 502 }), 'open', 'http_status'],
  [
    '401 with a reason',
    failed('HTTP_STATUS', { status: 401, rpc: said('BAD_SIGNATURE') }),
    'rejected',
    'bad_signature',
  ],
  ['403 without one', failed('HTTP_STATUS', { status: 403 }), 'rejected', 'http_status'],
  [
    'a node that drains',
    failed('HTTP_STATUS', { status: 503, rpc: said('NODE_DRAINING') }),
    'refused',
    'node_draining',
  ],
  ['a proxy’s 503', failed('HTTP_STATUS', { status: 503, rpc: said('BUSY', 'proxy') }), 'open', 'busy'],
  ['a clock that is off', failed('HTTP_STATUS', { status: 401, rpc: said('CLOCK_SKEW') }), 'refused', 'clock_skew'],
  [
    'a JSON-RPC error for good',
    failed('RPC_ERROR', { rpc: said('INVALID_PARAMS', 'a2a') }),
    'rejected',
    'invalid_params',
  ],
  ['a crash over there', failed('RPC_ERROR', { rpc: said('INTERNAL_ERROR', 'a2a') }), 'open', 'internal_error'],
  ['a target that was removed', new SwarmError('UNKNOWN_NODE', 'gone'), 'refused', 'unknown_node'],
])('%s: each cause of a failed send is told by its own name', (_, cause, outcome, reason) => {
  const failure = classifyFailure(cause);
  expect(failure.outcome).toBe(outcome);
  expect('error' in failure ? failure.error.reason : failure.reason).toBe(reason);
});

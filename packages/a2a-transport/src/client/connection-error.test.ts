import { describe, expect, test } from 'vitest';
import { connectionError } from './connection-error.ts';

describe('what an error means', () => {
  const error = (fields: object) => Object.assign(new Error('x'), fields);
  test.each([
    { cause: error({ code: 'ECONNREFUSED', syscall: 'connect' }), code: 'UNREACHABLE' },
    { cause: error({ code: 'ENOTFOUND', syscall: 'getaddrinfo' }), code: 'UNREACHABLE' },
    { cause: error({ code: 'ECONNRESET', syscall: 'connect' }), code: 'UNREACHABLE' },
    { cause: error({ code: 'UND_ERR_CONNECT_TIMEOUT' }), code: 'UNREACHABLE' },
    { cause: error({ code: 'ERR_TLS_CERT_ALTNAME_INVALID' }), code: 'UNREACHABLE' },
    { cause: error({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' }), code: 'UNREACHABLE' },
    {
      cause: new AggregateError([error({ code: 'ECONNREFUSED' }), error({ code: 'ECONNREFUSED' })]),
      code: 'UNREACHABLE',
    },
    { cause: error({ code: 'ECONNRESET', syscall: 'read' }), code: 'BROKEN' },
    { cause: error({ code: 'EPIPE', syscall: 'write' }), code: 'BROKEN' },
    { cause: error({ code: 'UND_ERR_SOCKET' }), code: 'BROKEN' },
    { cause: error({}), code: 'BROKEN' },
    { cause: 'text', code: 'BROKEN' },
  ])('$cause.code, $cause.syscall → $code', ({ cause, code }) => {
    expect(connectionError(cause)).toMatchObject({ code, cause });
  });
});

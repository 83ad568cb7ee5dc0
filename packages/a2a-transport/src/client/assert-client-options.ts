import { assertKnownOptions, type KeysOf } from '../known-options.ts';
import type { A2AClientOptions } from './client-options.ts';

const keys: KeysOf<A2AClientOptions> = {
  ...{ endpoint: true, http: true, version: true, tenant: true, authorize: true, extensions: true, clock: true },
  ...{ random: true, timeoutMs: true, idleTimeoutMs: true, resumeForMs: true, maxReplyBytes: true },
};
const said = 'authorize, a function that answers the headers';
const meant = { headers: said, authorization: said, auth: said, token: said, url: 'endpoint', timeout: 'timeoutMs' };

/** For programs without types: credentials that nobody reads would be told by nothing but 401. */
export function assertClientOptions(options: A2AClientOptions): void {
  assertKnownOptions(options, keys, { meant });
  const authorize: unknown = options.authorize;
  if (authorize !== undefined && typeof authorize !== 'function') {
    throw new TypeError('authorize is a function that answers the headers of a request');
  }
}

import type { IncomingMessage } from 'node:http';

/**
 * What is wrong with how a request names whom and what it asks for; undefined where nothing is. Node passes on requests
 * with two Host headers and with a whole URL for a target, and whoever stands before us may have read the other one.
 */
export function targetFault({ url = '', rawHeaders }: Pick<IncomingMessage, 'url' | 'rawHeaders'>): string | undefined {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === 'host');
  if (hosts.length !== 1) return 'A request names its host once, in one Host header';
  if (!url.startsWith('/')) return 'A request names a path, not a whole URL';
  return undefined;
}

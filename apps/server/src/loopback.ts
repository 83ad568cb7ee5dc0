/** Which addresses nobody else can reach. */
import { isIPv4 } from 'node:net';

/** True for the machine's own addresses. A name other than localhost is not: what it resolves to can change. */
export function isLoopback(host: string): boolean {
  const bare = host.replace(/^\[|\]$/g, '').toLowerCase();
  return bare === 'localhost' || bare === '::1' || (isIPv4(bare) && bare.startsWith('127.'));
}

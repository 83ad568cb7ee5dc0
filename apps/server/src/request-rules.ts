/**
 * What a request must be before any door sees it. A page in a browser can reach loopback, and a name that somebody else
 * owns can be made to point here (DNS rebinding): Host and Origin tell both apart from those who mean this node.
 */
import type { DirectiveError } from '@skein/contracts';

interface RequestHead {
  /** Names and values in turn, as they came. */
  rawHeaders: readonly string[];
  target: string;
}

export interface RequestRefusal {
  status: 400 | 403;
  error: DirectiveError;
}

export function requestRefusal(
  { rawHeaders, target }: RequestHead,
  allowedHosts: ReadonlySet<string>,
): RequestRefusal | undefined {
  const no = (status: 400 | 403, reason: string, message: string) => ({ status, error: { reason, message } });
  // Two readings of one request are how one of them is smuggled past a check.
  if (!target.startsWith('/')) return no(400, 'invalid_target', 'the request target must be a path');
  const hosts = valuesOf(rawHeaders, 'host');
  const [host] = hosts;
  if (host === undefined || hosts.length > 1) return no(400, 'invalid_host', 'send exactly one Host header');
  if (!allowedHosts.has(hostName(host)))
    return no(400, 'host_not_allowed', 'this node does not go by the name in the Host header; use its own address');
  const origins = valuesOf(rawHeaders, 'origin');
  const foreign = origins.some((origin) => origin.toLowerCase() !== `http://${host.toLowerCase()}`);
  if (foreign) return no(403, 'origin_not_allowed', 'pages of other origins may not call this node');
  return undefined;
}

function valuesOf(rawHeaders: readonly string[], name: string): string[] {
  return rawHeaders.filter((_, index) => index % 2 === 1 && rawHeaders[index - 1]?.toLowerCase() === name);
}

/** `[::1]:4220` → `[::1]`; `LOCALHOST.` → `localhost` */
function hostName(host: string): string {
  return host
    .toLowerCase()
    .replace(/:\d{1,5}$/, '')
    .replace(/\.$/, '');
}

import { isIP } from 'node:net';
import { canonicalAddress, createBlocks, inBlocks, isPublicAddress } from './public-address.ts';

/**
 * What an operator allows beyond public https.
 *
 * - `origin`: exactly this scheme, host and port, wherever its name leads: `http://127.0.0.1:4000`, `https://hooks.lan`.
 * - `addresses`: whatever resolves into this block, `10.20.0.0/16`, on these ports (443 if none are named), over https;
 *   over plain http, too, with `plainHttp`.
 */
export type AllowedTarget = { origin: string } | { addresses: string; ports?: readonly number[]; plainHttp?: boolean };

/** Which URLs may be asked, and which addresses may answer for them. */
export interface TargetRules {
  /** The URL as it will be asked, or undefined when no answer of a resolver could make it allowed. */
  readUrl(url: string): URL | undefined;
  /** Whether this address may be connected to for the URL. Asked for every address that the name resolves to. */
  admits(url: Pick<URL, 'protocol' | 'hostname' | 'port' | 'origin'>, address: string): boolean;
}

export function createTargetRules(allow: readonly AllowedTarget[] = []): TargetRules {
  const origins = new Set(allow.flatMap((target) => ('origin' in target ? [readOrigin(target.origin)] : [])));
  const nets = allow.flatMap((target) =>
    'addresses' in target
      ? [{ blocks: createBlocks([target.addresses]), ports: target.ports ?? [443], plainHttp: !!target.plainHttp }]
      : [],
  );
  const netsFor = (url: Pick<URL, 'protocol' | 'port'>) =>
    nets.filter(({ ports, plainHttp }) => ports.includes(portOf(url)) && (plainHttp || url.protocol === 'https:'));
  const admits: TargetRules['admits'] = (url, address) => {
    const canonical = canonicalAddress(address);
    if (canonical === undefined) return false;
    if (origins.has(url.origin)) return true;
    if (isPublicTarget(url) && isPublicAddress(canonical)) return true;
    return netsFor(url).some(({ blocks }) => inBlocks(blocks, canonical));
  };
  return {
    admits,
    readUrl(text) {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (!url || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '') return undefined;
      if (origins.has(url.origin)) return url;
      const host = hostOf(url);
      if (isIP(host)) return admits(url, host) ? url : undefined;
      if (/^(.*\.)?localhost\.?$/.test(host)) return undefined;
      return isPublicTarget(url) || netsFor(url).length > 0 ? url : undefined;
    },
  };
}

/** The host as sockets know it: an IPv6 address without its brackets. `URL` has resolved odd spellings of IPv4 before. */
export function hostOf({ hostname }: Pick<URL, 'hostname'>): string {
  return hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
}

/** Below 1024 other services listen, which a request could be crafted for. */
function isPublicTarget(url: Pick<URL, 'protocol' | 'port'>): boolean {
  return url.protocol === 'https:' && (portOf(url) === 443 || portOf(url) >= 1024);
}

function portOf({ protocol, port }: Pick<URL, 'protocol' | 'port'>): number {
  if (port !== '') return Number(port);
  return protocol === 'https:' ? 443 : 80;
}

function readOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url && /^https?:$/.test(url.protocol) && `${url.origin}/` === url.href) return url.origin;
  throw new TypeError(`"${text}" is no origin, such as https://hooks.example or http://127.0.0.1:4000`);
}

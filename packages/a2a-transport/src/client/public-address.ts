import { BlockList, isIP, isIPv4 } from 'node:net';

/** IANA's special-purpose blocks, and what clouds answer on: nothing there is the public internet. */
const specialV4 = createBlocks([
  '0.0.0.0/8', // this network
  '10.0.0.0/8', // private
  '100.64.0.0/10', // carrier-grade NAT; some clouds' metadata
  '127.0.0.0/8', // loopback
  '168.63.129.16/32', // Azure's platform, on a public address
  '169.254.0.0/16', // link-local; most clouds' metadata
  '172.16.0.0/12', // private
  '192.0.0.0/24', // protocol assignments
  '192.0.2.0/24', // documentation
  '192.31.196.0/24', // AS112 sinks
  '192.52.193.0/24', // multicast relays
  '192.88.99.0/24', // 6to4 relays
  '192.168.0.0/16', // private
  '192.175.48.0/24', // AS112 sinks
  '198.18.0.0/15', // benchmarks
  '198.51.100.0/24', // documentation
  '203.0.113.0/24', // documentation
  '224.0.0.0/4', // multicast
  '240.0.0.0/4', // reserved, broadcast
]);
/** The only part of IPv6 that is handed out: loopback, unique local, link-local, multicast and so on lie beyond it. */
const globalV6 = createBlocks(['2000::/3']);
const specialV6 = createBlocks([
  '2001::/23', // protocol assignments, Teredo
  '2001:db8::/32', // documentation
  '2002::/16', // 6to4: an IPv4 address inside
  '2620:4f:8000::/48', // AS112 sinks
  '3fff::/20', // documentation
]);

/** NAT64's well-known prefix, as `URL` spells it: the rest is an IPv4 address, and that is what is reached. */
const NAT64 = '64:ff9b::';
const V4_MAPPED = '::ffff:';

/** Whether an address belongs to the public internet. What is no address, or has a scope, does not. */
export function isPublicAddress(address: string): boolean {
  const canonical = canonicalAddress(address);
  if (canonical === undefined) return false;
  if (isIPv4(canonical)) return !inBlocks(specialV4, canonical);
  if (canonical.startsWith(NAT64)) return isPublicAddress(embeddedV4(canonical.slice(NAT64.length)));
  return inBlocks(globalV6, canonical) && !inBlocks(specialV6, canonical);
}

/** One spelling for each address: IPv4 as four numbers, also where IPv6 only wraps it. Undefined for everything else. */
export function canonicalAddress(address: string): string | undefined {
  const family = isIP(address);
  if (family === 4) return address;
  if (family === 0 || address.includes('%')) return undefined;
  const spelled = new URL(`http://[${address}]`).hostname.slice(1, -1);
  return spelled.startsWith(V4_MAPPED) && spelled.split(':').length === 5
    ? embeddedV4(spelled.slice(V4_MAPPED.length))
    : spelled;
}

/** The address in the last 32 bits, `7f00:1`; leading zeros may have gone with their group. */
function embeddedV4(groups: string): string {
  const [low = '', high = '0'] = groups.split(':').reverse();
  const bits = [high, low].map((group) => Number.parseInt(group || '0', 16));
  return bits.flatMap((each) => [each >> 8, each & 255]).join('.');
}

/** Blocks of addresses, as `10.0.0.0/8`, or single addresses. Throws a TypeError that names what is neither. */
export function createBlocks(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [network = '', prefix, ...rest] = block.split('/');
    const family = isIPv4(network) ? 'ipv4' : 'ipv6';
    const bits = family === 'ipv4' ? 32 : 128;
    const length = prefix === undefined ? bits : /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
    if (isIP(network) === 0 || rest.length > 0 || !(length <= bits)) {
      throw new TypeError(`"${block}" is no address and no block of addresses, such as 10.0.0.0/8`);
    }
    list.addSubnet(network, length, family);
  }
  return list;
}

export function inBlocks(blocks: BlockList, canonical: string): boolean {
  return blocks.check(canonical, isIPv4(canonical) ? 'ipv4' : 'ipv6');
}

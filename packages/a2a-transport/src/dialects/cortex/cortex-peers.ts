/**
 * Who may speak the cortex dialect here. An instance can send no credentials with a directive, so that a peer is known by
 * a secret path segment, which its card's url carries through, and if need be by the address that it calls from.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { BlockList, isIP } from 'node:net';

/** One CortexPrism instance that was let in by configuration. */
export interface CortexPeer {
  /** What people call it. */
  name: string;
  /** The secret path segment: 22 to 128 letters, digits, dashes or underscores, 128 random bits at least. */
  key: string;
  /** The kinds that it may send. @default query_resources alone */
  kinds?: readonly string[] | undefined;
  /** Addresses, or ranges such as 10.0.0.0/8, that it calls from. @default any */
  addresses?: readonly string[] | undefined;
}

/** A peer that was found; nothing here is secret. */
export interface KnownCortexPeer {
  name: string;
  kinds: readonly string[];
}

export const DEFAULT_CORTEX_KINDS: readonly string[] = ['query_resources'];

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Finds the peer of a path segment. Every peer is compared, in constant time, whether one was found already or not. */
export function createCortexDoorkeeper(peers: readonly CortexPeer[]) {
  const guarded = peers.map(({ name, key, kinds = DEFAULT_CORTEX_KINDS, addresses }) => ({
    known: { name, kinds },
    digest: digest(key),
    allows: addresses === undefined ? () => true : allowing(addresses),
  }));
  return (key: string, address: string | undefined): KnownCortexPeer | undefined => {
    const shown = digest(key);
    const matching = guarded.filter((peer) => timingSafeEqual(peer.digest, shown));
    return matching.find((peer) => peer.allows(address))?.known;
  };
}

/** An address that is not known is on no list. */
function allowing(addresses: readonly string[]): (address: string | undefined) => boolean {
  const list = new BlockList();
  for (const entry of addresses) {
    const [address = '', bits] = entry.split('/');
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return (address) => {
    const plain = address?.replace(/^::ffff:(?=\d+\.)/i, '');
    if (plain === undefined || isIP(plain) === 0) return false;
    return list.check(plain, isIP(plain) === 6 ? 'ipv6' : 'ipv4');
  };
}

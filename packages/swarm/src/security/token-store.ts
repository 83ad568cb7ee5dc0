/** Join tokens at rest: their hashes, what they grant, and which key used them up. */
import type { NodeId, Tier } from '@skein/contracts';

/** A join token as it is stored. */
export interface StoredJoinToken {
  /** SHA-256 of the secret, hex: the secret itself is never stored. */
  secretHash: string;
  tier: Tier;
  group: string | null;
  ttlMs: number;
}

/** What a token is good for, for this key. */
export type TokenUse =
  | { status: 'granted'; tier: Tier; group: string | null }
  | { status: 'unknown' | 'expired' | 'used' };

/** The port for join tokens. Errors: STORE_UNAVAILABLE. */
export interface TokenStore {
  /** Stores a token; its expiry is now + ttlMs by the store's clock, returned in milliseconds since the epoch. */
  create(token: StoredJoinToken): Promise<{ expiresAt: number }>;
  /**
   * Uses a token up for one key, in one write: of many at once exactly one key wins. The same key may ask again (its
   * first answer may have been lost) and is granted the same, unless it is to be let in `anew`: then what was used before
   * is used.
   */
  use(secretHash: string, nodeId: NodeId, options?: { anew?: boolean }): Promise<TokenUse>;
}

/** Join tokens in memory, for tests, simulations and throw-away nodes. */
import type { NodeId } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import { SwarmError } from '../errors.ts';
import type { StoredJoinToken, TokenStore } from './token-store.ts';

export function createInMemoryTokenStore({ clock }: { clock: Pick<Clock, 'now'> }): TokenStore {
  const tokens = new Map<string, StoredJoinToken & { expiresAt: number; usedBy: NodeId | null }>();
  return {
    async create(token) {
      if (tokens.has(token.secretHash)) throw new SwarmError('INVALID_ARGUMENT', 'this join token exists already');
      const expiresAt = clock.now() + token.ttlMs;
      tokens.set(token.secretHash, { ...token, expiresAt, usedBy: null });
      return { expiresAt };
    },

    async use(secretHash, nodeId, { anew = false } = {}) {
      const token = tokens.get(secretHash);
      if (!token) return { status: 'unknown' };
      if (token.usedBy !== null && (anew || token.usedBy !== nodeId)) return { status: 'used' };
      // Whoever used it in time may ask again later: the first answer may have been lost.
      if (token.usedBy === null && token.expiresAt <= clock.now()) return { status: 'expired' };
      tokens.set(secretHash, { ...token, usedBy: nodeId });
      return { status: 'granted', tier: token.tier, group: token.group };
    },
  };
}

/**
 * What a seed hands to whoever asks it for its proof: a key that is good for one join within a minute. A join request
 * that names it cannot come twice, and a join token sealed to it can be read by this seed alone.
 */
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Clock } from '@skein/contracts/runtime';

export interface JoinChallenges {
  /** A fresh challenge: an X25519 public key, SPKI in DER, base64url. */
  open(): string;
  /** Uses a challenge up, and gives its private key; undefined where it is unknown, too old or used. */
  spend(challenge: string): KeyObject | undefined;
}

const LIFETIME_MS = 60_000;
/** More than a node can hand out while an honest joiner answers; the oldest go first, so that a flood takes no memory. */
const KEPT = 4_096;

export function createJoinChallenges(clock: Pick<Clock, 'now'>): JoinChallenges {
  const open = new Map<string, { privateKey: KeyObject; until: number }>();
  return {
    open() {
      const { publicKey, privateKey } = generateKeyPairSync('x25519');
      const challenge = publicKey.export({ format: 'der', type: 'spki' }).toString('base64url');
      const [oldest] = open.keys();
      if (open.size >= KEPT && oldest !== undefined) open.delete(oldest);
      open.set(challenge, { privateKey, until: clock.now() + LIFETIME_MS });
      return challenge;
    },
    spend(challenge) {
      const kept = open.get(challenge);
      open.delete(challenge);
      return kept && clock.now() < kept.until ? kept.privateKey : undefined;
    },
  };
}

import { createPrivateKey, createPublicKey, type JsonWebKey, KeyObject } from 'node:crypto';

/** The JWS algorithms that cards may be signed with, each with the only kind of key that fits. No shared secrets. */
const keyKinds = {
  EdDSA: 'ed25519',
  Ed25519: 'ed25519',
  ES256: 'ec prime256v1',
  ES384: 'ec secp384r1',
  PS256: 'rsa',
  RS256: 'rsa',
} as const;

/** A JWS algorithm for cards. `EdDSA` and `Ed25519` are two names of one. */
export type CardAlgorithm = keyof typeof keyKinds;

/** What is accepted where nobody says otherwise. */
export const usualCardAlgorithms: readonly CardAlgorithm[] = ['EdDSA', 'Ed25519', 'ES256'];

/** A key as the runtime or as a JWK has it. */
export type CardKey = KeyObject | JsonWebKey;

/** Whether the key is of the kind that the algorithm needs. */
export function fits(key: KeyObject, algorithm: CardAlgorithm): boolean {
  const curve = key.asymmetricKeyType === 'ec' ? ` ${key.asymmetricKeyDetails?.namedCurve}` : '';
  return `${key.asymmetricKeyType}${curve}` === keyKinds[algorithm];
}

/** Throws a TypeError for a name that is not in the table: `none` and the HMACs are not, whatever a program passes. */
export function assertCardAlgorithm(name: string): asserts name is CardAlgorithm {
  if (Object.hasOwn(keyKinds, name)) return;
  throw new TypeError(`Agent cards are not signed with ${name}: choose among ${Object.keys(keyKinds).join(', ')}`);
}

export function privateKey(key: CardKey): KeyObject {
  if (!(key instanceof KeyObject)) return createPrivateKey({ key, format: 'jwk' });
  if (key.type !== 'private') throw new TypeError(`Cards are signed with a private key; this one is ${key.type}`);
  return key;
}

export function publicKey(key: CardKey): KeyObject {
  const secret = key instanceof KeyObject ? key.type !== 'public' : key.d !== undefined || key.k !== undefined;
  if (secret) throw new TypeError('Pin the public key alone: whoever checks cards needs no secret');
  return key instanceof KeyObject ? key : createPublicKey({ key, format: 'jwk' });
}

/**
 * A join token on its way: encrypted to the seed's challenge and bound to the joiner's signed request, so that whoever
 * passes it on can neither read it nor join with it. X25519, HKDF with SHA-256, AES-256-GCM.
 */
import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  type KeyObject,
} from 'node:crypto';
import { SwarmError } from '../errors.ts';

const SPKI_BYTES = 44;
const TAG_BYTES = 16;
/** Each key seals one token, so its nonce need not differ. */
const nonce = Buffer.alloc(12);

const spkiOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' });
const publicKeyOf = (spki: Buffer) => createPublicKey({ key: spki, format: 'der', type: 'spki' });

/** The key that both ends reach; the joiner's half is part of it, so that no other half fits. */
function keyOf(privateKey: KeyObject, publicKey: KeyObject, joinerHalf: Buffer): Buffer {
  const shared = diffieHellman({ privateKey, publicKey });
  return Buffer.from(hkdfSync('sha256', shared, joinerHalf, 'skein-join-token', 32));
}

/** `challenge` and `request`: what the seed proved as its own, and the signed request that the token goes with. */
export function sealToken(token: string, { challenge, request }: { challenge: string; request: string }): string {
  const { publicKey, privateKey } = generateKeyPairSync('x25519');
  const half = spkiOf(publicKey);
  const key = keyOf(privateKey, publicKeyOf(Buffer.from(challenge, 'base64url')), half);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(Buffer.from(request));
  const text = Buffer.concat([cipher.update(token, 'utf8'), cipher.final()]);
  return Buffer.concat([half, cipher.getAuthTag(), text]).toString('base64url');
}

/** Errors: INVALID_TOKEN where it was sealed to another key, for another request, or not at all. */
export function openToken(sealed: string, { key: own, request }: { key: KeyObject; request: string }): string {
  const bytes = Buffer.from(sealed, 'base64url');
  const half = bytes.subarray(0, SPKI_BYTES);
  const tag = bytes.subarray(SPKI_BYTES, SPKI_BYTES + TAG_BYTES);
  try {
    const key = keyOf(own, publicKeyOf(half), half);
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(request)).setAuthTag(tag);
    return decipher.update(bytes.subarray(SPKI_BYTES + TAG_BYTES), undefined, 'utf8') + decipher.final('utf8');
  } catch (cause) {
    throw new SwarmError('INVALID_TOKEN', 'the join token was not sealed for this request', { cause });
  }
}

/** Who a node is: an Ed25519 key. Its id is the key's fingerprint, so that another key is another node. */
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { NodeId } from '@skein/contracts';
import { SwarmError } from '../errors.ts';
import { base32 } from './base32.ts';

/** A node's key, and the id that follows from it. Whoever has the private key is the node. */
export interface NodeIdentity {
  readonly nodeId: NodeId;
  /** The public key: SPKI in DER, base64url. */
  readonly publicKey: string;
  readonly privateKey: KeyObject;
  /** PKCS #8 in PEM: for the node's key file, readable by its owner alone. */
  exportPem(): string;
}

/** The id of whoever holds this public key (SPKI in DER, base64url). */
export function nodeIdOf(publicKey: string): NodeId {
  const fingerprint = createHash('sha256').update(Buffer.from(publicKey, 'base64url')).digest();
  return NodeId.parse(base32(fingerprint.subarray(0, 16)));
}

/** Errors: INVALID_SIGNATURE where the text is no Ed25519 key in its one canonical spelling. */
export function parsePublicKey(publicKey: string): KeyObject {
  try {
    const key = createPublicKey({ key: Buffer.from(publicKey, 'base64url'), format: 'der', type: 'spki' });
    if (key.asymmetricKeyType === 'ed25519' && spkiOf(key) === publicKey) return key;
  } catch (cause) {
    throw new SwarmError('INVALID_SIGNATURE', 'the public key cannot be read', { cause });
  }
  throw new SwarmError('INVALID_SIGNATURE', 'the public key is not an Ed25519 key in DER, base64url');
}

/** A new key, and so a new node. Keep `exportPem()` where the node is to come back as the same one. */
export function createNodeIdentity(): NodeIdentity {
  return identityOf(generateKeyPairSync('ed25519').privateKey);
}

/** Reads what `exportPem` wrote. Errors: INVALID_ARGUMENT. */
export function importNodeIdentity(pem: string): NodeIdentity {
  let key: KeyObject;
  try {
    key = createPrivateKey(pem);
  } catch (cause) {
    throw new SwarmError('INVALID_ARGUMENT', 'the identity file does not hold a private key in PEM', { cause });
  }
  if (key.asymmetricKeyType !== 'ed25519')
    throw new SwarmError('INVALID_ARGUMENT', `the identity must be an Ed25519 key, not ${key.asymmetricKeyType}`);
  return identityOf(key);
}

const spkiOf = (key: KeyObject) => key.export({ format: 'der', type: 'spki' }).toString('base64url');

function identityOf(privateKey: KeyObject): NodeIdentity {
  const publicKey = spkiOf(createPublicKey(privateKey));
  return {
    nodeId: nodeIdOf(publicKey),
    publicKey,
    privateKey,
    exportPem: () => privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  };
}

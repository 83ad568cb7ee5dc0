/**
 * JSON under a node's signature: a compact JWS (RFC 7515, EdDSA of RFC 8037) whose `typ` says what it is for, so that a
 * text signed for one purpose is worth nothing for another. The algorithm is ours, never the header's.
 *
 * Made with the runtime's own Ed25519, because it answers at once: the usual library goes through a thread pool, which
 * costs half as much again and makes a simulation depend on the machine (docs/adr/0010).
 */
import { type KeyObject, sign as signBytes, verify as verifyBytes } from 'node:crypto';
import { SwarmError } from '../errors.ts';
import type { NodeIdentity } from './node-identity.ts';

export type SignedPurpose = 'skein-record' | 'skein-join' | 'skein-proof' | 'skein-time' | 'skein-call' | 'skein-reply';

export function sign(identity: NodeIdentity, purpose: SignedPurpose, payload: object): string {
  const header = encode({ alg: 'EdDSA', typ: purpose, kid: identity.nodeId });
  const signed = `${header}.${encode(payload)}`;
  return `${signed}.${signBytes(null, Buffer.from(signed), identity.privateKey).toString('base64url')}`;
}

/** The payload, once the signature and the purpose hold. Errors: INVALID_SIGNATURE. */
export function verify(jws: string, purpose: SignedPurpose, key: KeyObject): unknown {
  const end = jws.lastIndexOf('.');
  const signature = Buffer.from(jws.slice(end + 1), 'base64url');
  const { header, payload } = peek(jws);
  const { alg, typ, crit } = Object(header) as { alg?: unknown; typ?: unknown; crit?: unknown }; // read, not trusted
  const genuine = alg === 'EdDSA' && typ === purpose && crit === undefined;
  if (!genuine || !verifyBytes(null, Buffer.from(jws.slice(0, end)), key, signature))
    throw new SwarmError('INVALID_SIGNATURE', `this is not a valid ${purpose} under that key`);
  return payload;
}

/** What a JWS claims, before anything is checked: only to find out which key to check it with. */
export function peek(jws: string): { header: unknown; payload: unknown } {
  const parts = jws.split('.');
  const [header = '', payload = ''] = parts;
  try {
    if (parts.length === 3) return { header: decode(header), payload: decode(payload) };
  } catch (cause) {
    throw new SwarmError('INVALID_SIGNATURE', 'the text is not a compact JWS', { cause });
  }
  throw new SwarmError('INVALID_SIGNATURE', 'the text is not a compact JWS');
}

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));

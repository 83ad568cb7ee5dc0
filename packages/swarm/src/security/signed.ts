/**
 * JSON under a node's signature: a compact JWS whose `typ` says what it is for, so that a text signed for one purpose
 * is worth nothing for another. The algorithm is ours (EdDSA), never the header's.
 */
import type { KeyObject } from 'node:crypto';
import { CompactSign, compactVerify } from 'jose';
import { SwarmError } from '../errors.ts';
import type { NodeIdentity } from './node-identity.ts';

export type SignedPurpose = 'skein-record' | 'skein-join' | 'skein-proof' | 'skein-time' | 'skein-call';

export async function sign(identity: NodeIdentity, purpose: SignedPurpose, payload: object): Promise<string> {
  return new CompactSign(new TextEncoder().encode(JSON.stringify(payload)))
    .setProtectedHeader({ alg: 'EdDSA', typ: purpose, kid: identity.nodeId })
    .sign(identity.privateKey);
}

/** The payload, once the signature and the purpose hold. Errors: INVALID_SIGNATURE. */
export async function verify(jws: string, purpose: SignedPurpose, key: KeyObject): Promise<unknown> {
  try {
    const { payload, protectedHeader } = await compactVerify(jws, key, { algorithms: ['EdDSA'] });
    if (protectedHeader.typ !== purpose) throw new SwarmError('INVALID_SIGNATURE', `signed for ${protectedHeader.typ}`);
    return JSON.parse(new TextDecoder().decode(payload));
  } catch (cause) {
    throw new SwarmError('INVALID_SIGNATURE', `this is not a valid ${purpose} under that key`, { cause });
  }
}

/** What a JWS claims, before anything is checked: only to find out which key to check it with. */
export function peek(jws: string): { header: unknown; payload: unknown } {
  const [header, payload] = jws.split('.');
  const decode = (part: string | undefined): unknown =>
    JSON.parse(Buffer.from(part ?? '', 'base64url').toString('utf8'));
  try {
    return { header: decode(header), payload: decode(payload) };
  } catch (cause) {
    throw new SwarmError('INVALID_SIGNATURE', 'the text is not a compact JWS', { cause });
  }
}

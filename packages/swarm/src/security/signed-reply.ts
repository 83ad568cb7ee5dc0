/**
 * The answer to one call under the answering node's key. A call token says who asks, but whoever listens at an address
 * can answer there: a reply counts only under the key of the node that was called, and for this very call.
 */
import { createHash } from 'node:crypto';
import { A2AClientError } from '@skein/a2a-transport';
import { NodeId, SignedReply } from '@skein/contracts';
import { z } from 'zod';
import { type NodeIdentity, parsePublicKey } from './node-identity.ts';
import { sign, verify } from './signed.ts';

/** Which call is answered. */
export interface AnsweredCall {
  /** The id of its call token; for a join, which has none, the digest of its signed request. */
  id: string;
  /** Who called, because ids are the caller's own choice; undefined for a join. */
  caller: NodeId | undefined;
}

/** How the asking side knows a genuine answer. */
export interface ExpectedReply {
  /** The public key of the node that was called. */
  peerKey: string;
  call: AnsweredCall;
}

const Said = z.strictObject({ aud: NodeId.optional(), jti: z.string(), result: z.unknown() });

export function signReply(identity: NodeIdentity, { id, caller }: AnsweredCall, result: unknown): SignedReply {
  return { signed: sign(identity, 'skein-reply', { ...(caller && { aud: caller }), jti: id, result }) };
}

/**
 * What was answered. Errors: A2AClientError INVALID_REPLY: an answer that is not the peer's tells nothing, not even
 * that the call did not arrive.
 */
export function readReply(reply: unknown, { peerKey, call }: ExpectedReply): unknown {
  try {
    const { signed } = SignedReply.parse(reply);
    const { aud, jti, result } = Said.parse(verify(signed, 'skein-reply', parsePublicKey(peerKey)));
    if (aud === call.caller && jti === call.id) return result;
  } catch (cause) {
    throw new A2AClientError('INVALID_REPLY', 'the answer is not signed by the node that was called', { cause });
  }
  throw new A2AClientError('INVALID_REPLY', 'the answer is signed for another call');
}

/** A join as its reply names it. */
export function answeredJoin(request: string): AnsweredCall {
  return { id: createHash('sha256').update(request).digest('base64url'), caller: undefined };
}

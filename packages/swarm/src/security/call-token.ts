/**
 * The short-lived token that signs one call from one node to another: for this receiver, this body, once, now.
 * `iat` and `exp` are seconds with fractions. A token from before the receiver's start is refused, and so is one from
 * the future: what one life took, no later life takes, which is why the used ids need no storage.
 */
import { createHash } from 'node:crypto';
import { NodeId } from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import { z } from 'zod';
import { SwarmError } from '../errors.ts';
import { type NodeIdentity, parsePublicKey } from './node-identity.ts';
import type { ReplayGuard } from './replay-guard.ts';
import { peek, sign, verify } from './signed.ts';

export const CALL_TOKEN_LIFETIME_MS = 60_000;

const Claims = z.strictObject({
  iss: NodeId,
  aud: NodeId,
  iat: z.number(),
  exp: z.number(),
  jti: z.string().min(8).max(64),
  /** SHA-256 of the request's body, base64url. */
  bod: z.string(),
});

export type CallTokenRefusal =
  | 'token_malformed'
  | 'token_not_for_this_node'
  | 'unknown_caller'
  | 'bad_signature'
  | 'body_mismatch'
  | 'clock_skew'
  | 'token_replayed';

export type CallTokenVerdict =
  | { status: 'genuine'; nodeId: NodeId; callId: string }
  | { status: 'refused'; reason: CallTokenRefusal; message: string; metadata?: Record<string, string> };

const digest = (body: Uint8Array) => createHash('sha256').update(body).digest('base64url');

export function issueCallToken(
  { identity, clock }: { identity: NodeIdentity; clock: Clock },
  call: { audience: NodeId; body: Uint8Array; jti: string; clockOffsetMs?: number },
): string {
  const now = clock.now() + (call.clockOffsetMs ?? 0);
  return sign(identity, 'skein-call', {
    iss: identity.nodeId,
    aud: call.audience,
    iat: now / 1_000,
    exp: (now + CALL_TOKEN_LIFETIME_MS) / 1_000,
    jti: call.jti,
    bod: digest(call.body),
  });
}

export interface CallTokenVerifierDeps {
  self: NodeIdentity;
  clock: Clock;
  replays: ReplayGuard;
  /** When this process began to listen, by `clock`. */
  startedAtMs: number;
  /** The public key of a node that may call; undefined for strangers. */
  findKey(nodeId: NodeId): Promise<string | undefined>;
}

/** Every way to be wrong is told apart, and only a genuine token uses its id up. */
export async function verifyCallToken(
  { self, clock, replays, startedAtMs, findKey }: CallTokenVerifierDeps,
  token: string,
  body: Uint8Array,
): Promise<CallTokenVerdict> {
  const refused = (reason: CallTokenRefusal, message: string, metadata?: Record<string, string>) =>
    ({ status: 'refused', reason, message, ...(metadata && { metadata }) }) as const;
  let claims: z.infer<typeof Claims>;
  try {
    claims = Claims.parse(peek(token).payload);
  } catch {
    return refused('token_malformed', 'the bearer token is not a call token');
  }
  if (claims.aud !== self.nodeId) return refused('token_not_for_this_node', 'the call token names another receiver');
  const key = await findKey(claims.iss);
  if (key === undefined) return refused('unknown_caller', `node ${claims.iss} has not joined this swarm`);
  try {
    verify(token, 'skein-call', parsePublicKey(key));
  } catch {
    return refused('bad_signature', `the call token is not signed by node ${claims.iss}`);
  }
  if (claims.bod !== digest(body)) return refused('body_mismatch', 'the call token signs another body');
  const now = clock.now();
  const [iatMs, expMs] = [Math.round(claims.iat * 1_000), Math.round(claims.exp * 1_000)];
  const timely =
    iatMs >= startedAtMs &&
    iatMs <= now && // not a moment ahead: else a token could be older than our start and look younger
    now < expMs &&
    expMs - iatMs <= CALL_TOKEN_LIFETIME_MS + 1;
  if (!timely) {
    // Signed, and bound to this call, so that nobody but the receiver can set its peers' clocks.
    const time = sign(self, 'skein-time', { nowMs: now, jti: claims.jti });
    return refused('clock_skew', 'the call token is not of this time by this node’s clock', { time });
  }
  if (!replays.firstUse(`${claims.iss}/${claims.jti}`, expMs))
    return refused('token_replayed', 'the call token was used before');
  return { status: 'genuine', nodeId: claims.iss, callId: claims.jti };
}

const SignedTime = z.object({ nowMs: z.number(), jti: z.string() });

/** How far the peer's clock is ahead of ours, by its signed answer to a call of ours. Errors: INVALID_SIGNATURE. */
export function readClockOffset(
  answer: string,
  { peerKey, clock, isOurs }: { peerKey: string; clock: Clock; isOurs: (jti: string) => boolean },
): number {
  const time = SignedTime.parse(verify(answer, 'skein-time', parsePublicKey(peerKey)));
  if (!isOurs(time.jti))
    throw new SwarmError('INVALID_SIGNATURE', 'the time that the peer signed answers another call');
  return time.nowMs - clock.now();
}

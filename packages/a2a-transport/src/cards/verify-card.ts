/**
 * Whether a card is signed by a key that we pinned. Everything that decides is ours: the keys, the algorithms, the
 * canonical form. What a signature says of itself only picks among them: `kid` says which key to try first, and `jku`
 * is never fetched.
 */
import type { KeyObject } from 'node:crypto';
import { AgentCardSignature } from '@skein/contracts/a2a';
import { type Clock, systemClock } from '@skein/contracts/runtime';
import { flattenedVerify } from 'jose';
import * as z from 'zod';
import { A2AClientError } from '../errors.ts';
import { canonicalAgentCard } from './canonical-card.ts';
import {
  assertCardAlgorithm,
  type CardAlgorithm,
  type CardKey,
  fits,
  publicKey,
  usualCardAlgorithms,
} from './card-algorithms.ts';
import { escapeCardText } from './card-text.ts';

/** A public key that is trusted to sign cards. */
export interface PinnedCardKey {
  key: CardKey;
  /** As signatures name it. It only says which key to try first. */
  kid?: string;
  /** From this hour on (ISO 8601) the key is worth nothing. @default it does not expire */
  notAfter?: string;
}

export interface VerifyAgentCardOptions {
  /** A card is trusted when one of them signed it. */
  keys: readonly PinnedCardKey[];
  /** The algorithms that are believed. @default EdDSA (also named Ed25519) and ES256 */
  algorithms?: readonly CardAlgorithm[];
  /** Against which keys expire. @default the system's */
  clock?: Pick<Clock, 'now'>;
}

/** Which signature held. */
export interface VerifiedAgentCard {
  kid: string | undefined;
  algorithm: CardAlgorithm;
}

interface TrustedKey {
  pinned: PinnedCardKey;
  key: KeyObject;
}

/** More signatures than any rotation of keys needs would only be work for us. */
const maxSignatures = 8;

const ProtectedHeader = z.looseObject({
  alg: z.string(),
  // A text that was signed for another purpose says so here.
  typ: z.literal('JOSE').optional(),
  kid: z.string().optional(),
  // No extension of JWS is understood here, and one that is critical must be.
  crit: z.undefined().optional(),
});

/**
 * Holds the card, as it came from its JSON, to the pinned keys. One good signature is enough.
 * Errors: A2AClientError CARD_NOT_TRUSTED, with what was wrong with each signature; TypeError for keys or algorithms
 * that cannot be used.
 */
export async function verifyAgentCard(card: unknown, options: VerifyAgentCardOptions): Promise<VerifiedAgentCard> {
  const { algorithms = usualCardAlgorithms, clock = systemClock } = options;
  for (const algorithm of algorithms) assertCardAlgorithm(algorithm);
  const keys = options.keys.map((pinned) => ({ pinned, key: publicKey(pinned.key) }));
  const valid = keys.filter(({ pinned }) => !isExpired(pinned, clock.now()));
  if (valid.length === 0) throw notTrusted(keys.length === 0 ? 'no key is pinned' : 'all pinned keys have expired');

  const payload = Buffer.from(signedText(card)).toString('base64url');
  const failures: string[] = [];
  for (const [index, signature] of signaturesOf(card).entries()) {
    const outcome = await checkSignature(signature, payload, valid, algorithms);
    if (typeof outcome !== 'string') return outcome;
    failures.push(`signature ${index + 1} ${outcome}`);
  }
  throw notTrusted(failures.join('; '));
}

/** The refusal of a card, for the reason given. */
export function notTrusted(why: string, cause?: unknown): A2AClientError {
  return new A2AClientError('CARD_NOT_TRUSTED', `The agent card is not trusted: ${why}`, { cause });
}

/** The signature that held, or what is wrong with it. */
async function checkSignature(
  { protected: encoded, signature }: AgentCardSignature,
  payload: string,
  keys: readonly TrustedKey[],
  algorithms: readonly CardAlgorithm[],
): Promise<VerifiedAgentCard | string> {
  const header = readHeader(encoded);
  if (!header) return 'has a header that is not one of a card’s JWS';
  const algorithm = algorithms.find((known) => known === header.alg);
  if (!algorithm) {
    return `names the algorithm "${escapeCardText(header.alg.slice(0, 32))}" instead of ${algorithms.join(' or ')}`;
  }
  const fitting = keys.filter(({ key }) => fits(key, algorithm));
  if (fitting.length === 0) return `is of ${algorithm}, for which no key is pinned`;
  const named = ({ pinned }: TrustedKey) => Number(pinned.kid !== undefined && pinned.kid === header.kid);
  for (const { pinned, key } of fitting.sort((a, b) => named(b) - named(a))) {
    // The unprotected header is not passed on: nothing that is not signed has a say.
    const held = flattenedVerify({ payload, protected: encoded, signature }, key, { algorithms: [algorithm] });
    if (await held.then(Boolean, () => false)) return { kid: pinned.kid, algorithm };
  }
  return 'does not hold under any pinned key: the card was changed, or somebody else signed it';
}

function readHeader(encoded: string): z.infer<typeof ProtectedHeader> | undefined {
  try {
    return ProtectedHeader.parse(JSON.parse(Buffer.from(encoded, 'base64url').toString('utf8')));
  } catch {
    return undefined; // the caller's refusal says as much as can be said
  }
}

function signedText(card: unknown): string {
  if (typeof card !== 'object' || card === null || Array.isArray(card)) throw notTrusted('it is no JSON object');
  try {
    return canonicalAgentCard(card);
  } catch (cause) {
    throw notTrusted('it has no canonical form', cause);
  }
}

function signaturesOf(card: unknown): AgentCardSignature[] {
  const { signatures } = z.looseObject({ signatures: z.unknown().optional() }).parse(card);
  const read = z
    .array(AgentCardSignature)
    .max(maxSignatures)
    .safeParse(signatures ?? []);
  if (!read.success) throw notTrusted(`its signatures are not a list of at most ${maxSignatures} JWS`, read.error);
  if (read.data.length === 0) throw notTrusted('it is not signed');
  return read.data;
}

function isExpired({ notAfter }: PinnedCardKey, now: number): boolean {
  if (notAfter === undefined) return false;
  const end = Date.parse(notAfter);
  if (Number.isNaN(end)) throw new TypeError(`The hour after which a pinned key ends is no ISO 8601: ${notAfter}`);
  return now >= end;
}

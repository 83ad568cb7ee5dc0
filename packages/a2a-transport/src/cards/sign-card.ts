import type { AgentCardSignature } from '@skein/contracts/a2a';
import { FlattenedSign } from 'jose';
import { canonicalAgentCard } from './canonical-card.ts';
import { assertCardAlgorithm, type CardAlgorithm, type CardKey, fits, privateKey } from './card-algorithms.ts';

/** Signs the canonical form of a card. One that asks a service for the signature gives up when the signal aborts. */
export type AgentCardSigner = (card: object, signal?: AbortSignal) => Promise<AgentCardSignature>;

/** Whose signature it is, for those who look for the key. */
export interface AgentCardSignerOptions {
  /** The private key, of the kind that `alg` needs. */
  key: CardKey;
  /** Names the key to verifiers: a hint, which proves nothing. */
  kid: string;
  alg: CardAlgorithm;
  /** Where the public keys can be found, likewise a hint. */
  jku?: string;
}

/** A signer with a key at hand. Throws a TypeError at once for a key that is not of the algorithm's kind. */
export function createAgentCardSigner({ key, kid, alg, jku }: AgentCardSignerOptions): AgentCardSigner {
  assertCardAlgorithm(alg);
  const own = privateKey(key);
  if (!fits(own, alg)) throw new TypeError(`This key, ${own.asymmetricKeyType}, is not one that ${alg} signs with`);
  const header = { alg, typ: 'JOSE', kid, ...(jku !== undefined && { jku }) };
  return async (card) => {
    const payload = Buffer.from(canonicalAgentCard(card));
    const jws = await new FlattenedSign(payload).setProtectedHeader(header).sign(own);
    return { protected: jws.protected ?? '', signature: jws.signature };
  };
}

/** The card with one signature more. Several may stand side by side, which is how keys are rotated. */
export async function signAgentCard<Card extends { signatures?: AgentCardSignature[] | undefined }>(
  card: Card,
  options: AgentCardSignerOptions,
): Promise<Card & { signatures: AgentCardSignature[] }> {
  return withSignatures(card, [createAgentCardSigner(options)]);
}

/** The card with a signature of each signer after those that it has. */
export async function withSignatures<Card extends { signatures?: AgentCardSignature[] | undefined }>(
  card: Card,
  signers: readonly AgentCardSigner[],
  signal?: AbortSignal,
): Promise<Card & { signatures: AgentCardSignature[] }> {
  const added = await Promise.all(signers.map((sign) => sign(card, signal)));
  return { ...card, signatures: [...(card.signatures ?? []), ...added] };
}

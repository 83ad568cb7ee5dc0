/** The seed's side of joining: who may come in, and with which rights. */
import type { KeyObject } from 'node:crypto';
import { A2AError } from '@skein/a2a-transport';
import { JoinParams, NodeId } from '@skein/contracts';
import { z } from 'zod';
import { SwarmError } from '../errors.ts';
import type { JoinChallenges } from '../security/join-challenge.ts';
import { hashTokenSecret, parseJoinToken } from '../security/join-token.ts';
import { type NodeIdentity, parsePublicKey } from '../security/node-identity.ts';
import { openToken } from '../security/sealed-token.ts';
import { peek, verify } from '../security/signed.ts';
import { readRecord, type VerifiedRecord } from '../security/signed-record.ts';
import { answeredJoin, signReply } from '../security/signed-reply.ts';
import type { TokenStore, TokenUse } from '../security/token-store.ts';
import { refuse } from '../wire-errors.ts';
import type { NodeEntry, NodeStore } from './node-store.ts';
import { isStale } from './registry-rules.ts';

const JoinRequest = z.strictObject({
  record: z.string(),
  seedNodeId: NodeId,
  challenge: z.string(),
});

export interface AdmissionDeps {
  identity: NodeIdentity;
  challenges: Pick<JoinChallenges, 'spend'>;
  nodes: Pick<NodeStore, 'find' | 'admit'>;
  tokens: Pick<TokenStore, 'use'>;
}

/**
 * Lets a joiner in: a key that is known, or one that brings a token. What was sealed or taken out needs a new token,
 * and has the rights that this one grants. Errors: ApplicationError with the
 * reasons TOKEN_REQUIRED, TOKEN_UNKNOWN, TOKEN_EXPIRED, TOKEN_USED, NODE_SEALED, STALE_INCARNATION, JOIN_NOT_SIGNED, CHALLENGE_UNKNOWN.
 */
export async function admitJoiner(
  { identity, challenges, nodes, tokens }: AdmissionDeps,
  params: unknown,
): Promise<NodeEntry> {
  const { request, sealedToken } = parseJoinParams(params);
  const { joiner, challenge } = readJoiner(identity.nodeId, request);
  // Spent before anything else happens: the same request never does it twice.
  const key = challenges.spend(challenge);
  if (!key)
    throw refuse('CHALLENGE_UNKNOWN', 'the join request answers no open challenge; ask for one and join anew', 403);
  const known = await nodes.find(joiner.nodeId);
  // Under our key, so that a node which does not know it yet can believe it.
  const sealed = ({ eligibilityVersion }: NodeEntry) =>
    refuse('NODE_SEALED', 'this node was sealed; it can join again with a new join token: skein token create', 403, {
      ...signReply(identity, answeredJoin(request), { sealedVersion: eligibilityVersion }),
    });
  if (known?.eligibility === 'sealed' && !sealedToken) throw sealed(known);
  const stale = (later: NodeEntry) =>
    refuse('STALE_INCARNATION', 'a later life of this node is known here', 409, {
      knownIncarnation: String(later.record.incarnation),
      ...signReply(identity, answeredJoin(request), { knownIncarnation: later.record.incarnation }),
    });
  const trusted = known && !known.removed && known.eligibility !== 'sealed' ? known : undefined;
  // Before its token is used up: it comes again with it, as a later life.
  if (known && !trusted && isStale(known, joiner)) throw stale(known);
  const use = async () => {
    const brought = sealedToken && { sealedToken, key, request };
    // A node keeps the token that it first came with: that one tells nothing new.
    const used = await useToken(tokens, brought, joiner.nodeId, { anew: known !== undefined });
    if (used.status === 'granted') return used;
    if (used.status === 'used' && known?.eligibility === 'sealed') throw sealed(known);
    throw refuse(`TOKEN_${used.status.toUpperCase()}`, tokenRefusals[used.status], 403);
  };
  const grant = trusted ?? (await use());
  const { nodeId: id, record, signedRecord } = joiner;
  const { status, entry } = await nodes.admit(
    { id, record, signedRecord, tier: grant.tier, group: grant.group },
    { newTrust: !trusted },
  );
  if (status === 'sealed') throw sealed(entry);
  if (status === 'stale') throw stale(entry);
  return entry;
}

function parseJoinParams(params: unknown): JoinParams {
  const parsed = JoinParams.safeParse(params);
  if (parsed.success) return parsed.data;
  throw new A2AError('INVALID_PARAMS', 'SwarmJoin takes { request, sealedToken? }', { cause: parsed.error });
}

/** The request must be signed by the key of the record that it holds, for this seed. */
function readJoiner(self: NodeId, request: string): { joiner: VerifiedRecord; challenge: string } {
  try {
    const claimed = JoinRequest.parse(peek(request).payload);
    const joiner = readRecord(claimed.record);
    verify(request, 'skein-join', parsePublicKey(joiner.record.key));
    if (claimed.seedNodeId !== self) throw new SwarmError('INVALID_SIGNATURE', 'the request is for another seed');
    return { joiner, challenge: claimed.challenge };
  } catch (cause) {
    throw refuse(
      'JOIN_NOT_SIGNED',
      'the join request is not signed by the joining node for this seed',
      403,
      undefined,
      cause,
    );
  }
}

interface SealedToken {
  sealedToken: string;
  key: KeyObject;
  request: string;
}

const tokenRefusals = {
  unknown: 'the join token is not known here; it may be for another seed, or mistyped',
  expired: 'the join token has expired; make a new one with: skein token create',
  used: 'the join token was used before; make a new one with: skein token create',
} as const;

async function useToken(
  tokens: Pick<TokenStore, 'use'>,
  brought: SealedToken | '' | undefined,
  nodeId: NodeId,
  options: { anew: boolean },
): Promise<TokenUse> {
  if (!brought)
    throw refuse('TOKEN_REQUIRED', 'this node is not known here; it needs a join token: skein token create', 403);
  return tokens.use(hashTokenSecret(secretOf(brought)), nodeId, options);
}

function secretOf({ sealedToken, ...lock }: SealedToken): string {
  try {
    return parseJoinToken(openToken(sealedToken, lock)).secret;
  } catch (cause) {
    throw refuse('TOKEN_UNKNOWN', tokenRefusals.unknown, 403, undefined, cause);
  }
}

/**
 * Joining through a seed: it proves its key and a challenge first; the request is signed by ours for that challenge, and
 * the token is sealed to it.
 */
import { randomBytes } from 'node:crypto';
import { A2AClientError, type HttpPort, resolveAgentCard } from '@skein/a2a-transport';
import {
  Incarnation,
  JoinReply,
  NodeId,
  ProveIdentityReply,
  SignedReply,
  SWARM_EXTENSION_URI,
  SwarmCardParams,
} from '@skein/contracts';
import type { Clock } from '@skein/contracts/runtime';
import { z } from 'zod';
import { SwarmError } from '../errors.ts';
import type { PeerCaller } from '../peers/peer-caller.ts';
import { parseJoinToken } from '../security/join-token.ts';
import { type NodeIdentity, parsePublicKey } from '../security/node-identity.ts';
import { sealToken } from '../security/sealed-token.ts';
import { sign, verify } from '../security/signed.ts';
import { readRecord, type VerifiedRecord } from '../security/signed-record.ts';
import { answeredJoin, type ExpectedReply, readReply } from '../security/signed-reply.ts';
import type { NodeStore } from './node-store.ts';
import type { OwnRecord } from './own-record.ts';

export interface JoiningDeps {
  identity: NodeIdentity;
  own: OwnRecord;
  nodes: Pick<NodeStore, 'find' | 'hearEligibility'>;
  /** Something was heard that may concern this node's own eligibility. */
  heard?: () => void;
  caller: PeerCaller;
  http: HttpPort;
  clock: Clock;
}

export interface Joined {
  seed: VerifiedRecord;
  reply: JoinReply;
}

/** What is shown to a seed. */
export interface BroughtToken {
  token: string | undefined;
  /** Somebody brought it just now: it also says that this node is to trust the seed, whatever was held of it before. */
  isNew: boolean;
}

const Proof = z.strictObject({ nonce: z.string(), nodeId: NodeId, challenge: z.string() });
const LaterLife = z.strictObject({ knownIncarnation: Incarnation });
const Seal = z.strictObject({ sealedVersion: z.int().nonnegative() });

/** http://host:port for whatever an operator writes: a trailing slash or the endpoint's path are taken off. */
export function seedOrigin(seed: string): string {
  let url: URL;
  try {
    url = new URL(seed.includes('://') ? seed : `http://${seed}`);
  } catch (cause) {
    throw new SwarmError('INVALID_ARGUMENT', `${seed} is not an address; write http://host:port`, { cause });
  }
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new SwarmError('INVALID_ARGUMENT', `${seed} is not an http or https address`);
  return url.origin;
}

/** The swarm's parameters in the card at this address. Errors: A2AClientError, PEER_NOT_TRUSTED where it is no Skein node. */
export async function readSwarmCard(
  origin: string,
  { http, clock }: Pick<JoiningDeps, 'http' | 'clock'>,
  signal: AbortSignal,
): Promise<{ name: string; params: SwarmCardParams }> {
  const card = await resolveAgentCard(origin, { http, clock, signal });
  const extension = card.capabilities.extensions?.find(({ uri }) => uri === SWARM_EXTENSION_URI);
  const params = SwarmCardParams.safeParse(extension?.params);
  if (!params.success)
    throw new SwarmError('PEER_NOT_TRUSTED', `the agent at ${origin} does not speak ${SWARM_EXTENSION_URI}`);
  return { name: card.name, params: params.data };
}

/** Errors: JOIN_REFUSED, PEER_NOT_TRUSTED, INVALID_TOKEN; A2AClientError where the seed cannot be reached. */
export async function joinSeed(
  deps: JoiningDeps,
  { origin, brought, pinned, signal }: { origin: string; brought: BroughtToken; pinned?: NodeId; signal: AbortSignal },
): Promise<Joined> {
  const { token } = brought;
  for (let again = false; ; again = true) {
    const { seed, challenge } = await proveSeed(deps, origin, signal);
    if (pinned !== undefined && seed.nodeId !== pinned)
      throw new SwarmError('PEER_NOT_TRUSTED', `another node than the seed that was joined answers at ${origin}`, {
        metadata: { reason: 'seed_changed' },
      });
    await trustSeed(deps, seed, origin, brought);
    try {
      return { seed, reply: await askToJoin(deps, seed, { challenge, origin, token, signal }) };
    } catch (cause) {
      if (cause instanceof SealedThere) await hearSeal(deps, cause);
      if (again || !(cause instanceof LaterLifeKnown)) throw refusal(cause, origin);
      await deps.own.renew(cause.incarnation + 1);
    }
  }
}

/** The seed's word, under its key, that it knows a later life of ours. */
class LaterLifeKnown extends Error {
  readonly incarnation: number;
  constructor(incarnation: number, options: { cause: unknown }) {
    super('the seed knows a later life of this node', options);
    this.incarnation = incarnation;
  }
}

/** The seed's word, under its key, that this node was sealed. */
class SealedThere extends Error {
  readonly version: number;
  constructor(version: number, options: { cause: unknown }) {
    super('the seed says that this node was sealed', options);
    this.version = version;
  }
}

/** A node that was out of reach when it was sealed hears of it when it comes back; one that was opened since knows better. */
async function hearSeal({ identity, nodes, heard }: JoiningDeps, { version }: SealedThere): Promise<void> {
  await nodes.hearEligibility(identity.nodeId, { eligibility: 'sealed', version });
  heard?.();
}

/** Lets the node at an address prove which key it holds. Errors: PEER_NOT_TRUSTED; A2AClientError where it does not answer. */
export async function proveSeed(
  { caller }: Pick<JoiningDeps, 'caller'>,
  origin: string,
  signal: AbortSignal,
): Promise<{ seed: VerifiedRecord; challenge: string }> {
  const nonce = randomBytes(24).toString('base64url');
  const { record, proof } = await caller.callUnsigned(origin, 'SwarmProveIdentity', { nonce }, ProveIdentityReply, {
    signal,
  });
  const seed = readRecord(record);
  const said = Proof.parse(verify(proof, 'skein-proof', parsePublicKey(seed.record.key)));
  if (said.nonce !== nonce || said.nodeId !== seed.nodeId)
    throw new SwarmError('PEER_NOT_TRUSTED', `the seed at ${origin} did not prove its key`);
  return { seed, challenge: said.challenge };
}

/** A seed is trusted because the token names it, or because we joined it before: that alone makes an entry `root`. */
async function trustSeed(
  { nodes, identity }: JoiningDeps,
  seed: VerifiedRecord,
  origin: string,
  { token, isNew }: BroughtToken,
) {
  if (seed.nodeId === identity.nodeId) throw new SwarmError('INVALID_ARGUMENT', `${origin} is this node itself`);
  const known = await nodes.find(seed.nodeId);
  const isSealed = known?.eligibility === 'sealed';
  if (known && !known.removed && known.tier === 'root' && !isSealed) return;
  if (isSealed && !isNew) throw seedIsSealed(origin, seed.nodeId);
  if (token === undefined)
    throw new SwarmError(
      'JOIN_REFUSED',
      `a join token is needed to join ${origin} for the first time; make one there with: skein token create`,
      {
        metadata: { reason: 'token_required' },
      },
    );
  if (!names(token, seed.nodeId))
    throw new SwarmError(
      'PEER_NOT_TRUSTED',
      `the token is for another node than the one at ${origin}; nothing was sent to it`,
      {
        metadata: { reason: 'seed_mismatch' },
      },
    );
}

/** Whether a token is for this seed. */
export const names = (token: string | undefined, seed: NodeId): token is string =>
  token !== undefined && parseJoinToken(token).seed === seed;

/** A token of before is no new trust: only one that somebody brings now is. */
export function seedIsSealed(origin: string, nodeId: NodeId): SwarmError {
  return new SwarmError(
    'JOIN_REFUSED',
    `the seed at ${origin} is sealed in this registry; join it with a new token of its own where you trust it again`,
    { metadata: { reason: 'seed_sealed_here', nodeId } },
  );
}

async function askToJoin(
  { identity, own, caller }: JoiningDeps,
  seed: VerifiedRecord,
  {
    challenge,
    origin,
    token,
    signal,
  }: { challenge: string; origin: string; token: string | undefined; signal: AbortSignal },
): Promise<JoinReply> {
  // A token that names another seed is not for this one: a seed that knows our key lets us in without it.
  const fitting = names(token, seed.nodeId) ? token : undefined;
  const request = sign(identity, 'skein-join', {
    record: own.current().signedRecord,
    seedNodeId: seed.nodeId,
    challenge,
  });
  const params = { request, ...(fitting !== undefined && { sealedToken: sealToken(fitting, { challenge, request }) }) };
  const expected: ExpectedReply = { peerKey: seed.record.key, call: answeredJoin(request) };
  try {
    const reply = await caller.callUnsigned(origin, 'SwarmJoin', params, SignedReply, { signal });
    return JoinReply.parse(readReply(reply, expected));
  } catch (cause) {
    throw laterLife(cause, expected) ?? sealedThere(cause, expected) ?? cause;
  }
}

/** A refusal's text is anybody's; that a later life is known counts only under the seed's key. */
function laterLife(cause: unknown, expected: ExpectedReply): LaterLifeKnown | undefined {
  const rpc = cause instanceof A2AClientError ? cause.rpc : undefined;
  if (rpc?.reason !== 'STALE_INCARNATION') return undefined;
  const { knownIncarnation } = LaterLife.parse(readReply({ signed: rpc.metadata?.signed }, expected));
  return new LaterLifeKnown(knownIncarnation, { cause });
}

/** The same for a seal: nobody on the way can take a node out of the swarm. */
function sealedThere(cause: unknown, expected: ExpectedReply): SealedThere | undefined {
  const rpc = cause instanceof A2AClientError ? cause.rpc : undefined;
  if (rpc?.reason !== 'NODE_SEALED' || rpc.metadata?.signed === undefined) return undefined;
  const { sealedVersion } = Seal.parse(readReply({ signed: rpc.metadata.signed }, expected));
  return new SealedThere(sealedVersion, { cause });
}

/** A seed's no becomes our own error; a seed that is out of reach stays what it is. */
function refusal(told: unknown, origin: string): unknown {
  const cause = told instanceof SealedThere ? told.cause : told;
  if (!(cause instanceof A2AClientError) || !cause.rpc) return cause;
  const reason = (cause.rpc.reason ?? 'refused').toLowerCase();
  return new SwarmError('JOIN_REFUSED', `${origin} refused: ${cause.rpc.message}`, { cause, metadata: { reason } });
}

/** How an order to drain, undrain or seal goes to the node that it concerns, and who may give one. */
import { A2AClientError } from '@skein/a2a-transport';
import {
  type Eligibility,
  type EligibilityOrder,
  type EligibilityView,
  ERROR_DOMAIN,
  GetEligibilityReply,
  type Liveness,
  SetEligibilityReply,
  type Tier,
} from '@skein/contracts';
import type { Logger } from '@skein/contracts/runtime';
import { SwarmError, type SwarmErrorCode } from '../errors.ts';
import type { PeerCaller } from '../peers/peer-caller.ts';
import type { NodeEntry } from './node-store.ts';

const allowedTiers = {
  drain: ['sudo', 'root'],
  undrain: ['sudo', 'root'],
  seal: ['root'],
} as const satisfies Record<EligibilityOrder['action'], readonly Tier[]>;

/** Whether a node of this tier may tell this node so; a stranger may nothing. */
export function mayOrder(tier: Tier | undefined, action: EligibilityOrder['action']): boolean {
  const allowed: readonly Tier[] = allowedTiers[action];
  return tier !== undefined && allowed.includes(tier);
}

/** What a node that has done as it was told says of itself. */
const obedience = {
  drain: ['draining', 'drained'],
  undrain: ['eligible'],
  seal: ['sealed'],
} as const satisfies Record<EligibilityOrder['action'], readonly Eligibility[]>;

/** A seal waits until what runs there is ended. */
const SEAL_TIMEOUT_MS = 15_000;
const TIMEOUT_MS = 5_000;

/**
 * The node's answer; undefined where it does not answer, does not know the method or does not do as it is told, so that
 * the order has to stand in this registry. Errors: FORBIDDEN, ILLEGAL_TRANSITION.
 */
export async function tellPeer(
  { caller, logger }: { caller: Pick<PeerCaller, 'call'>; logger: Logger },
  { id, record, observed, tier }: NodeEntry,
  order: EligibilityOrder,
  signal: AbortSignal,
): Promise<EligibilityView | undefined> {
  const [origin] = record.addresses;
  if (origin === undefined) return undefined;
  const peer = { nodeId: id, origin, key: record.key };
  const timeoutMs = order.action === 'seal' ? SEAL_TIMEOUT_MS : TIMEOUT_MS;
  try {
    const view = await caller.call(peer, 'SwarmSetEligibility', order, SetEligibilityReply, { signal, timeoutMs });
    const obeyed: readonly Eligibility[] = obedience[order.action];
    return view.nodeId === id && obeyed.includes(view.eligibility) ? view : undefined;
  } catch (cause) {
    if (signal.aborted || !(cause instanceof A2AClientError)) throw cause;
    const code = refusalCode(cause);
    // Whom this node let in it can put out: a node that must go is not asked whether it agrees. A seed is no such node.
    const isOurs = observed && tier !== 'root';
    if (code && !(order.action === 'seal' && isOurs))
      throw new SwarmError(code, `the node refused: ${cause.rpc?.message}`, { cause, metadata: { nodeId: id } });
    logger.warn('a node could not be told of a decision about it', { nodeId: id, action: order.action, cause });
    return undefined;
  }
}

const ASK_WITHIN_MS = 2_000;

/** What a node says of itself; undefined where it does not answer, or is not there to be asked. */
export async function askPeer(
  { caller, logger }: { caller: Pick<PeerCaller, 'call'>; logger: Logger },
  { id, record, liveness, eligibility }: NodeEntry,
  signal: AbortSignal,
): Promise<EligibilityView | undefined> {
  const [origin] = record.addresses;
  if (origin === undefined || eligibility === 'sealed' || !isThere(liveness)) return undefined;
  const peer = { nodeId: id, origin, key: record.key };
  try {
    const options = { signal, timeoutMs: ASK_WITHIN_MS };
    const view = await caller.call(peer, 'SwarmGetEligibility', {}, GetEligibilityReply, options);
    return view.nodeId === id ? view : undefined;
  } catch (cause) {
    if (signal.aborted) throw cause;
    logger.debug('a node did not say whether it may be given work', { nodeId: id, cause });
    return undefined;
  }
}

const isThere = (liveness: Liveness) => liveness === 'joining' || liveness === 'online' || liveness === 'suspect';

function refusalCode({ status, rpc }: A2AClientError): SwarmErrorCode | undefined {
  if (rpc?.domain === ERROR_DOMAIN && rpc.reason === 'ILLEGAL_TRANSITION') return 'ILLEGAL_TRANSITION';
  return status === 401 || status === 403 ? 'FORBIDDEN' : undefined;
}

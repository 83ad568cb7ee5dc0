/**
 * The tie to one seed: joins it, with patience where it does not answer, then beats to it and takes over what it tells
 * of the swarm. States: joining (tries again with backoff), joined (beats). A seed that forgot us is joined again.
 */
import { A2AClientError } from '@skein/a2a-transport';
import {
  type HeartbeatParams,
  HeartbeatReply,
  type NodeId,
  type NodeMetrics,
  type RegistryCursor,
  type SwarmEvent,
} from '@skein/contracts';
import { backoffMs, type Clock, type Emitter, type Logger, type Random } from '@skein/contracts/runtime';
import { SwarmError } from '../errors.ts';
import { livenessChanged } from '../events.ts';
import type { PeerAddress, PeerCaller } from '../peers/peer-caller.ts';
import { type Pump, startPump } from '../pump.ts';
import type { UsageLedger } from '../resources/usage-ledger.ts';
import { createUsageTeller } from '../resources/usage-sharing.ts';
import { type BroughtToken, type JoiningDeps, joinSeed, names, seedIsSealed } from './joining.ts';
import type { LivenessChange, NodeStore } from './node-store.ts';
import { readRelayed } from './relay.ts';

export interface SeedLinkDeps extends JoiningDeps {
  nodes: NodeStore;
  caller: PeerCaller;
  /** Beats carry its hours, and those of other nodes are copied into it. @default beats carry none */
  usage?: Pick<UsageLedger, 'series' | 'copy' | 'now'>;
  readMetrics: () => Promise<NodeMetrics>;
  events: Emitter<SwarmEvent>;
  random: Random;
  clock: Clock;
  logger: Logger;
}

export interface SeedLink extends AsyncDisposable {
  readonly origin: string;
  /** The seed, once joined. */
  peer(): PeerAddress | undefined;
  /** When the seed last answered, by the local clock. */
  answeredAt(): number | undefined;
  /** Lets the seed tell everything anew with its next answer. */
  forget(): void;
  /** Joins or beats now, once. Errors: what joining and calling throw, NODE_SEALED. */
  contact(signal: AbortSignal): Promise<void>;
  /** Joins anew, soon, with new trust where a token brings it. */
  rejoin(token: string | undefined): void;
  stop(): Promise<void>;
}

/** The first beats after joining come faster and slow down, so that a new swarm knows itself within seconds. */
const FIRST_BEAT_MS = 500;
const LONGEST_RETRY_MS = 30_000;
/** Refusals that only a person cures: they wait for that, however fast the swarm beats. */
const needsOperator: ReadonlySet<string> = new Set([
  ...['node_sealed', 'seed_sealed', 'seed_sealed_here', 'seed_mismatch', 'seed_changed'],
  ...['token_required', 'token_unknown', 'token_expired', 'token_used'],
]);
const nothing: BroughtToken = { token: undefined, isNew: false };

export function createSeedLink(
  deps: SeedLinkDeps,
  { origin, brought, usualIntervalMs }: { origin: string; brought: BroughtToken; usualIntervalMs: number },
): SeedLink & { start(): void } {
  const { own, nodes, caller, readMetrics, events, random, clock, logger, identity } = deps;
  const teller = deps.usage && createUsageTeller(deps.usage, identity.nodeId);
  let peer: PeerAddress | undefined;
  let pinned: NodeId | undefined; // once joined, an address leads to that seed or to nobody
  let cursor: RegistryCursor | undefined;
  let answeredAt: number | undefined;
  let toldRecord: string | undefined;
  let intervalMs = usualIntervalMs;
  let beats = 0;
  let failures = 0;
  let pump: Pump | undefined;
  let joining = brought;

  async function join(signal: AbortSignal): Promise<void> {
    const { seed, reply } = await joinSeed(deps, { origin, brought: joining, signal, ...(pinned && { pinned }) });
    toldRecord = own.current().signedRecord;
    const { nodeId: id, record, signedRecord } = seed;
    const trusted = { id, record, signedRecord, tier: 'root', group: record.group ?? null } as const;
    const { status } = await nodes.admit(trusted, { newTrust: joining.isNew && names(joining.token, id) });
    if (status === 'sealed') throw seedIsSealed(origin, id);
    pinned = id;
    peer = { nodeId: id, origin, key: record.key };
    teller?.forget(); // who has to let us in again has lost what it knew
    joining = nothing; // used up; from now on our key is known
    beats = 0;
    await takeOver(reply.changes.nodes, id);
    cursor = reply.changes.cursor;
    intervalMs = reply.intervalMs;
    events.emit({ type: 'seed.joined', seed: origin, nodeId: id });
    await beat(peer, signal);
  }

  /** What this registry says of the node itself: the word that its beats carry. */
  async function ownWord(): Promise<HeartbeatParams['eligibility']> {
    const entry = await nodes.find(identity.nodeId);
    return entry && { eligibility: entry.eligibility, version: entry.eligibilityVersion };
  }

  async function beat(seed: PeerAddress, signal: AbortSignal): Promise<void> {
    const { record, signedRecord } = own.current();
    const usage = await teller?.news();
    const word = await ownWord();
    const params = {
      incarnation: record.incarnation,
      metrics: await readMetrics(),
      ...(word && { eligibility: word }),
      ...(toldRecord !== signedRecord && { record: signedRecord }),
      ...(cursor && { cursor }),
      ...(usage && { usage: usage.series }),
    };
    const reply = await caller.call(seed, 'SwarmHeartbeat', params, HeartbeatReply, { signal });
    switch (reply.status) {
      case 'accepted':
        toldRecord = signedRecord;
        usage?.heard();
        answeredAt = clock.now();
        intervalMs = reply.intervalMs;
        beats += 1;
        await takeOver(reply.changes.nodes, seed.nodeId);
        cursor = reply.changes.cursor;
        await noteSeed(seed, reply.incarnation, reply.metrics);
        if (word?.eligibility === 'sealed') peer = undefined; // that was the last word
        return events.emit({ type: 'heartbeat.answered', nodeId: seed.nodeId });
      case 'stale_incarnation':
        await nodes.admit(await own.renew(reply.knownIncarnation + 1));
        return beat(seed, signal);
      case 'not_joined':
        peer = undefined;
        // To a seed that has taken in our own seal we are nobody, as we mean to be.
        return word?.eligibility === 'sealed' ? undefined : join(signal);
      default:
        return reply satisfies never;
    }
  }

  /** An answer is a beat of the seed's own. */
  async function noteSeed(seed: PeerAddress, incarnation: number, metrics: NodeMetrics): Promise<void> {
    const outcome = await nodes.beat(seed.nodeId, { incarnation, metrics });
    if (outcome.status === 'accepted' && outcome.change) tellChange(outcome.change);
  }

  /** A seed that was sealed while it answered tells nothing any more. */
  async function takeOver(told: Parameters<typeof readRelayed>[0], teller: NodeId): Promise<void> {
    if (told.length === 0 || (await isSealed(teller))) return;
    for (const change of await nodes.relay(readRelayed(told, logger), identity.nodeId, teller)) tellChange(change);
    deps.heard?.();
  }

  const tellChange = (change: LivenessChange) => {
    logger.info('a node’s liveness changed', { ...change });
    events.emit(livenessChanged(change));
  };

  const isSealed = async (id: NodeId) => (await nodes.find(id))?.eligibility === 'sealed';

  /** A seed that is sealed here is left alone, unless somebody brings new trust in it. */
  async function contact(signal: AbortSignal): Promise<void> {
    if (pinned && !joining.isNew && (await isSealed(pinned))) {
      peer = undefined;
      throw seedIsSealed(origin, pinned);
    }
    if (peer) return beatOrForget(peer, signal);
    if (await isSealed(identity.nodeId))
      throw new SwarmError('NODE_SEALED', 'this node is sealed; open it with: skein unseal');
    return join(signal);
  }

  /** A seed to which we are a stranger may have sealed us, or lost its registry: to be asked anew tells which. */
  async function beatOrForget(seed: PeerAddress, signal: AbortSignal): Promise<void> {
    try {
      await beat(seed, signal);
    } catch (cause) {
      if (cause instanceof A2AClientError && cause.rpc?.reason === 'UNKNOWN_CALLER') peer = undefined;
      throw cause;
    }
  }

  async function turn(signal: AbortSignal): Promise<number> {
    try {
      if (!peer && (await isSealed(identity.nodeId))) return LONGEST_RETRY_MS;
      await contact(signal);
      failures = 0;
      const soon = FIRST_BEAT_MS * 2 ** Math.min(beats, 20);
      return Math.min(soon, intervalMs * (0.9 + 0.2 * random.next()));
    } catch (cause) {
      if (signal.aborted) return 0;
      failures += 1;
      const reason = failureReason(cause);
      const capMs = needsOperator.has(reason) ? LONGEST_RETRY_MS : Math.min(LONGEST_RETRY_MS, intervalMs);
      const retryInMs = 250 + backoffMs(failures, random, { baseMs: 500, capMs });
      const detail = cause instanceof Error ? cause.message : String(cause);
      logger.warn('a seed did not let this node in or did not answer', {
        seed: origin,
        attempt: failures,
        retryInMs,
        reason,
        detail,
      });
      if (peer) events.emit({ type: 'heartbeat.failed', nodeId: peer.nodeId, reason });
      else events.emit({ type: 'seed.failed', seed: origin, attempt: failures, reason, retryInMs });
      return retryInMs;
    }
  }

  const stop = async () => pump?.stop();
  return {
    origin,
    peer: () => peer,
    answeredAt: () => answeredAt,
    forget() {
      cursor = undefined;
    },
    contact,
    rejoin(newTrust) {
      peer = undefined;
      if (newTrust !== undefined) joining = { token: newTrust, isNew: true };
      failures = 0;
      pump?.wake();
    },
    start() {
      const onError = (cause: unknown) => logger.error('a seed link failed', { seed: origin, cause });
      pump ??= startPump(clock, turn, { everyMs: () => Math.max(intervalMs * 1.1, LONGEST_RETRY_MS), onError });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/** The machine's word for why a seed could not be used: its own reason where it gave one. */
function failureReason(cause: unknown): string {
  if (cause instanceof SwarmError) return cause.metadata.reason ?? cause.code.toLowerCase();
  if (cause instanceof A2AClientError) return (cause.rpc?.reason ?? cause.code).toLowerCase();
  return 'internal';
}

/**
 * Keeps this node in the swarm and the swarm in this node's registry: its own beats, its ties to seeds, the sweep that
 * turns silence into absence, and what it answers to those who join and beat here.
 */
import { A2AClientError } from '@skein/a2a-transport';
import { type HeartbeatParams, type HeartbeatReply, type JoinReply, LeaveReply, type NodeId } from '@skein/contracts';
import { deadlineSignal } from '@skein/contracts/runtime';
import { SwarmError } from '../errors.ts';
import { livenessChanged } from '../events.ts';
import { startPump } from '../pump.ts';
import { copyUsage } from '../resources/usage-sharing.ts';
import { readRecord } from '../security/signed-record.ts';
import { refuse } from '../wire-errors.ts';
import { type AdmissionDeps, admitJoiner } from './admission.ts';
import { isCredible, supersedes } from './eligibility-version.ts';
import { type BroughtToken, seedOrigin } from './joining.ts';
import type { LivenessChange, NodeEntry } from './node-store.ts';
import { tellChanges } from './relay.ts';
import { createSeedLink, type SeedLink, type SeedLinkDeps } from './seed-link.ts';
import type { LivenessTiming } from './timing.ts';

export interface MembershipDeps extends SeedLinkDeps, Omit<AdmissionDeps, 'nodes'> {
  self: NodeId;
}

export interface MembershipOptions {
  timing: LivenessTiming;
  seeds: readonly string[];
  joinToken: string | undefined;
}

export interface Membership extends AsyncDisposable {
  /** Registers the node itself and begins to beat, sweep and tie itself to its seeds. */
  start(): Promise<void>;
  /** Says goodbye to the seeds and rests. Twice is as good as once. */
  stop(): Promise<void>;
  registerSelf(): Promise<NodeEntry>;
  /** Joins one more seed now, and beats to it from then on. */
  join(seed: string, token: string | undefined, signal: AbortSignal): Promise<NodeId>;
  /** Leaves one seed, and beats to it no more; false where it is none. */
  part(nodeId: NodeId, signal: AbortSignal): Promise<boolean>;
  /** Beats once, now, to the own registry and to every joined seed. */
  heartbeat(signal: AbortSignal): Promise<void>;
  /**
   * Asks the seeds what they know, because somebody called whom this node does not. False where no seed could be asked:
   * then nobody can say that the caller is a stranger.
   */
  refresh(): Promise<boolean>;
  /** Joins the seeds anew, at the one that made the token with new trust. */
  rejoin(token: string): void;
  /** After an unsealing: a new life, which joins the seeds anew, at the one that made the token with new trust. */
  beginAnew(token: string | undefined): Promise<void>;
  /** What a joiner, and who beats here, is answered. */
  admit(params: unknown): Promise<JoinReply>;
  takeBeat(from: NodeId, params: HeartbeatParams): Promise<HeartbeatReply>;
  takeLeave(from: NodeId, incarnation: number): Promise<void>;
}

const GOODBYE_MS = 1_000;
const REFRESH_EVERY_MS = 1_000;
const REFRESH_WITHIN_MS = 2_000;

export function createMembership(deps: MembershipDeps, options: MembershipOptions): Membership {
  const { self, nodes, own, caller, readMetrics, events, random, clock, logger } = deps;
  const { timing } = options;
  const link = (seed: string, brought: BroughtToken) =>
    createSeedLink(deps, { origin: seedOrigin(seed), brought, usualIntervalMs: timing.heartbeatIntervalMs });
  // A list of seeds that all nodes share names each of them: nobody is a seed of one's own.
  const seeds = options.seeds.map(seedOrigin).filter((origin) => !own.current().record.addresses.includes(origin));
  const configured = { token: options.joinToken, isNew: false }; // it stays there after it was used
  const links = new Map(seeds.map((origin) => [origin, link(origin, configured)]));
  const resting: { stop(): Promise<void> }[] = [];
  const onError = (cause: unknown) => logger.error('membership work failed', { cause });
  let begun = Number.NEGATIVE_INFINITY;
  let refreshedAt = Number.NEGATIVE_INFINITY;
  let sweptAt = Number.NEGATIVE_INFINITY;
  let graceUntil = Number.NEGATIVE_INFINITY;
  let stopped: Promise<void> | undefined;
  const tell = (changes: readonly LivenessChange[]) => {
    for (const change of changes) {
      logger.info('a node’s liveness changed', { ...change });
      events.emit(livenessChanged(change));
    }
  };

  /** Every beat of everyone in n/20 seconds at the least, so that a large swarm does not drown its seeds. */
  const intervalMs = async () => Math.max(timing.heartbeatIntervalMs, (await nodes.count()) * 50);

  async function beatAtHome(): Promise<void> {
    const { record } = own.current();
    const outcome = await nodes.beat(self, { incarnation: record.incarnation, metrics: await readMetrics() });
    if (outcome.status === 'accepted' && outcome.change) tell([outcome.change]);
    else if (outcome.status === 'stale_incarnation') await nodes.admit(await own.renew(outcome.knownIncarnation + 1));
    else if (outcome.status === 'not_joined') await registerSelf();
  }

  async function beatAndRest(): Promise<number> {
    await beatAtHome();
    return timing.heartbeatIntervalMs * (0.9 + 0.2 * random.next());
  }

  async function registerSelf(): Promise<NodeEntry> {
    let { status, entry } = await nodes.admit(own.current());
    if (status === 'stale') ({ status, entry } = await nodes.admit(await own.renew(entry.record.incarnation + 1)));
    return entry;
  }

  /**
   * Silence counts only while somebody listened: after a pause of our own, an outage of the database or a start, nobody
   * is judged before everybody had the time to beat again.
   */
  async function sweep(): Promise<undefined> {
    const now = clock.now();
    if (now - sweptAt >= timing.suspectAfterMs) graceUntil = now + timing.offlineAfterMs;
    if (now >= graceUntil) tell(await nodes.sweep(timing, self));
    else await nodes.find(self); // throws while the database is away
    sweptAt = now;
    const lastWord = Math.max(begun, ...[...links.values()].map((seed) => seed.answeredAt() ?? begun));
    if (links.size > 0 && clock.now() - lastWord >= timing.offlineAfterMs) await loseSight();
  }

  /** What was known by hearsay is not known any more; once a seed is back it tells everything anew. */
  async function loseSight(): Promise<void> {
    tell(await nodes.loseSight(self));
    for (const seed of links.values()) seed.forget();
  }

  let refreshing: Promise<boolean> | undefined;

  /** One refresh at a time, shared by all who wait for it; the next begins a second after the last at the earliest. */
  function refresh(): Promise<boolean> {
    refreshing ??= askSeeds().finally(() => {
      refreshing = undefined;
    });
    return refreshing;
  }

  async function askSeeds(): Promise<boolean> {
    if (links.size === 0) return true; // nobody knows more than this registry
    const joined = [...links.values()].filter((seed) => seed.peer());
    await clock.sleep(Math.max(0, refreshedAt + REFRESH_EVERY_MS - clock.now()));
    refreshedAt = clock.now();
    const limit = deadlineSignal(clock, REFRESH_WITHIN_MS, () => new Error('the seed did not answer in time'));
    const answers = await Promise.allSettled(joined.map((seed) => seed.contact(limit.signal)));
    limit.clear();
    return answers.some(({ status }) => status === 'fulfilled');
  }

  /** What does not answer a goodbye is left without one. */
  async function sayGoodbye(seeds: readonly SeedLink[], signal?: AbortSignal): Promise<void> {
    const { incarnation } = own.current().record;
    const limit = deadlineSignal(clock, GOODBYE_MS, () => new Error('the seed did not answer the goodbye'), signal);
    await Promise.allSettled(
      seeds.map(async (seed) => {
        const peer = seed.peer();
        if (!peer) return;
        await seed.contact(limit.signal).catch(() => {}); // a last beat: it tells what the last work used
        await caller.call(peer, 'SwarmLeave', { incarnation }, LeaveReply, { signal: limit.signal });
      }),
    );
    limit.clear();
  }

  const stop = () => {
    stopped ??= (async () => {
      await Promise.all(resting.map((part) => part.stop()));
      await Promise.all([...links.values()].map((seed) => seed.stop()));
      await sayGoodbye([...links.values()]);
      await nodes.leave(self, own.current().record.incarnation).catch(onError);
    })();
    return stopped;
  };

  return {
    registerSelf,
    async start() {
      begun = clock.now();
      await registerSelf();
      await beatAtHome();
      resting.push(
        startPump(clock, beatAndRest, { everyMs: timing.heartbeatIntervalMs * 1.1, onError }),
        startPump(clock, sweep, { everyMs: timing.sweepIntervalMs, onError }),
      );
      for (const seed of links.values()) seed.start();
    },
    stop,
    [Symbol.asyncDispose]: stop,
    async join(seed, token, signal) {
      const tie = link(seed, { token, isNew: token !== undefined });
      try {
        await tie.contact(signal);
      } catch (cause) {
        if (!(cause instanceof A2AClientError)) throw cause;
        throw new SwarmError('PEER_UNREACHABLE', `${tie.origin} did not answer as a seed: ${cause.message}`, { cause });
      }
      if (stopped) throw new SwarmError('NODE_STOPPED', 'the node was stopped while it joined');
      await links.get(tie.origin)?.stop();
      links.set(tie.origin, tie);
      tie.start();
      const peer = tie.peer();
      if (!peer) throw new Error('a contact that succeeded knows its peer');
      return peer.nodeId;
    },
    async part(nodeId, signal) {
      const tie = [...links.values()].find((seed) => seed.peer()?.nodeId === nodeId);
      if (!tie) return false;
      links.delete(tie.origin);
      await tie.stop();
      await sayGoodbye([tie], signal);
      return true;
    },
    async heartbeat(signal) {
      await beatAtHome();
      await Promise.all([...links.values()].filter((seed) => seed.peer()).map((seed) => seed.contact(signal)));
    },
    refresh,
    async beginAnew(token) {
      await nodes.admit(await own.renew());
      await beatAtHome();
      for (const seed of links.values()) seed.rejoin(token);
    },
    rejoin(token) {
      for (const seed of links.values()) seed.rejoin(token);
    },
    async admit(params) {
      if ((await nodes.find(self))?.eligibility === 'sealed')
        throw refuse('SEED_SEALED', 'this seed is sealed and lets nobody in; join through another one', 403);
      const entry = await admitJoiner(deps, params);
      const { id: nodeId, record } = entry;
      logger.info('a node was admitted', { nodeId, name: record.name, incarnation: record.incarnation });
      events.emit({ type: 'node.admitted', nodeId, name: record.name, incarnation: record.incarnation });
      return {
        tier: entry.tier,
        group: entry.group,
        intervalMs: await intervalMs(),
        changes: await tellChanges(nodes, undefined),
      };
    },
    async takeBeat(from, params) {
      if (params.record !== undefined) await takeRecord(from, params.record);
      if (params.eligibility) await hearWord(from, params.eligibility);
      const outcome = await nodes.beat(from, { incarnation: params.incarnation, metrics: params.metrics });
      if (outcome.status === 'stale_incarnation') return outcome;
      if (outcome.status !== 'accepted') return { status: 'not_joined' };
      if (deps.usage && params.usage) await copyUsage(deps.usage, from, params.usage);
      if (outcome.change) tell([outcome.change]);
      return {
        status: 'accepted',
        intervalMs: await intervalMs(),
        incarnation: own.current().record.incarnation,
        metrics: await readMetrics(),
        changes: await tellChanges(nodes, params.cursor),
      };
    },
    async takeLeave(from, incarnation) {
      const change = await nodes.leave(from, incarnation);
      if (change) tell([change]);
    },
  };

  /** A node's own word of its eligibility, as far as it can be believed. */
  async function hearWord(from: NodeId, word: NonNullable<HeartbeatParams['eligibility']>): Promise<void> {
    const known = await nodes.find(from);
    if (!known) return;
    const before = { eligibility: known.eligibility, version: known.eligibilityVersion };
    if (!isCredible(word, before) || !supersedes(word, before)) return;
    await nodes.hearEligibility(from, word);
    deps.heard?.();
  }

  /** A record that came with a beat counts only where it is the caller's own. */
  async function takeRecord(from: NodeId, signedRecord: string): Promise<void> {
    const { nodeId, record } = readRecord(signedRecord);
    const known = await nodes.find(from);
    if (nodeId !== from || !known) return;
    await nodes.admit({ id: nodeId, record, signedRecord, tier: known.tier, group: known.group });
  }
}

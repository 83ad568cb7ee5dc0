/**
 * Where it is decided whether a node may be given work: here for this node, at the node itself for another one, and in
 * this registry's row where that one does not answer. What follows from a decision is the drainer's.
 */
import {
  DEFAULT_DRAIN_MS,
  type DrainFate,
  type Eligibility,
  type EligibilityOrder,
  type EligibilityView,
  type NodeId,
} from '@skein/contracts';
import { type Clock, deadlineSignal, type Logger } from '@skein/contracts/runtime';
import { SwarmError } from '../errors.ts';
import type { PeerCaller } from '../peers/peer-caller.ts';
import { parseJoinToken } from '../security/join-token.ts';
import { refuse } from '../wire-errors.ts';
import { countWork, type DrainWorkDeps } from './drain-work.ts';
import type { Drainer } from './drainer.ts';
import type { DrainOutcome, EligibilityDesk, ShutdownDrain } from './eligibility-desk.ts';
import type { EligibilityAction } from './eligibility-rules.ts';
import { isCredible, supersedes } from './eligibility-version.ts';
import { type Decided, eligibilityNote, toEligibilityView } from './eligibility-view.ts';
import { askPeer, mayOrder, tellPeer } from './eligibility-wire.ts';
import type { Membership } from './membership.ts';
import type { NodeEntry, NodeStore } from './node-store.ts';
import type { OwnEligibility } from './own-eligibility.ts';

export interface EligibilityControlDeps extends DrainWorkDeps {
  nodes: Pick<NodeStore, 'find' | 'decide' | 'hearEligibility'>;
  own: OwnEligibility;
  caller: Pick<PeerCaller, 'call'>;
  membership: Pick<Membership, 'registerSelf' | 'beginAnew' | 'rejoin'>;
  drainer: () => Pick<Drainer, 'wake' | 'whenDrained' | 'outcome'>;
  /** What became of the work of a drain that is over. */
  fate: () => Promise<DrainFate | undefined>;
  worker: () => { wake(): void };
  /** Somebody's eligibility has changed in this registry. `own`: this node's, of which the swarm should hear soon. */
  changed: (whose: 'own' | 'other') => void;
  clock: Clock;
  logger: Logger;
  /** Aborts when the node stops. */
  stopping: AbortSignal;
}

export interface EligibilityControl extends EligibilityDesk, ShutdownDrain {
  /** Another node's order, as this node's tier for it allows. Errors: ApplicationError FORBIDDEN, ILLEGAL_TRANSITION. */
  takeSetEligibility(from: NodeId, order: EligibilityOrder): Promise<EligibilityView>;
  /** What this node says of itself to another one. */
  tellEligibility(): Promise<EligibilityView>;
  /** Before the worker starts: the drain of an earlier life's end went with that life. */
  beginLife(): Promise<void>;
}

/** Ended by force, work is gone in less. */
const EMPTY_WITHIN_MS = 10_000;

export function createEligibilityControl(deps: EligibilityControlDeps): EligibilityControl {
  const { self, nodes, own, membership, drainer, worker, changed, clock, logger, stopping } = deps;
  const note = (decided: Decided) => eligibilityNote(clock.now(), decided);

  /** Errors: UNKNOWN_NODE, ILLEGAL_TRANSITION. */
  async function decide(id: NodeId, action: EligibilityAction, decided: Decided): Promise<NodeEntry> {
    const outcome = await nodes.decide(id, { action, note: note(decided), elsewhere: id !== self });
    if (!outcome) throw unknownNode(id);
    if (outcome.status === 'refused')
      throw new SwarmError('ILLEGAL_TRANSITION', refusedBecause(action, outcome.from), {
        metadata: { nodeId: id, from: outcome.from, action },
      });
    const { reason = null, actor } = decided;
    logger.info('a node’s eligibility was decided', { nodeId: id, to: outcome.entry.eligibility, reason, actor });
    if (id === self) await own.look();
    changed(id === self ? 'own' : 'other');
    return outcome.entry;
  }

  const view = async (entry: NodeEntry): Promise<EligibilityView> =>
    toEligibilityView(entry, { running: await countWork(deps), applied: 'there', fate: await deps.fate() });

  /** An order for this node, whoever gave it. */
  async function carryOut(order: EligibilityOrder, actor: NodeId, signal?: AbortSignal): Promise<EligibilityView> {
    if (!(await own.look())) await membership.registerSelf();
    const { reason } = order;
    switch (order.action) {
      case 'drain': {
        const entry = await decide(self, 'drain', { actor, reason, ...limitsOf(order) });
        drainer().wake();
        return view(entry);
      }
      case 'undrain': {
        const entry = await decide(self, 'undrain', { actor, reason });
        drainer().wake();
        worker().wake();
        return view(entry);
      }
      case 'seal': {
        await empty({ actor, reason }, signal);
        const entry = await decide(self, 'seal', { actor, reason });
        drainer().wake();
        return view(entry);
      }
      default:
        return order satisfies never;
    }
  }

  /** Ends what runs before the seal falls, so that the others can still be told. What lives longer does not hold it up. */
  async function empty(decided: Decided, signal?: AbortSignal): Promise<void> {
    if (own.current() === 'sealed') return;
    await decide(self, 'drain', { ...decided, deadlineMs: 0, force: true });
    await drainedWithin(EMPTY_WITHIN_MS, signal);
  }

  async function drainedWithin(ms: number, signal: AbortSignal = stopping): Promise<DrainOutcome> {
    const limit = deadlineSignal(clock, ms, () => new Error('something still runs'), signal);
    try {
      return await drainer().whenDrained({ signal: limit.signal });
    } catch (cause) {
      if (signal.aborted || stopping.aborted || !limit.signal.aborted) throw cause;
      return await drainer().outcome();
    } finally {
      limit.clear();
    }
  }

  /** An order for another node: at that node, or else in this registry, which spreads. */
  async function order(id: NodeId, asked: EligibilityOrder, signal: AbortSignal = stopping): Promise<EligibilityView> {
    signal.throwIfAborted();
    if (id === self) return carryOut(asked, self, signal);
    const entry = await nodes.find(id);
    if (!entry || entry.removed) throw unknownNode(id);
    const told = await tellPeer(deps, entry, asked, signal);
    // A version that it cannot have is not taken over: then the order stands here under one of ours, whatever it says.
    if (told && isCredible(told, { eligibility: entry.eligibility, version: entry.eligibilityVersion })) {
      await nodes.hearEligibility(id, { eligibility: told.eligibility, version: told.version });
      changed('other');
      return told;
    }
    const { action, reason } = asked;
    const here = await decide(id, action, { actor: self, reason, ...(asked.action === 'drain' && limitsOf(asked)) });
    return told ?? toEligibilityView(here, { running: null, applied: 'here' });
  }

  return {
    drain: ({ nodeId = self, deadlineMs = DEFAULT_DRAIN_MS, force = false, reason, signal } = {}) =>
      order(nodeId, { action: 'drain', deadlineMs, force, reason }, signal),
    undrain: ({ nodeId = self, reason, signal } = {}) => order(nodeId, { action: 'undrain', reason }, signal),
    seal: ({ nodeId = self, reason, signal } = {}) => order(nodeId, { action: 'seal', reason }, signal),

    async unseal({ joinToken, reason } = {}) {
      if (joinToken !== undefined) parseJoinToken(joinToken); // before anything is decided
      const before = await own.look();
      if (before && before.eligibility !== 'sealed') {
        if (joinToken === undefined) throw notSealed(self, before.eligibility);
        membership.rejoin(joinToken);
        return view(before);
      }
      await decide(self, 'unseal', { actor: self, reason });
      await membership.beginAnew(joinToken);
      drainer().wake();
      worker().wake();
      const entry = await own.look();
      if (!entry) throw unknownNode(self);
      return view(entry);
    },

    async getEligibility(id = self, { signal = stopping } = {}) {
      const entry = await nodes.find(id);
      if (!entry || entry.removed) return undefined;
      if (id === self) return view(entry);
      const told = await askPeer(deps, entry, signal);
      return told && holds(told, entry) ? told : toEligibilityView(entry, { running: null, applied: 'here' });
    },

    async tellEligibility() {
      return view((await own.look()) ?? (await membership.registerSelf()));
    },

    whenDrained: (options) => drainer().whenDrained(options),

    async takeSetEligibility(from, asked) {
      const caller = await nodes.find(from);
      if (from !== self && !mayOrder(caller?.removed ? undefined : caller?.tier, asked.action))
        throw refuse('FORBIDDEN', `this node’s tier for you does not allow you to ${asked.action} it`, 403);
      try {
        return await carryOut(asked, from);
      } catch (cause) {
        if (!(cause instanceof SwarmError) || cause.code !== 'ILLEGAL_TRANSITION') throw cause;
        throw refuse(cause.code, cause.message, 409, undefined, cause);
      }
    },

    async beginLife() {
      const entry = await own.look();
      const drained = entry?.eligibility === 'draining' || entry?.eligibility === 'drained';
      if (!drained || entry.eligibilityNote?.origin !== 'shutdown') return;
      await decide(self, 'undrain', { actor: self, origin: 'shutdown', reason: 'the node has started again' });
    },

    async drainForShutdown({ deadlineMs, signal = stopping }) {
      const entry = await own.look();
      if (entry?.eligibility === 'eligible')
        await decide(self, 'drain', { actor: self, origin: 'shutdown', reason: 'the node is ending', deadlineMs });
      return drainedWithin(deadlineMs, signal);
    },
  };
}

const notSealed = (nodeId: NodeId, from: Eligibility) =>
  new SwarmError(
    'ILLEGAL_TRANSITION',
    `this node is not sealed: it is ${from}; where its seeds do not let it in, hand in a new join token of one of them`,
    { metadata: { nodeId, from, action: 'unseal' } },
  );

/** Nobody has the time that a drain by force does not give. */
const limitsOf = ({ deadlineMs, force }: { deadlineMs: number; force: boolean }) => ({
  deadlineMs: force ? 0 : deadlineMs,
  force,
});

/** Whether a node's word of itself counts here: it can be believed, and nothing later was decided that it has not heard of. */
function holds(told: EligibilityView, { eligibility, eligibilityVersion: version }: NodeEntry): boolean {
  const known = { eligibility, version };
  return isCredible(told, known) && !supersedes(known, told);
}

const unknownNode = (nodeId: NodeId) =>
  new SwarmError('UNKNOWN_NODE', `no node ${nodeId} is known here; list the nodes to see who is`, {
    metadata: { nodeId },
  });

function refusedBecause(action: EligibilityAction, from: string): string {
  if (from === 'sealed') return 'the node is sealed; it is opened at the node itself alone, with: skein unseal';
  return `a node that is ${from} cannot be told to ${action}`;
}

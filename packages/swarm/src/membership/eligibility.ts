/** Everything of a node that concerns its being given work: the desk, the drainer behind it, the news of both. */
import type { SwarmEvent } from '@skein/contracts';
import { deadlineSignal, type Emitter } from '@skein/contracts/runtime';
import type { Worker } from '../directives/worker.ts';
import { SwarmError } from '../errors.ts';
import type { Pump } from '../pump.ts';
import { type Drainer, type DrainerDeps, startDrainer } from './drainer.ts';
import {
  createEligibilityControl,
  type EligibilityControl,
  type EligibilityControlDeps,
} from './eligibility-control.ts';
import type { EligibilityDesk, ShutdownDrain } from './eligibility-desk.ts';
import { startEligibilityNews } from './eligibility-news.ts';
import type { Membership } from './membership.ts';
import type { NodeStore } from './node-store.ts';

export interface EligibilityDeps
  extends Omit<EligibilityControlDeps, 'drainer' | 'fate' | 'worker' | 'changed' | 'nodes' | 'membership'>,
    Pick<DrainerDeps, 'interruptAgents'> {
  nodes: NodeStore;
  membership: Pick<Membership, 'registerSelf' | 'beginAnew' | 'rejoin' | 'heartbeat'>;
  /** Throws while the node is not started. */
  worker: () => Pick<Worker, 'wake' | 'interruptAll'>;
  events: Emitter<SwarmEvent>;
}

export interface NodeEligibility
  extends Pick<EligibilityControl, 'takeSetEligibility' | 'tellEligibility' | 'beginLife'>,
    AsyncDisposable {
  /** What a program may ask of it. */
  readonly desk: EligibilityDesk & ShutdownDrain;
  /** Somebody told something of this node, or of another: see whether it changes anything. */
  heard(): void;
  /** Once the worker works and the node is registered. */
  start(): void;
  /** Before the membership stops. Twice is as good as once. */
  stop(): Promise<void>;
}

const ANNOUNCE_WITHIN_MS = 2_000;

export function createEligibility(deps: EligibilityDeps): NodeEligibility {
  const { membership, clock, logger, stopping } = deps;
  let drainer: Drainer | undefined;
  let news: Pump | undefined;
  let announced: Promise<void> = Promise.resolve();

  /** A beat now, so that nobody has to wait for the next one to know. One after the other. */
  function announce(): void {
    if (!drainer) return;
    announced = announced.then(async () => {
      const limit = deadlineSignal(clock, ANNOUNCE_WITHIN_MS, () => new Error('a seed did not answer'), stopping);
      await membership
        .heartbeat(limit.signal)
        .catch((cause: unknown) => logger.debug('a change of eligibility was not told yet', { cause }));
      limit.clear();
    });
  }

  const requireDrainer = (): Drainer => {
    if (drainer) return drainer;
    throw new SwarmError('NODE_STOPPED', 'the node is not running; start it first');
  };

  const { takeSetEligibility, tellEligibility, beginLife, ...desk } = createEligibilityControl({
    ...deps,
    drainer: requireDrainer,
    fate: async () => drainer?.fate(),
    changed(whose) {
      news?.wake();
      if (whose === 'own') announce();
    },
  });

  const stop = async () => {
    await drainer?.stop();
    await news?.stop();
    await announced;
  };

  return {
    ...{ desk, takeSetEligibility, tellEligibility, beginLife },
    heard() {
      drainer?.wake();
      news?.wake();
    },
    start() {
      news ??= startEligibilityNews(deps);
      drainer ??= startDrainer({
        ...deps,
        worker: deps.worker(),
        announce() {
          news?.wake();
          announce();
        },
      });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

/**
 * The node's own part in a drain. It looks at its row, whoever wrote it, so that a decision works after a restart and
 * when others told of it: eligible (the worker works), draining (nothing is claimed any more; what runs may end, until
 * the deadline), drained (nothing runs), sealed (what runs is ended at once).
 */
import { DEFAULT_DRAIN_MS, type DirectiveError, type DrainFate, type NodeId } from '@skein/contracts';
import { type Clock, type Logger, linkedSignal } from '@skein/contracts/runtime';
import type { CallOptions } from '../call-options.ts';
import type { Worker } from '../directives/worker.ts';
import { SwarmError } from '../errors.ts';
import { startPump } from '../pump.ts';
import { type DrainWork, type DrainWorkDeps, watchWork } from './drain-work.ts';
import type { DrainOutcome } from './eligibility-desk.ts';
import { eligibilityNote } from './eligibility-view.ts';
import type { NodeEntry, NodeStore } from './node-store.ts';
import type { OwnEligibility } from './own-eligibility.ts';

export interface DrainerDeps extends DrainWorkDeps {
  self: NodeId;
  nodes: Pick<NodeStore, 'decide'>;
  own: OwnEligibility;
  worker: Pick<Worker, 'wake' | 'interruptAll'>;
  /** Ends every agent that runs here, as interrupted. Asked again while any is left. */
  interruptAgents: (error: DirectiveError) => Promise<void>;
  /** The node's eligibility has changed: the swarm should hear of it soon. */
  announce: () => void;
  clock: Clock;
  logger: Logger;
}

export interface Drainer extends AsyncDisposable {
  /** The row may have changed. */
  wake(): void;
  /** Resolves when the node is drained, sealed and empty, or eligible. Errors: NODE_STOPPED, the signal's reason. */
  whenDrained(options?: CallOptions): Promise<DrainOutcome>;
  /** What became of the work once nothing runs; undefined before that, and where the drain ended in an earlier life. */
  fate(): Promise<DrainFate | undefined>;
  /** How things stand now. */
  outcome(): Promise<DrainOutcome>;
  stop(): Promise<void>;
}

interface Drain {
  seenAt: number;
  work: DrainWork;
  /** Nothing ran when this life of the node first saw it: what became of its work was told by the one before. */
  isOld: boolean;
  /** Set while what runs is being ended. */
  ending?: Promise<void> | undefined;
  /** When it was last ended: what is left after that is not this process's to end, or hard to. */
  endedAt: number;
}

const interruptedByDrain: DirectiveError = {
  reason: 'interrupted_by_drain',
  message: 'the node was drained while it ran; it was killed',
};
const LOOK_EVERY_MS = 5_000;
const LOOK_WHILE_DRAINING_MS = 200;

export function startDrainer(deps: DrainerDeps): Drainer {
  const { self, nodes, own, worker, interruptAgents, announce, clock, logger } = deps;
  const stopping = new AbortController();
  const waiting = new Set<(outcome: DrainOutcome) => void>();
  let drain: Drain | undefined;
  const onError = (cause: unknown) => logger.error('a drain could not be worked on', { cause });

  async function turn(): Promise<number | undefined> {
    const asking = [...waiting]; // before the row is read: what it says holds for those who ask now, not for later ones
    const entry = await own.look();
    const eligibility = entry?.eligibility ?? 'eligible';
    if (!entry || eligibility === 'eligible') {
      await tell(asking);
      if (drain) worker.wake();
      drain = undefined;
      return undefined;
    }
    drain ??= {
      ...{ seenAt: clock.now(), endedAt: Number.NEGATIVE_INFINITY, isOld: eligibility === 'drained' },
      work: watchWork(deps),
    };
    if ((await drain.work.look()) > 0) {
      if (clock.now() >= Math.max(endsAt(entry, drain), drain.endedAt + LOOK_WHILE_DRAINING_MS)) end(drain);
      return LOOK_WHILE_DRAINING_MS;
    }
    if (eligibility === 'draining') {
      const note = entry.eligibilityNote ?? eligibilityNote(clock.now(), { actor: self });
      await nodes.decide(self, { action: 'mark_drained', note });
      announce();
      return 0; // whatever it is now is read anew
    }
    await tell(asking);
    return undefined;
  }

  /** Told of by others a drain comes without its deadline: it has the usual one. */
  function endsAt({ eligibility, eligibilityNote: note }: NodeEntry, { seenAt }: Drain): number {
    if (eligibility === 'sealed' || note?.force) return Number.NEGATIVE_INFINITY;
    return note?.deadlineAt ? Date.parse(note.deadlineAt) : seenAt + DEFAULT_DRAIN_MS;
  }

  /** Not waited for: while one piece of work is slow to die the row is still looked at. */
  function end(ended: Drain): void {
    ended.ending ??= Promise.all([worker.interruptAll('draining'), interruptAgents(interruptedByDrain)])
      .catch(onError)
      .then(() => {
        ended.ending = undefined;
        ended.endedAt = clock.now();
        pump.wake();
      });
  }

  async function outcome(): Promise<DrainOutcome> {
    const fates = await (drain?.work ?? watchWork(deps)).fates();
    return { eligibility: own.current(), ...fates };
  }

  async function tell(asking: readonly ((outcome: DrainOutcome) => void)[]): Promise<void> {
    if (asking.length === 0) return;
    const now = await outcome();
    for (const resolve of asking) resolve(now);
  }

  const pump = startPump(clock, turn, { everyMs: LOOK_EVERY_MS, onError });

  const stop = async () => {
    stopping.abort(new SwarmError('NODE_STOPPED', 'the node was stopped while it drained'));
    await pump.stop();
    await drain?.ending;
  };

  return {
    wake: pump.wake,
    outcome,
    async fate() {
      const isOver = own.current() === 'drained' || own.current() === 'sealed';
      return isOver && drain && !drain.isOld ? drain.work.fates() : undefined;
    },
    whenDrained({ signal } = {}) {
      const given = linkedSignal(signal, stopping.signal);
      let forget = () => {};
      const drained = new Promise<DrainOutcome>((resolve, reject) => {
        given.signal.throwIfAborted();
        given.signal.addEventListener('abort', () => reject(given.signal.reason), { once: true });
        waiting.add(resolve);
        forget = () => waiting.delete(resolve);
        pump.wake();
      });
      return drained.finally(() => {
        forget();
        given.clear();
      });
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

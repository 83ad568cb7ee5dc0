/**
 * How a node's process comes to its end: who asked for it, whether what runs may end first, and when nobody waits for
 * that any more. Up, then draining where SIGTERM asked, then stopping.
 */
import type { Eligibility } from '@skein/contracts';
import { type EndingPhase, type StopSignal, signalExitCode, signalMeaning } from './stop-signals.ts';

export interface Ending {
  /** The first word that the node is to end. */
  readonly asked: Promise<{ reason: string; drains: boolean }>;
  /** Aborts, with the reason, when the node is to stop and a drain is not waited for. */
  readonly stopping: AbortSignal;
  /** Asks for the stop, now. */
  stop(reason: string): void;
}

interface EndingOptions {
  /** Whether there is something that could be drained. */
  canDrain: () => boolean;
  now: () => number;
}

/** Signals, and the end of a parent that holds a channel to us: nobody outlives the one who started them for a while. */
export function heedSignals(process: NodeJS.Process, { canDrain, now }: EndingOptions): Ending {
  let tell: (word: { reason: string; drains: boolean }) => void = () => {};
  const asked = new Promise<{ reason: string; drains: boolean }>((resolve) => {
    tell = resolve;
  });
  const stopping = new AbortController();
  let phase: EndingPhase = 'up';
  let lastAt: number | undefined;

  function stop(reason: string): void {
    phase = 'stopping';
    tell({ reason, drains: false });
    stopping.abort(new Error(reason));
  }

  function heed(signal: StopSignal): void {
    const at = now();
    const meaning = signalMeaning(signal, phase, lastAt === undefined ? undefined : at - lastAt);
    if (meaning === 'echo') return;
    lastAt = at;
    if (meaning === 'end') process.exit(signalExitCode[signal]);
    if (meaning === 'drain' && canDrain()) {
      phase = 'draining';
      tell({ reason: signal, drains: true });
    } else stop(signal);
  }

  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => heed(signal));
  const orphaned = () => stop('whoever started it is gone');
  // It may have gone while our modules were being loaded: then no event will tell.
  if (process.send && !process.connected) orphaned();
  else process.on('disconnect', orphaned);
  return { asked, stopping: stopping.signal, stop };
}

/** How the log calls the end of the wait for a drain. A drain that others ordered may have a later deadline than ours. */
export function wordOfDrain(eligibility: Eligibility): string {
  const isOver = eligibility === 'drained' || eligibility === 'sealed';
  return isOver ? 'the node has drained' : 'the node waits no longer for its work to end; what runs is ended now';
}

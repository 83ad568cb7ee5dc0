/**
 * What a signal means. SIGTERM, as supervisors send it, asks for a drain and then a clean stop; SIGINT and SIGHUP for the
 * stop. A later one ends the drain, and the one after it everything at once. npm and terminals both pass a Ctrl-C on, so
 * the same one can arrive twice: echoes right after one that meant something mean nothing.
 */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';
/** Where the process is on its way to its end. */
export type EndingPhase = 'up' | 'draining' | 'stopping';

const ECHO_MS = 500;

/** `sinceLastMs`: since the last signal that meant something, if there was one. */
export function signalMeaning(
  signal: StopSignal,
  phase: EndingPhase,
  sinceLastMs: number | undefined,
): 'drain' | 'stop' | 'echo' | 'end' {
  if (sinceLastMs !== undefined && sinceLastMs < ECHO_MS) return 'echo';
  if (phase === 'up') return signal === 'SIGTERM' ? 'drain' : 'stop';
  return phase === 'draining' ? 'stop' : 'end';
}

/** 128 and the signal's number, as shells tell it. */
export const signalExitCode = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const satisfies Record<StopSignal, number>;

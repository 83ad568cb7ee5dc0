/**
 * What a signal means. The first one asks for a clean stop, a later one for the end at once. npm and terminals both
 * pass a Ctrl-C on, so the same one can arrive twice: echoes right after the first mean nothing.
 */
const ECHO_MS = 500;

export function signalMeaning(sinceFirstMs: number | undefined): 'stop' | 'echo' | 'end' {
  if (sinceFirstMs === undefined) return 'stop';
  return sinceFirstMs < ECHO_MS ? 'echo' : 'end';
}

/** 128 and the signal's number, as shells tell it. */
export const signalExitCode = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;

/**
 * What a node does about its server, from what it has seen. Several nodes may do this to one folder at once: PostgreSQL
 * lets one server live there, and the lock in it says who owns it, whoever started it.
 *
 *   own     the lock is ours
 *   refuse  it is another's: leave everything as it is
 *   wait    somebody's server is coming up or going down; look again at the next change
 *   spawn   nobody is there
 */
export type Move =
  | { readonly do: 'own' }
  | { readonly do: 'refuse'; readonly owner: string }
  | { readonly do: 'wait' }
  | { readonly do: 'spawn'; readonly strangerPid?: number };

export interface Sighting {
  /** What the server said when it was asked for the lock. */
  readonly answer: { readonly status: 'taken' | 'busy' | 'silent' } | { readonly status: 'held'; readonly by: string };
  /** A server that we started ourselves is still running. */
  readonly ownChildRuns: boolean;
  /** The process that the pid file names: this folder's server, something else that runs, or nothing. */
  readonly pidFile: { readonly names: 'server' | 'nothing' } | { readonly names: 'stranger'; readonly pid: number };
}

export function nextMove({ answer, ownChildRuns, pidFile }: Sighting): Move {
  switch (answer.status) {
    case 'taken':
      return { do: 'own' };
    case 'held':
      return { do: 'refuse', owner: answer.by };
    case 'busy':
      return { do: 'wait' };
    case 'silent':
      if (ownChildRuns || pidFile.names === 'server') return { do: 'wait' };
      return pidFile.names === 'stranger' ? { do: 'spawn', strangerPid: pidFile.pid } : { do: 'spawn' };
    default:
      return answer satisfies never;
  }
}

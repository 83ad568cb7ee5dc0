/** The port behind the routes: whoever carries directives out and keeps what became of them. It knows peers by name. */
import type { CortexDirective } from './cortex-directive.ts';
import type { CortexOutcome, CortexTask } from './cortex-task.ts';

/** A directive that was taken in. */
export interface CortexRun {
  taskId: string;
  /** How it ends. An abort of the signal rejects with its reason and ends the waiting, never the work. */
  ended: Promise<CortexOutcome>;
}

export interface CortexPeerHandler {
  /**
   * Takes a directive in, once for each messageId of a peer. Errors: an A2AError or ApplicationError is told to the peer,
   * anything else to the log alone.
   */
  execute(peer: string, directive: CortexDirective, signal: AbortSignal): Promise<CortexRun>;
  /** To whom a task does not belong it is unknown. */
  getTask(peer: string, taskId: string): Promise<CortexTask | undefined>;
  /** Resolves when the work has stopped. What has ended stays. */
  cancelTask(peer: string, taskId: string): Promise<CortexTask | undefined>;
  /** The peer's own, newest first. */
  listTasks(peer: string): Promise<readonly CortexTask[]>;
}

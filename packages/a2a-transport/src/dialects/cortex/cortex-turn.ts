/**
 * One directive of a peer, from its message to a task that can be told. CortexPrism waits 120 s and takes an error for a
 * node that is away, so that whatever goes wrong is a task, FAILED with a text, and comes in time.
 */
import { type Clock, deadlineSignal, type Logger, type Random } from '@skein/contracts/runtime';
import { orAborted } from '../../client/deadline.ts';
import { isRefusal } from '../../json-rpc/errors.ts';
import { readCortexDirective } from './cortex-directive.ts';
import type { CortexPeerHandler } from './cortex-handler.ts';
import type { KnownCortexPeer } from './cortex-peers.ts';
import { type CortexTask, noCortexMetrics } from './cortex-task.ts';

export interface CortexTurnDeps {
  handler: CortexPeerHandler;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** How long a directive is waited for, in milliseconds. */
  answerWithinMs: number;
}

/** Why a wait ended before its directive did. */
class WaitedEnough extends Error {
  override readonly name = 'WaitedEnough';
}

/** The task to answer with. `onAccepted` hears its id as soon as it is stored. Never rejects. */
export async function takeCortexTurn(
  deps: CortexTurnDeps,
  peer: KnownCortexPeer,
  params: unknown,
  signal: AbortSignal,
  onAccepted: (taskId: string) => void = () => {},
): Promise<CortexTask> {
  const { handler, clock, random, logger, answerWithinMs } = deps;
  const waiting = deadlineSignal(clock, answerWithinMs, () => new WaitedEnough(), signal);
  let taskId: string | undefined;
  try {
    const directive = readCortexDirective(params);
    if (!peer.kinds.includes(directive.kind)) {
      logger.warn('a cortex peer sent a kind that it may not send', { peer: peer.name, kind: directive.kind });
      return failed(random.uuid(), notAllowed(peer, directive.kind));
    }
    // Whatever a store does, the peer is answered in time.
    const run = await orAborted(handler.execute(peer.name, directive, waiting.signal), waiting.signal);
    taskId = run.taskId;
    onAccepted(taskId);
    return { id: taskId, outcome: await orAborted(run.ended, waiting.signal) };
  } catch (cause) {
    const id = taskId ?? random.uuid();
    if (isRefusal(cause)) return failed(id, cause.message);
    if (waiting.signal.aborted) return failed(id, whyNotWaited(taskId, waiting.signal.reason, answerWithinMs));
    logger.error('a directive of a cortex peer could not be taken', { peer: peer.name, cause });
    return failed(id, 'internal error: the node could not take the directive; its log says why');
  } finally {
    waiting.clear();
  }
}

export const failed = (id: string, error: string): CortexTask => ({
  id,
  outcome: { status: 'failed', error, metrics: noCortexMetrics },
});

const notAllowed = ({ kinds }: KnownCortexPeer, kind: string): string =>
  `denied: this peer may send ${kinds.join(', ') || 'nothing'} here; the operator can allow ${kind} under cortex.peers`;

function whyNotWaited(taskId: string | undefined, reason: unknown, withinMs: number): string {
  const goesOn = taskId === undefined ? 'it may be at work' : `it goes on as task ${taskId}, which GetTask tells of`;
  return reason instanceof WaitedEnough
    ? `deadline: not done within ${withinMs} ms; ${goesOn}`
    : `the node is closing; ${goesOn}`;
}

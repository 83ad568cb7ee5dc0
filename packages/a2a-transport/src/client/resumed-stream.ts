import { isInterrupted, isTerminal, type StreamResponse, type Task, type TaskState } from '@skein/contracts/a2a';
import { backoffMs, type Clock, type Random } from '@skein/contracts/runtime';
import { A2AClientError } from '../errors.ts';

/** An event with the place of the stream that it was heard at, where the peer says one. */
export interface HeardEvent {
  readonly event: StreamResponse;
  readonly id: string | undefined;
}

/** How a stream is taken up again where it broke. */
export interface Resumption {
  /** Attempts in a row that may fail. */
  attempts: number;
  /** Whether only the place that the peer names is good enough to go on at. */
  needsId: boolean;
  subscribe(taskId: string, lastEventId: string | undefined): AsyncIterable<HeardEvent>;
  /** The task as it stands, where nothing follows any more. */
  find(taskId: string): Promise<Task>;
  clock: Clock;
  random: Random;
  signal: AbortSignal | undefined;
}

const waits = { baseMs: 500, capMs: 10_000 };

/**
 * The events of a stream as one, whatever happens to the connection. After a break it goes on behind the last event that
 * was heard, if the peer gives its events ids; else with the task as it stands, which SubscribeToTask begins with; and if
 * the task has ended meanwhile, with how it ended. So nothing is heard twice, and nothing is left out that the task does
 * not show. What broke before its first event is not tried again: what it asked for may have been done.
 */
export async function* resumedStream(
  first: AsyncIterable<HeardEvent>,
  resumption: Resumption,
): AsyncGenerator<StreamResponse, void, undefined> {
  const { attempts, subscribe, find, clock, random, signal } = resumption;
  const place = new StreamPlace(resumption.needsId);
  let failed = 0;
  let stream = first;
  for (;;) {
    let broken: A2AClientError | undefined;
    try {
      let heard = 0;
      for await (const { event, id } of stream) {
        heard += 1;
        place.hear(event, id);
        // A peer that tells the task and hangs up, again and again, makes no progress.
        if (heard > 1 || !('task' in event)) failed = 0;
        yield event;
      }
    } catch (cause) {
      if (hasEnded(cause) && stream !== first && place.taskId !== undefined) {
        return yield { task: await find(place.taskId) };
      }
      if (!isBreak(cause)) throw cause;
      broken = cause;
    }
    if (!place.goesOn(broken !== undefined) || place.taskId === undefined || failed >= attempts) {
      if (broken) throw broken;
      return;
    }
    await clock.sleep(Math.max(backoffMs(failed, random, waits), broken?.retryAfterMs ?? 0), signal);
    failed += 1;
    stream = subscribe(place.taskId, place.id);
  }
}

/** How far a stream was heard, and of which task. */
class StreamPlace {
  readonly #needsId: boolean;
  taskId: string | undefined;
  id: string | undefined;
  #state: TaskState | 'answered' | undefined;

  constructor(needsId: boolean) {
    this.#needsId = needsId;
  }

  hear(event: StreamResponse, id: string | undefined): void {
    this.id = id;
    if ('message' in event) this.#state = 'answered';
    else if ('task' in event) this.#hearTask(event.task.id, event.task.status.state);
    else if ('statusUpdate' in event) this.#hearTask(event.statusUpdate.taskId, event.statusUpdate.status.state);
    else this.#hearTask(event.artifactUpdate.taskId, this.taskState);
  }

  /** Whether there is more to hear. A peer may end a stream where the task waits for us; a connection that breaks there did not mean to. */
  goesOn(broken: boolean): boolean {
    if (this.#state === 'answered' || (this.#needsId && this.id === undefined)) return false;
    const state = this.taskState;
    return state === undefined || !(isTerminal(state) || (!broken && isInterrupted(state)));
  }

  private get taskState(): TaskState | undefined {
    return this.#state === 'answered' ? undefined : this.#state;
  }

  #hearTask(taskId: string, state: TaskState | undefined): void {
    this.taskId = taskId;
    this.#state = state;
  }
}

/** Failures of the way, not of the peer. */
function isBreak(cause: unknown): cause is A2AClientError {
  if (!(cause instanceof A2AClientError)) return false;
  if (cause.code === 'HTTP_STATUS') return [429, 502, 503, 504].includes(cause.status ?? 0);
  return cause.code === 'BROKEN' || cause.code === 'TIMEOUT' || cause.code === 'UNREACHABLE';
}

/** What SubscribeToTask answers for a task that has ended. */
function hasEnded(cause: unknown): boolean {
  return cause instanceof A2AClientError && cause.rpc?.reason === 'UNSUPPORTED_OPERATION';
}

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
  /** How long a stream may bring nothing new, by the clock, until it is given up; 0 takes nothing up again. */
  patienceMs: number;
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
 * not show. What broke before its first event is not tried again: what it asked for may have been done. Nor does a failure
 * after it ever read as though nothing had been sent.
 */
export async function* resumedStream(
  first: AsyncIterable<HeardEvent>,
  resumption: Resumption,
): AsyncGenerator<StreamResponse, void, undefined> {
  const { patienceMs, subscribe, find, clock, random, signal } = resumption;
  const place = new StreamPlace(resumption.needsId);
  let failed = 0;
  let failingSince: number | undefined;
  let stream = first;
  for (;;) {
    let broken: A2AClientError | undefined;
    try {
      let heard = 0;
      for await (const { event, id } of stream) {
        heard += 1;
        place.hear(event, id);
        // A peer that tells the task and hangs up, again and again, makes no progress.
        if (heard > 1 || !('task' in event)) {
          failed = 0;
          failingSince = undefined;
        }
        yield event;
      }
    } catch (cause) {
      let failure = cause;
      if (hasEnded(cause) && stream !== first && place.taskId !== undefined) {
        const found = await settled(find(place.taskId));
        if ('value' in found) return yield { task: found.value };
        failure = found.cause;
      }
      if (!isBreak(failure)) throw place.begun ? afterward(failure) : failure;
      broken = failure;
    }
    failingSince ??= clock.now();
    const leftMs = failingSince + patienceMs - clock.now();
    const waitMs = Math.max(Math.min(backoffMs(failed, random, waits), leftMs), broken?.retryAfterMs ?? 0);
    if (!place.goesOn(broken !== undefined) || place.taskId === undefined || leftMs <= 0 || waitMs > leftMs) {
      if (broken) throw place.begun ? afterward(broken) : broken;
      return;
    }
    await clock.sleep(waitMs, signal);
    failed += 1;
    stream = subscribe(place.taskId, place.id);
  }
}

async function settled<T>(promise: Promise<T>): Promise<{ value: T } | { cause: unknown }> {
  return promise.then(
    (value) => ({ value }),
    (cause: unknown) => ({ cause }),
  );
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

  /** Whether anything was heard, so that what was asked for has begun. */
  get begun(): boolean {
    return this.#state !== undefined || this.taskId !== undefined;
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

/**
 * What asks for a stream's rest may find nobody there, or a proxy's page; who called asked for the whole, which has begun.
 * Codes that say "nothing happened" would make them send their message a second time.
 */
function afterward(cause: unknown): unknown {
  if (!(cause instanceof A2AClientError) || !['UNREACHABLE', 'HTTP_STATUS', 'NOT_A2A'].includes(cause.code))
    return cause;
  return new A2AClientError('BROKEN', `The stream broke and could not be taken up again: ${cause.message}`, { cause });
}

/** What SubscribeToTask answers for a task that has ended. */
function hasEnded(cause: unknown): boolean {
  return cause instanceof A2AClientError && cause.rpc?.reason === 'UNSUPPORTED_OPERATION';
}

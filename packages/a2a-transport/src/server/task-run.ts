import {
  isInterrupted,
  isTerminal,
  type SendMessageResponse,
  type StreamResponse,
  type Task,
} from '@skein/contracts/a2a';
import { backoffMs, type Clock, type Logger, type Random, type TurnEnd } from '@skein/contracts/runtime';
import { A2AError } from '../errors.ts';
import { isRefusal } from '../json-rpc/errors.ts';
import type { TaskJournal } from '../tasks/task-journal.ts';
import { type StoredTask, type TaskOwner, TaskStoreError } from '../tasks/task-store.ts';
import {
  agentMessage,
  createEventFrame,
  type EventFrame,
  failure,
  opening,
  type TaskEvent,
  taskEvent,
} from './agent-events.ts';
import type { AgentEvent, AgentExecutor, ExecutionContext, ExecutionRequest } from './agent-executor.ts';
import { assertAgentEvent } from './assert-agent-event.ts';
import { Outcome } from './outcome.ts';
import { progress } from './task-progress.ts';

export interface TaskRunDeps {
  executor: AgentExecutor;
  journal: Pick<TaskJournal, 'commit'>;
  clock: Clock;
  random: Random;
  /** The hour in ISO 8601. */
  timestamp: () => string;
  atTurnEnd: TurnEnd;
  logger: Logger;
  /** How long a cancelled executor may take to stop before the task is called cancelled without it, in milliseconds. */
  cancelGraceMs: number;
}

export interface TaskRunOptions {
  owner: TaskOwner;
  context: Omit<ExecutionContext, 'signal'>;
  /** Number of the task's last event before this execution. */
  after: number;
  /** What the client waits for: that the task exists, or that it ends or needs its client. */
  until: 'open' | 'settled';
  /** Done once the task exists, before anybody hears of it. */
  onOpen?: ((taskId: string) => Promise<void>) | undefined;
  onEnd(): void;
}

/** Failures in a row of one step, over half a minute or so, after which what it holds is given up. */
const PATIENCE = 8;

/** Events that an executor may be ahead of the store. */
const MAX_AHEAD = 256;

/**
 * One execution of the agent for one message. It drives the executor and writes the task's log; it belongs to the server,
 * and readers come and go without ending it.
 *
 *     waiting → (first event) → open → (terminal, INPUT_REQUIRED, return, throw, cancel, stop) → over → (stored) → ended
 *
 * What the executor yields while the store is busy is stored together, in one step. The store is asked again and again
 * for as long as it fails: a task that was told to somebody never stays behind what became of it.
 */
export class TaskRun {
  readonly #deps: TaskRunDeps;
  readonly #request: ExecutionRequest;
  readonly #options: TaskRunOptions;
  readonly #frame: EventFrame;
  readonly #work = new AbortController();
  readonly #closing = new AbortController();
  #isClosing = false;
  readonly #answer = new Outcome<SendMessageResponse>();
  readonly #ended = new Outcome<void>();
  #task: Task | undefined;
  /** As it was stored last by this execution. */
  #stored: Task | undefined;
  #isLost = false;
  #opening: StoredTask | undefined;
  #seq: number;
  #pending: StreamResponse[] = [];
  /** Whether a write is due at the end of the turn. */
  #due = false;
  #writing = false;
  #aborted = false;
  #over = false;
  #driving: Promise<void> = Promise.resolve();
  #concluding: Promise<Task | undefined> | undefined;
  #room: Outcome<void> | undefined;

  constructor(deps: TaskRunDeps, request: ExecutionRequest, options: TaskRunOptions) {
    this.#deps = deps;
    this.#request = request;
    this.#options = options;
    this.#frame = createEventFrame(deps, request);
    this.#seq = options.after;
  }

  start(): this {
    this.#driving = this.#drive();
    return this;
  }

  get taskId(): string {
    return this.#request.taskId;
  }

  /** What the client waited for. Rejects with the refusal of the message. */
  get answer(): Promise<SendMessageResponse> {
    return this.#answer.promise;
  }

  /** The task as this execution began, once `answer` has brought a task. */
  get opening(): StoredTask | undefined {
    return this.#opening;
  }

  /** Whether the agent waits for credentials: then another message may take the task over. */
  get waitsForClient(): boolean {
    return this.#task?.status.state === 'TASK_STATE_AUTH_REQUIRED' && !this.#over;
  }

  /** Stops the work and resolves with the task: cancelled, unless it came to its end or to its client's turn before. */
  async cancel(): Promise<Task | undefined> {
    return this.#conclude(new Error('The task was cancelled'), { status: { state: 'TASK_STATE_CANCELED' } });
  }

  /** Another message takes the task over, as it stands. */
  async yieldTask(): Promise<void> {
    await this.#conclude(new Error('Another message has come for the task'), undefined);
  }

  /** The server closes: what is unfinished has failed. */
  async stop(): Promise<void> {
    this.#isClosing = true;
    this.#closing.abort();
    await this.#conclude(new Error('The server closes'), failure('The server closed before the task ended'));
  }

  async #drive(): Promise<void> {
    const { principal, extensions } = this.#options.context;
    const work = this.#work;
    const context: ExecutionContext = {
      principal,
      extensions,
      // A signal costs more than all else of a short task: it comes to be when the executor asks for it.
      get signal() {
        return work.signal;
      },
    };
    try {
      for await (const event of this.#deps.executor.execute(this.#request, context)) {
        this.#hear(event);
        if (this.#over) return;
        if (this.#aborted)
          await turnOfOthers(); // it goes on yielding, unheard: the clock that counts its grace has to run
        else if (this.#pending.length >= MAX_AHEAD) await this.#roomAgain();
      }
      if (this.#over || this.#aborted) return;
      if (this.waitsForClient) this.#finish();
      else this.#apply({ status: { state: 'TASK_STATE_COMPLETED' } });
    } catch (cause) {
      this.#failed(cause);
    }
  }

  /** What the executor says. Once its work is aborted, only its own word that it is cancelled counts. */
  #hear(event: AgentEvent): void {
    if (this.#over) return;
    assertAgentEvent(event);
    const canceled = 'status' in event && event.status.state === 'TASK_STATE_CANCELED';
    if (this.#aborted && !canceled) return;
    if (!('message' in event)) {
      this.#apply(event);
      return;
    }
    if (this.#task)
      throw new A2AError('INVALID_AGENT_RESPONSE', 'A message is the whole answer or none: the task began');
    this.#answer.resolve({ message: agentMessage(event.message, this.#frame, this.#request.task?.id) });
    this.#end();
  }

  #apply(event: TaskEvent): void {
    const task = this.#task ?? this.#open();
    const told = taskEvent(event, this.#frame);
    this.#task = progress(task, told);
    this.#pending.push(told);
    const { state } = this.#task.status;
    if ('statusUpdate' in told && (isTerminal(state) || state === 'TASK_STATE_INPUT_REQUIRED')) this.#over = true;
    this.#write();
  }

  #open(): Task {
    const { task, event } = opening(this.#request, this.#frame);
    this.#opening = { task, seq: this.#seq + 1 };
    this.#pending.push(event);
    return task;
  }

  /** The execution is over without a word of its own. */
  #finish(): void {
    this.#over = true;
    if (this.#task) this.#write();
    else this.#end();
  }

  /** An execution that is over is written at once, and one that goes on once what is ready now has run: in one step. */
  #write(): void {
    if (this.#over) this.#writeOn();
    else if (!this.#due) {
      this.#due = true;
      this.#deps.atTurnEnd(() => {
        this.#due = false;
        this.#writeOn();
      });
    }
  }

  #writeOn(): void {
    if (!this.#writing) void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    const { clock, random } = this.#deps;
    this.#writing = true;
    for (let attempt = 0; this.#task && !this.#ended.settled && (this.#pending.length > 0 || this.#over); ) {
      const step = { task: this.#task, events: this.#pending, last: this.#over };
      this.#pending = [];
      try {
        await this.#store(step);
        attempt = 0;
        // Before the next step: an executor that never waits must not hold everybody up.
        if (!this.#ended.settled) await turnOfOthers();
      } catch (cause) {
        this.#pending = [...step.events, ...this.#pending];
        if (this.#givesUp(cause, attempt)) break;
        if (attempt === PATIENCE && !this.#isLost) {
          this.#lose(cause);
          attempt = 0;
        }
        await clock.sleep(backoffMs(attempt, random, { capMs: 10_000 }), this.#closing.signal).catch(() => {}); // closing
        attempt += 1;
      }
    }
    this.#writing = false;
  }

  async #store({ task, events, last }: { task: Task; events: StreamResponse[]; last: boolean }): Promise<void> {
    const { owner, after, until, onOpen } = this.#options;
    const first = this.#seq === after;
    const storing = this.#deps.journal.commit({ owner, task, after: this.#seq, events, running: !last });
    if (storing) await storing;
    this.#stored = task;
    this.#seq += events.length;
    this.#room?.resolve();
    this.#room = undefined;
    if (first && onOpen) await this.#opened(onOpen);
    const { state } = task.status;
    if (until === 'open' || isTerminal(state) || isInterrupted(state)) this.#answer.resolve({ task });
    if (last) this.#end();
  }

  async #opened(onOpen: (taskId: string) => Promise<void>): Promise<void> {
    const { taskId } = this.#request;
    try {
      await onOpen(taskId);
    } catch (cause) {
      this.#deps.logger.error('push configuration could not be stored', { taskId, error: cause });
      if (this.#over) return;
      this.#abort(new Error('The push configuration could not be stored'));
      this.#apply(failure('The push configuration that came with the message could not be stored'));
    }
  }

  /** An execution that nobody has heard of, a task that somebody else has moved, or one more try while the server closes. */
  #givesUp(cause: unknown, attempt: number): boolean {
    const { taskId } = this.#request;
    this.#deps.logger.error('task could not be stored', { taskId, attempt, error: cause });
    const unheard = this.#seq === this.#options.after;
    if (!unheard && !this.#isClosing && !(cause instanceof TaskStoreError)) return false;
    this.#abort(new Error('The task could not be stored', { cause }));
    this.#answer.reject(new A2AError('INTERNAL_ERROR', 'The task could not be stored', { cause }));
    this.#end();
    return true;
  }

  /** What the agent made cannot be stored, whatever is the matter: the task fails from where it was stored last. */
  #lose(cause: unknown): void {
    this.#isLost = true;
    this.#abort(new Error('What the agent made could not be stored', { cause }));
    this.#answer.reject(new A2AError('INTERNAL_ERROR', 'The task could not be stored', { cause }));
    const told = taskEvent(failure('What the agent made could not be stored'), this.#frame);
    if (!this.#stored) return;
    this.#task = progress(this.#stored, told);
    this.#pending = [told];
    this.#over = true;
  }

  #failed(cause: unknown): void {
    if (this.#over || this.#aborted) return; // stopping was asked for
    const { logger } = this.#deps;
    // What the agent did wrong its author has to hear, also where the caller is told.
    if (!isRefusal(cause) || isAgentsFault(cause)) {
      logger.error('agent failed', { taskId: this.#request.taskId, error: cause });
    }
    const refusal = isRefusal(cause) ? cause : new A2AError('INTERNAL_ERROR', 'The agent failed', { cause });
    if (this.#task) {
      this.#apply(failure(refusal.message));
    } else {
      this.#answer.reject(refusal);
      this.#end();
    }
  }

  /** Aborts the work, gives the executor its time to stop, and then says how the task ended, if it has not. */
  #conclude(reason: Error, event: TaskEvent | undefined): Promise<Task | undefined> {
    this.#concluding ??= (async () => {
      if (!this.#over) {
        this.#abort(reason);
        await this.#driven();
      }
      if (!this.#over) event ? this.#apply(event) : this.#finish();
      await this.#ended.promise;
      return this.#task;
    })();
    return this.#concluding;
  }

  async #driven(): Promise<void> {
    const { clock, cancelGraceMs } = this.#deps;
    const disarm = new AbortController();
    const grace = clock.sleep(cancelGraceMs, disarm.signal).catch(() => {}); // disarmed
    await Promise.race([this.#driving, grace]);
    disarm.abort();
  }

  #abort(reason: Error): void {
    this.#aborted = true;
    this.#work.abort(reason);
  }

  #roomAgain(): Promise<void> {
    this.#room ??= new Outcome();
    return this.#room.promise;
  }

  #end(): void {
    if (this.#ended.settled) return;
    this.#over = true;
    this.#room?.resolve();
    this.#ended.resolve();
    this.#options.onEnd();
  }
}

function isAgentsFault(cause: unknown): boolean {
  return cause instanceof A2AError && cause.reason === 'INVALID_AGENT_RESPONSE';
}

function turnOfOthers(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

import {
  isInterrupted,
  isTerminal,
  type SendMessageResponse,
  type StreamResponse,
  type Task,
} from '@skein/contracts/a2a';
import { type Clock, type Logger, nextTurn } from '@skein/contracts/runtime';
import { A2AError } from '../errors.ts';
import { isRefusal } from '../json-rpc/errors.ts';
import type { StoredTask, TaskOwner } from '../tasks/task-store.ts';
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
import { StepWriter, type StepWriterDeps } from './step-writer.ts';
import { progress } from './task-progress.ts';

export interface TaskRunDeps extends StepWriterDeps {
  executor: AgentExecutor;
  clock: Clock;
  /** The hour in ISO 8601. */
  timestamp: () => string;
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

/**
 * One execution of the agent for one message. It drives the executor and writes the task's log; it belongs to the server,
 * and readers come and go without ending it.
 *
 *     waiting → (first event) → open → (terminal, INPUT_REQUIRED, return, throw, cancel, stop) → over → (stored) → ended
 */
export class TaskRun {
  readonly #deps: TaskRunDeps;
  readonly #request: ExecutionRequest;
  readonly #options: TaskRunOptions;
  readonly #frame: EventFrame;
  readonly #writer: StepWriter;
  readonly #work = new AbortController();
  readonly #answer = new Outcome<SendMessageResponse>();
  readonly #ended = new Outcome<void>();
  #task: Task | undefined;
  #opening: StoredTask | undefined;
  #aborted = false;
  #over = false;
  #driving: Promise<void> = Promise.resolve();
  #concluding: Promise<Task | undefined> | undefined;

  constructor(deps: TaskRunDeps, request: ExecutionRequest, options: TaskRunOptions) {
    this.#deps = deps;
    this.#request = request;
    this.#options = options;
    this.#frame = createEventFrame(deps, request);
    this.#writer = new StepWriter(deps, {
      owner: options.owner,
      taskId: request.taskId,
      after: options.after,
      onStored: (task, step) => this.#stored(task, step),
      onLost: (cause, stored) => this.#lost(cause, stored),
      onGivenUp: (cause) => this.#unstorable(cause),
    });
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
    this.#writer.close();
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
          await nextTurn(); // it goes on yielding, unheard: the clock that counts its grace has to run
        else if (this.#writer.isBehind) await this.#writer.nextStep();
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
    this.#writer.add(told);
    const { state } = this.#task.status;
    if ('statusUpdate' in told && (isTerminal(state) || state === 'TASK_STATE_INPUT_REQUIRED')) this.#over = true;
    this.#writer.write(this.#task, { last: this.#over });
  }

  #open(): Task {
    const { task, event } = opening(this.#request, this.#frame);
    this.#opening = { task, seq: this.#writer.seq + 1 };
    this.#writer.add(event);
    return task;
  }

  /** The execution is over without a word of its own. */
  #finish(): void {
    this.#over = true;
    if (this.#task) this.#writer.write(this.#task, { last: true });
    else this.#end();
  }

  #stored(task: Task, { first, last }: { first: boolean; last: boolean }): Promise<void> | undefined {
    const { onOpen } = this.#options;
    if (first && onOpen) return this.#opened(onOpen).then(() => this.#told(task, last));
    this.#told(task, last);
    return undefined;
  }

  #told(task: Task, last: boolean): void {
    const { state } = task.status;
    if (this.#options.until === 'open' || isTerminal(state) || isInterrupted(state)) this.#answer.resolve({ task });
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

  #unstorable(cause: unknown): void {
    this.#abort(new Error('The task could not be stored', { cause }));
    this.#answer.reject(new A2AError('INTERNAL_ERROR', 'The task could not be stored', { cause }));
    this.#end();
  }

  /** What the agent made cannot be stored: the task fails from where it was stored last. */
  #lost(cause: unknown, stored: Task): { task: Task; event: StreamResponse } {
    this.#abort(new Error('What the agent made could not be stored', { cause }));
    this.#answer.reject(new A2AError('INTERNAL_ERROR', 'The task could not be stored', { cause }));
    const event = taskEvent(failure('What the agent made could not be stored'), this.#frame);
    this.#task = progress(stored, event);
    this.#over = true;
    return { task: this.#task, event };
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

  #end(): void {
    if (this.#ended.settled) return;
    this.#over = true;
    this.#writer.stop();
    this.#ended.resolve();
    this.#options.onEnd();
  }
}

function isAgentsFault(cause: unknown): boolean {
  return cause instanceof A2AError && cause.reason === 'INVALID_AGENT_RESPONSE';
}

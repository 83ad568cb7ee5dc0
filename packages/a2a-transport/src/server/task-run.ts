import { isTerminal, type StreamResponse, type Task, type TaskState } from '@skein/contracts/a2a';
import type { Clock, Logger, Random } from '@skein/contracts/runtime';
import { A2AError } from '../errors.ts';
import { isRefusal } from '../json-rpc/errors.ts';
import { agentMessage, createEventFrame, type EventFrame, openTask, taskEvent } from './agent-events.ts';
import type { AgentEvent, AgentExecutor, AgentMessage, ExecutionRequest } from './agent-executor.ts';
import { type Channel, createChannel } from './channel.ts';
import type { Principal } from './principal.ts';
import { progress } from './task-progress.ts';
import type { TaskStore } from './task-store.ts';

export interface TaskRunDeps {
  executor: AgentExecutor;
  taskStore: TaskStore;
  clock: Clock;
  random: Random;
  logger: Logger;
  /** Events that a reader may be behind before it is cut off. */
  maxBufferedEvents: number;
  /** How long a cancelled executor may take to stop before the task is called cancelled without it. */
  cancelGraceMs: number;
}

/**
 * One execution of the agent for one message: it drives the executor, keeps the task and tells the readers.
 *
 *     waiting → (first event) → open → (terminal, INPUT_REQUIRED, return, throw, cancel, stop) → ended
 *
 * What readers hear was stored before. The run belongs to the server: readers come and go without ending it.
 */
export class TaskRun {
  readonly #deps: TaskRunDeps;
  readonly #request: ExecutionRequest;
  readonly #principal: Principal | undefined;
  readonly #onEnd: () => void;
  readonly #frame: EventFrame;
  readonly #work = new AbortController();
  readonly #readers = new Set<Channel<StreamResponse>>();
  #task: Task | undefined;
  #ended = false;
  #driving: Promise<void> = Promise.resolve();
  #writing: Promise<void> = Promise.resolve();
  #conclusion: Promise<Task | undefined> | undefined;

  constructor(deps: TaskRunDeps, request: ExecutionRequest, principal: Principal | undefined, onEnd: () => void) {
    this.#deps = deps;
    this.#request = request;
    this.#principal = principal;
    this.#onEnd = onEnd;
    this.#frame = createEventFrame(deps, request);
  }

  start(): void {
    this.#driving = this.#drive();
  }

  /** Events from now on. Ask before `start` to miss none. */
  read(signal: AbortSignal): AsyncIterable<StreamResponse> {
    const channel = createChannel<StreamResponse>({
      capacity: this.#deps.maxBufferedEvents,
      overflow: () => new A2AError('INTERNAL_ERROR', 'The reader fell too far behind; GetTask has the whole task'),
      onLeave: () => this.#readers.delete(channel),
    });
    this.#readers.add(channel);
    return channel.read(signal);
  }

  /** Stops the work and resolves with the cancelled task. */
  async cancel(): Promise<Task> {
    const task = await this.#conclude('TASK_STATE_CANCELED', new Error('The task was cancelled'));
    if (task?.status.state === 'TASK_STATE_CANCELED') return task;
    throw new A2AError('TASK_NOT_CANCELABLE', 'The task ended before it could be cancelled');
  }

  /** The server closes: what is unfinished has failed. */
  async stop(): Promise<void> {
    await this.#conclude(
      'TASK_STATE_FAILED',
      new Error('The server closes'),
      'The server closed before the task ended',
    );
  }

  async #drive(): Promise<void> {
    const { executor } = this.#deps;
    const context = { signal: this.#work.signal, principal: this.#principal };
    try {
      for await (const event of executor.execute(this.#request, context)) {
        await this.#hear(event);
        if (this.#ended) return;
      }
      await this.#hear({ status: { state: 'TASK_STATE_COMPLETED' } });
    } catch (cause) {
      await this.#failed(cause);
    }
  }

  /** What the executor says. Once its work is aborted, only its own word that it is cancelled counts. */
  async #hear(event: AgentEvent): Promise<void> {
    if (this.#ended) return;
    const canceled = 'status' in event && event.status.state === 'TASK_STATE_CANCELED';
    if (this.#work.signal.aborted && !canceled) return;
    if (!('message' in event)) return this.#apply(event);
    if (this.#task)
      throw new A2AError('INVALID_AGENT_RESPONSE', 'A message is the whole answer or none: the task began');
    this.#tell({ message: agentMessage(event.message, this.#frame, this.#request.task?.id) });
    this.#end();
  }

  async #apply(event: Exclude<AgentEvent, { message: AgentMessage }>): Promise<void> {
    if (!this.#task) await this.#keep({ task: openTask(this.#request, this.#frame.timestamp()) });
    await this.#keep(taskEvent(event, this.#frame));
  }

  /** Folds the event into the task, stores it, then tells it. */
  async #keep(event: StreamResponse): Promise<void> {
    const task = 'task' in event ? event.task : this.#task && progress(this.#task, event);
    if (!task) return;
    this.#task = task;
    const written = this.#writing.then(() => this.#deps.taskStore.put(task, this.#principal));
    this.#writing = written.catch(() => {}); // the failure is told below; the next write stands for itself
    await written;
    if (this.#ended) return;
    this.#tell(event);
    const { state } = task.status;
    if ('statusUpdate' in event && (isTerminal(state) || state === 'TASK_STATE_INPUT_REQUIRED')) this.#end();
  }

  async #failed(cause: unknown): Promise<void> {
    if (this.#ended || this.#work.signal.aborted) return; // stopping was asked for
    const { logger } = this.#deps;
    if (!isRefusal(cause)) logger.error('agent failed', { taskId: this.#request.taskId, error: cause });
    const refusal = isRefusal(cause) ? cause : new A2AError('INTERNAL_ERROR', 'The agent failed', { cause });
    if (!this.#task) return this.#end(refusal);
    try {
      await this.#apply(failure(refusal.message));
    } catch (error) {
      logger.error('task could not be stored', { taskId: this.#request.taskId, error });
      this.#end(refusal);
    }
  }

  /** Aborts the work, gives the executor its time to stop, and then calls the task what it is. */
  #conclude(state: TaskState, reason: Error, text?: string): Promise<Task | undefined> {
    this.#conclusion ??= (async () => {
      if (this.#ended) return this.#task;
      this.#work.abort(reason);
      await this.#driven();
      const event = text === undefined ? { status: { state } } : failure(text);
      if (!this.#ended) await this.#apply(event);
      return this.#task;
    })();
    return this.#conclusion;
  }

  async #driven(): Promise<void> {
    const { clock, cancelGraceMs } = this.#deps;
    const disarm = new AbortController();
    const grace = clock.sleep(cancelGraceMs, disarm.signal).catch(() => {}); // disarmed
    await Promise.race([this.#driving, grace]);
    disarm.abort();
  }

  #tell(event: StreamResponse): void {
    for (const reader of this.#readers) reader.push(event);
  }

  #end(cause?: Error): void {
    this.#ended = true;
    for (const reader of this.#readers) cause ? reader.fail(cause) : reader.end();
    this.#onEnd();
  }
}

function failure(text: string) {
  return { status: { state: 'TASK_STATE_FAILED' as const, message: { parts: [{ text }] } } };
}

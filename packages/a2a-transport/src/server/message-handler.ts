import type { SendMessageParams, SendMessageResponse, Task } from '@skein/contracts/a2a';
import type { StreamedEvent } from '../tasks/streamed-event.ts';
import type { TaskPage, TaskQuery } from '../tasks/task-store.ts';
import type { CallContext } from './principal.ts';

/**
 * Who takes messages and answers for the tasks that they became. The agent is one such handler; an extension with
 * messages of its own is another, and then its tasks are a projection of the extension's own storage. Whose a task is
 * not, to whom it does not exist: `undefined`, in every method.
 */
export interface MessageHandler {
  /** Resolves when the task is terminal or interrupted, or with `returnImmediately` as soon as it exists. */
  send(params: SendMessageParams, context: CallContext): Promise<SendMessageResponse>;
  /** The task or the message, then the updates until the task is terminal. Leaving it ends nothing but the reading. */
  stream(params: SendMessageParams, context: CallContext): EventBatches;
  getTask(id: string, context: CallContext): Promise<Task | undefined>;
  /** Resolves once the task is cancelled. Throws A2AError `TASK_NOT_CANCELABLE` when it cannot be. */
  cancelTask(id: string, context: CallContext): Promise<Task | undefined>;
  /**
   * The task as it stands, then its updates until it is terminal; after `context.lastEventId` only what followed that.
   * Throws A2AError `UNSUPPORTED_OPERATION` where nothing can follow any more.
   */
  subscribe(id: string, context: CallContext): Promise<EventBatches | undefined>;
  /** @default none of its tasks is listed */
  listTasks?(query: TaskQuery, context: CallContext): Promise<TaskPage>;
}

/** Events in their order; those of one batch came together. */
export interface EventBatches {
  [Symbol.asyncIterator](): AsyncIterator<readonly StreamedEvent[]> & {
    /** Whether nothing follows any more, as far as that is known without asking for it. */
    readonly over?: boolean;
  };
}

import type { SendMessageParams, StreamResponse, Task } from '@skein/contracts/a2a';
import type { CallContext } from './principal.ts';

/**
 * Who takes messages and answers for the tasks that they became. The agent is one such handler; an extension with
 * messages of its own is another, and then its tasks are a projection of the extension's own storage.
 */
export interface MessageHandler {
  /**
   * The first item is the task or the message; then come the updates, until the task is terminal or interrupted.
   * SendMessage drains it, SendStreamingMessage passes it on. Leaving it (`return`) means that the reader left.
   */
  send(params: SendMessageParams, context: CallContext): AsyncIterable<StreamResponse>;
  /** `undefined` for a task that is unknown, or not this principal's: both answer alike. */
  getTask(id: string, context: CallContext): Promise<Task | undefined>;
  /** Resolves once the task is cancelled. Throws A2AError `TASK_NOT_CANCELABLE` when it cannot be. */
  cancelTask(id: string, context: CallContext): Promise<Task | undefined>;
}

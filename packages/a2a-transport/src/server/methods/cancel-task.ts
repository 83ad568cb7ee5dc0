import { CancelTaskParams, type Task } from '@skein/contracts/a2a';
import { A2AError } from '../../errors.ts';
import type { MessageHandler } from '../message-handler.ts';
import { readParams } from '../params.ts';
import type { CallContext } from '../principal.ts';

/** CancelTask: answers once the task is cancelled, or says why it cannot be. */
export function cancelTask(handler: Pick<MessageHandler, 'cancelTask'>) {
  return async (params: unknown, context: CallContext): Promise<Task> => {
    const { id } = readParams(CancelTaskParams, params);
    const task = await handler.cancelTask(id, context);
    if (!task) throw new A2AError('TASK_NOT_FOUND', 'Task not found', { metadata: { taskId: id } });
    return task;
  };
}

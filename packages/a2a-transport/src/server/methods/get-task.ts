import { GetTaskParams, type Task } from '@skein/contracts/a2a';
import { A2AError } from '../../errors.ts';
import type { MessageHandler } from '../message-handler.ts';
import { readParams } from '../params.ts';
import type { CallContext } from '../principal.ts';
import { withHistory } from '../task-progress.ts';

/** GetTask: how a task stands. */
export function getTask(handler: Pick<MessageHandler, 'getTask'>) {
  return async (params: unknown, context: CallContext): Promise<Task> => {
    const { id, historyLength } = readParams(GetTaskParams, params);
    const task = await handler.getTask(id, context);
    if (!task) throw new A2AError('TASK_NOT_FOUND', 'Task not found', { metadata: { taskId: id } });
    return withHistory(task, historyLength);
  };
}

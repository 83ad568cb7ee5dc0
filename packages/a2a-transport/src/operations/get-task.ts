import { GetTaskParams, type Task } from '@skein/contracts/a2a';
import { taskNotFound } from '../errors.ts';
import type { MessageHandler } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';
import { withHistory } from '../server/task-progress.ts';
import { inTenant, readParams } from './params.ts';

/** GetTask: how a task stands. */
export function getTask(handler: Pick<MessageHandler, 'getTask'>) {
  return async (params: unknown, context: CallContext): Promise<Task> => {
    const { id, historyLength, tenant } = readParams(GetTaskParams, params);
    const task = await handler.getTask(id, inTenant(context, tenant));
    if (!task) throw taskNotFound(id);
    return withHistory(task, historyLength);
  };
}

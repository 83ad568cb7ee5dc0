import { CancelTaskParams, type Task } from '@skein/contracts/a2a';
import { taskNotFound } from '../errors.ts';
import type { MessageHandler } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';
import { inTenant, readParams } from './params.ts';

/** CancelTask: answers once the task is cancelled, or says why it cannot be. */
export function cancelTask(handler: Pick<MessageHandler, 'cancelTask'>) {
  return async (params: unknown, context: CallContext): Promise<Task> => {
    const { id, tenant } = readParams(CancelTaskParams, params);
    const task = await handler.cancelTask(id, inTenant(context, tenant));
    if (!task) throw taskNotFound(id);
    return task;
  };
}

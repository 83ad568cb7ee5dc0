import { A2AError } from '../errors.ts';
import type { MessageHandler } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';

type TaskReader = Pick<MessageHandler, 'getTask'>;

/**
 * What to tell whoever sent a message to a task that the agent does not know. It may be an extension's: GetTask shows
 * it to its owner, who would take "not found" for a task that is lost. To anybody else it stays unknown.
 */
export async function whyNotTaken(
  error: unknown,
  taskId: string | undefined,
  context: CallContext,
  handler: TaskReader,
): Promise<unknown> {
  if (taskId === undefined || !(error instanceof A2AError) || error.reason !== 'TASK_NOT_FOUND') return error;
  if (!(await handler.getTask(taskId, context))) return error;
  return new A2AError('UNSUPPORTED_OPERATION', 'This task is of an extension of the agent: it takes no messages', {
    metadata: { taskId },
    cause: error,
  });
}

/** Nothing is posted of such a task: the agent's log has no events of it. */
export async function assertNotOfExtension(taskId: string, context: CallContext, handler: TaskReader): Promise<void> {
  if (!(await handler.getTask(taskId, context))) return;
  throw new A2AError(
    'PUSH_NOTIFICATION_NOT_SUPPORTED',
    'This task is of an extension of the agent: it sends no push notifications; read it with GetTask',
    { metadata: { taskId } },
  );
}

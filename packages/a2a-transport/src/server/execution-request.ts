import type { Message, SendMessageParams, Task } from '@skein/contracts/a2a';
import type { ExecutionRequest } from './agent-executor.ts';

interface Place {
  taskId: string;
  contextId: string;
  /** The task that the message continues. */
  task?: Task;
}

/** What the agent is asked with a message that has found its place. */
export function executionRequest(
  { message, configuration = {}, metadata }: SendMessageParams,
  { taskId, contextId, task }: Place,
  tenant: string | undefined,
): ExecutionRequest {
  const request: { -readonly [Key in keyof ExecutionRequest]: ExecutionRequest[Key] } = {
    taskId,
    contextId,
    message: placedMessage(message, taskId, contextId),
    configuration,
  };
  if (task) request.task = task;
  if (tenant) request.tenant = tenant;
  if (metadata) request.metadata = metadata;
  return request;
}

/** Field by field: to spread what the wire brought costs more than to parse it did, and it has no other fields left. */
function placedMessage(message: Message, taskId: string, contextId: string): Message {
  const { messageId, role, parts, metadata, extensions, referenceTaskIds } = message;
  const placed: Message = { messageId, contextId, taskId, role, parts };
  if (metadata) placed.metadata = metadata;
  if (extensions) placed.extensions = extensions;
  if (referenceTaskIds) placed.referenceTaskIds = referenceTaskIds;
  return placed;
}

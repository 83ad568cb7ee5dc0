import {
  AgentCard,
  ListPushConfigsResponse,
  ListTasksResponse,
  SendMessageResponse,
  StreamResponse,
  Task,
  TaskPushNotificationConfig,
} from '@skein/contracts/a2a';
import * as z from 'zod';
import type { Dialect } from '../dialects/dialect.ts';
import { A2AClientError, A2AError } from '../errors.ts';
import type { OperationName, Operations } from '../operations/operation.ts';

/** What each operation has to answer. Fields that A2A does not know are kept. */
const results: { readonly [Name in OperationName]: z.ZodType<Operations[Name]['result']> } = {
  sendMessage: SendMessageResponse,
  sendStreamingMessage: StreamResponse,
  getTask: Task,
  listTasks: ListTasksResponse,
  cancelTask: Task,
  subscribeToTask: StreamResponse,
  createPushConfig: TaskPushNotificationConfig,
  getPushConfig: TaskPushNotificationConfig,
  listPushConfigs: ListPushConfigsResponse,
  // Peers answer an empty object, null or nothing at all: the absence of an error is the answer.
  deletePushConfig: z.unknown().transform(() => ({})),
  getExtendedAgentCard: AgentCard,
};

/** A result from the wire, once it is one. Throws A2AClientError `INVALID_REPLY`. */
export function readOperationResult<Name extends OperationName>(
  dialect: Dialect,
  operation: Name,
  result: unknown,
): Operations[Name]['result'] {
  const read = results[operation].safeParse(inOurWords(dialect, operation, result));
  if (read.success) return read.data;
  throw invalid(read.error);
}

function inOurWords(dialect: Dialect, operation: OperationName, result: unknown): unknown {
  try {
    return dialect.client.readResult(operation, result);
  } catch (cause) {
    // What a dialect cannot make sense of it refuses as it does on the other side.
    if (cause instanceof A2AError) throw invalid(cause);
    throw cause;
  }
}

function invalid(cause: unknown): A2AClientError {
  return new A2AClientError('INVALID_REPLY', 'The result is not what A2A says', { status: 200, cause });
}

import type { AgentCard } from '@skein/contracts/a2a';
import type { PushNotifications } from '../push/push-notifications.ts';
import type { MessageHandler } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';
import type { TaskStore } from '../tasks/task-store.ts';
import { cancelTask } from './cancel-task.ts';
import { getExtendedAgentCard } from './get-extended-agent-card.ts';
import { getTask } from './get-task.ts';
import { listTasks } from './list-tasks.ts';
import type { OperationName, Operations, StreamingOperation } from './operation.ts';
import { pushConfigOperations } from './push-configs.ts';
import { sendMessage } from './send-message.ts';
import { sendStreamingMessage } from './send-streaming-message.ts';
import type { StreamReply } from './stream-reply.ts';
import { subscribeToTask } from './subscribe-to-task.ts';

export interface OperationsDeps {
  handler: MessageHandler & Required<Pick<MessageHandler, 'listTasks'>>;
  /** What the card says is what the agent does: capabilities that it leaves out are refused. */
  card: () => AgentCard;
  extendedCard: Parameters<typeof getExtendedAgentCard>[1];
  push: PushNotifications | undefined;
  tasks: Pick<TaskStore, 'find'>;
}

/** Each operation as a function of its parameters, in the words of v1.0 and not checked yet, and of who calls. */
export type OperationTable = {
  readonly [Name in OperationName]: (
    params: unknown,
    context: CallContext,
  ) => Promise<Name extends StreamingOperation ? StreamReply : Operations[Name]['result']>;
};

export function createOperations({ handler, card, extendedCard, push, tasks }: OperationsDeps): OperationTable {
  const declaredPush = () => (card().capabilities.pushNotifications === true ? push : undefined);
  const rules = {
    get push() {
      return declaredPush();
    },
  };
  return {
    sendMessage: sendMessage(handler, rules),
    sendStreamingMessage: sendStreamingMessage(handler, rules, card),
    getTask: getTask(handler),
    listTasks: listTasks(handler),
    cancelTask: cancelTask(handler),
    subscribeToTask: subscribeToTask(handler, card),
    ...pushConfigOperations({ push: declaredPush, tasks, handler }),
    getExtendedAgentCard: getExtendedAgentCard(card, extendedCard),
  };
}

const streaming: ReadonlySet<OperationName> = new Set<StreamingOperation>(['sendStreamingMessage', 'subscribeToTask']);

/** Whether the operation's reply is a stream, which fills a body of its own. */
export function isStreaming(operation: OperationName): operation is StreamingOperation {
  return streaming.has(operation);
}

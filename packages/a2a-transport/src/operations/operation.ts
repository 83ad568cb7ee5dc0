import type {
  AgentCard,
  CancelTaskParams,
  CreatePushConfigParams,
  GetExtendedAgentCardParams,
  GetTaskParams,
  ListPushConfigsParams,
  ListPushConfigsResponse,
  ListTasksParams,
  ListTasksResponse,
  PushConfigParams,
  SendMessageParams,
  SendMessageResponse,
  StreamResponse,
  SubscribeToTaskParams,
  Task,
  TaskPushNotificationConfig,
} from '@skein/contracts/a2a';

/**
 * A2A's operations in the words of v1.0, whatever binding and dialect carry them: what each is asked with and what it
 * answers. A streaming operation's result is one event of its stream.
 */
export interface Operations {
  sendMessage: { params: SendMessageParams; result: SendMessageResponse };
  sendStreamingMessage: { params: SendMessageParams; result: StreamResponse };
  getTask: { params: GetTaskParams; result: Task };
  listTasks: { params: ListTasksParams; result: ListTasksResponse };
  cancelTask: { params: CancelTaskParams; result: Task };
  subscribeToTask: { params: SubscribeToTaskParams; result: StreamResponse };
  createPushConfig: { params: CreatePushConfigParams; result: TaskPushNotificationConfig };
  getPushConfig: { params: PushConfigParams; result: TaskPushNotificationConfig };
  listPushConfigs: { params: ListPushConfigsParams; result: ListPushConfigsResponse };
  deletePushConfig: { params: PushConfigParams; result: Record<string, never> };
  getExtendedAgentCard: { params: GetExtendedAgentCardParams; result: AgentCard };
}

export type OperationName = keyof Operations;
export type StreamingOperation = 'sendStreamingMessage' | 'subscribeToTask';

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
  SendMessageResponse,
  StreamResponse,
  SubscribeToTaskParams,
  Task,
  TaskPushNotificationConfig,
} from '@skein/contracts/a2a';
import { systemClock, systemRandom } from '@skein/contracts/runtime';
import { assertClientOptions } from './assert-client-options.ts';
import type { A2AClientOptions, CallOptions } from './client-options.ts';
import { createOperationCalls } from './operation-calls.ts';
import { pagesOf } from './pages.ts';
import { type Outgoing, toSendParams } from './user-message.ts';

/**
 * Calls one A2A agent. Every failure is an A2AClientError, except an abort, which is the caller's own reason.
 *
 * The two streams outlive their connections: one that breaks, or ends before its task does, is taken up again by
 * SubscribeToTask behind the last event that was heard. A peer that gives its events no ids tells the task as it stands
 * instead. Leaving a stream closes it; the task goes on.
 */
export interface A2AClient {
  /** Sends a text, or a message with all that belongs to it, and waits for the answer. */
  sendMessage(message: Outgoing, options?: CallOptions): Promise<SendMessageResponse>;
  sendStreamingMessage(message: Outgoing, options?: CallOptions): AsyncIterable<StreamResponse>;
  getTask(params: GetTaskParams, options?: CallOptions): Promise<Task>;
  /** One page. A2A v0.3 has no lists: NOT_OFFERED. */
  listTasks(params?: ListTasksParams, options?: CallOptions): Promise<ListTasksResponse>;
  /** All of them, page by page as they are read. The time limit is for each page. */
  iterateTasks(params?: ListTasksParams, options?: CallOptions): AsyncIterable<Task>;
  cancelTask(params: CancelTaskParams, options?: CallOptions): Promise<Task>;
  /** The task as it stands and what follows; with `lastEventId` only what follows that event. */
  subscribeToTask(
    params: SubscribeToTaskParams & { lastEventId?: string },
    options?: CallOptions,
  ): AsyncIterable<StreamResponse>;
  createTaskPushNotificationConfig(
    params: CreatePushConfigParams,
    options?: CallOptions,
  ): Promise<TaskPushNotificationConfig>;
  getTaskPushNotificationConfig(params: PushConfigParams, options?: CallOptions): Promise<TaskPushNotificationConfig>;
  listTaskPushNotificationConfigs(
    params: ListPushConfigsParams,
    options?: CallOptions,
  ): Promise<ListPushConfigsResponse>;
  deleteTaskPushNotificationConfig(params: PushConfigParams, options?: CallOptions): Promise<void>;
  getExtendedAgentCard(params?: GetExtendedAgentCardParams, options?: CallOptions): Promise<AgentCard>;
  /** Calls an extension's method. */
  call(method: string, params: unknown, options?: CallOptions): Promise<unknown>;
}

/** A client of one agent. It keeps no connection of its own: `http` does, and is the caller's to close. */
export function createA2AClient(options: A2AClientOptions): A2AClient {
  assertClientOptions(options);
  const { clock = systemClock, random = systemRandom } = options;
  const { call, ask, stream } = createOperationCalls({ ...options, clock, random });
  const listTasks: A2AClient['listTasks'] = (params = {}, callOptions) => ask('listTasks', params, callOptions);
  return {
    call,
    listTasks,
    sendMessage: (message, callOptions) => ask('sendMessage', toSendParams(message, random), callOptions),
    sendStreamingMessage: (message, callOptions) =>
      stream('sendStreamingMessage', toSendParams(message, random), callOptions),
    getTask: (params, callOptions) => ask('getTask', params, callOptions),
    iterateTasks: (params = {}, callOptions) => pagesOf((page) => listTasks(page, callOptions), params),
    cancelTask: (params, callOptions) => ask('cancelTask', params, callOptions),
    subscribeToTask: ({ lastEventId, ...params }, callOptions) =>
      stream('subscribeToTask', { ...params, id: params.id }, { ...callOptions, lastEventId }),
    createTaskPushNotificationConfig: (params, callOptions) => ask('createPushConfig', params, callOptions),
    getTaskPushNotificationConfig: (params, callOptions) => ask('getPushConfig', params, callOptions),
    listTaskPushNotificationConfigs: (params, callOptions) => ask('listPushConfigs', params, callOptions),
    deleteTaskPushNotificationConfig: async (params, callOptions) => {
      await ask('deletePushConfig', params, callOptions);
    },
    getExtendedAgentCard: (params = {}, callOptions) => ask('getExtendedAgentCard', params, callOptions),
  };
}

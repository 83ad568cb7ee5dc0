import type { ListPushConfigsParams, ListPushConfigsResponse, TaskPushNotificationConfig } from '@skein/contracts/a2a';
import type { TaskOwner } from '../tasks/task-store.ts';
import type { PushDelivery } from './push-status.ts';

/**
 * What the operations need of push notifications. Whether the task exists and is the caller's has been asked before.
 * Everything here throws A2AError only for what the caller can mend.
 */
export interface PushNotifications extends AsyncDisposable {
  /** Refuses (A2AError `INVALID_PARAMS`) what could never be delivered: a URL that is not allowed, a broken header. */
  assertAllowed(config: TaskPushNotificationConfig): void;
  /**
   * Stores the configuration and delivers what happens after event `after`; of one that was disabled under the same id,
   * from where its deliveries stopped. Answers it with its id, as it was given.
   */
  create(
    owner: TaskOwner,
    taskId: string,
    config: TaskPushNotificationConfig,
    options: { after: number; protocolVersion: '1.0' | '0.3' },
  ): Promise<TaskPushNotificationConfig>;
  find(owner: TaskOwner, taskId: string, id: string): Promise<TaskPushNotificationConfig | undefined>;
  list(owner: TaskOwner, params: ListPushConfigsParams): Promise<ListPushConfigsResponse>;
  remove(owner: TaskOwner, taskId: string, id: string): Promise<void>;
  /** How the deliveries of a task's configurations stand, by rising id. */
  deliveries(owner: TaskOwner, taskId: string): Promise<PushDelivery[]>;
  /** The task's log has grown: a hint, that costs nothing where nobody is to be told. */
  wake(owner: TaskOwner, taskId: string): void;
  /** Takes up what an earlier life left undelivered. */
  start(): Promise<void>;
  /** Ends deliveries; what is open stays undelivered in the store. Twice is as good as once. */
  close(): Promise<void>;
}

import type { TaskPushNotificationConfig } from '@skein/contracts/a2a';
import type { TaskOwner } from '../tasks/task-store.ts';

/**
 * Keeps where the updates of a task are posted, and how far each receiver has come in the task's log.
 *
 * Promise: a configuration belongs to its task's owner; to any other it is exactly as an unknown one. `delivered` and
 * `failed` touch only the configuration that they were read from: one that was replaced meanwhile (a higher `version`) or
 * removed, and one that is not active any more, is left as it is. Credentials are stored as they are and leave by the
 * methods that answer a configuration alone.
 */
export interface PushConfigStore {
  /** Makes the configuration, or replaces the one of the same id: then it begins anew, enabled, at `after`. */
  put(config: NewPushConfig): Promise<StoredPushConfig>;
  find(owner: TaskOwner, taskId: string, id: string): Promise<StoredPushConfig | undefined>;
  /** By rising id, after `afterId`, at most `limit`. */
  list(owner: TaskOwner, taskId: string, page: { afterId?: string; limit: number }): Promise<StoredPushConfig[]>;
  /** Gone for good. Of what is not there, nothing is said. */
  remove(owner: TaskOwner, taskId: string, id: string): Promise<void>;
  /** Active configurations of all tasks by rising (taskId, id), beyond `after`, at most `limit`: for a new start. */
  unfinished(after: Pick<PushConfigKey, 'taskId' | 'id'> | undefined, limit: number): Promise<StoredPushConfig[]>;
  /** The receiver has taken event `seq`: failures begin at none again, without a last one. `last`: nothing follows it. */
  delivered(key: PushConfigKey, seq: number, last: boolean): Promise<void>;
  /** One more failure in a row, with its reason; `disable` ends the deliveries. */
  failed(key: PushConfigKey, failure: { reason: string; disable: boolean }): Promise<void>;
}

/** Which configuration, and which of its lives. */
export interface PushConfigKey {
  readonly taskId: string;
  readonly id: string;
  /** Chosen anew with each `put`. */
  readonly version: string;
}

export interface NewPushConfig {
  readonly owner: TaskOwner;
  readonly taskId: string;
  readonly id: string;
  readonly config: TaskPushNotificationConfig;
  /** The protocol version that its maker spoke: the receiver is told in the same. */
  readonly protocolVersion: '1.0' | '0.3';
  /** Events up to this number are not delivered. */
  readonly after: number;
}

export interface StoredPushConfig extends Omit<NewPushConfig, 'after'>, PushConfigKey {
  /** Number of the last event that is not to be posted any more: it was taken, or was there before the configuration. */
  readonly delivered: number;
  /** Failures in a row. */
  readonly failures: number;
  readonly lastFailure?: string;
  /** `done`: the task's last event was delivered. `disabled`: after too many failures, with the last as the reason. */
  readonly state: 'active' | 'done' | 'disabled';
}

import type { TaskPushNotificationConfig } from '@skein/contracts/a2a';
import type { StoredPushConfig } from './push-config-store.ts';

/** A caller that activates it reads in Get and List, beside each configuration, how its deliveries stand. */
export const PUSH_STATUS_EXTENSION = 'urn:skein:a2a:push-status:v1';

/** How the deliveries of one configuration stand. Nothing of it is a secret from the configuration's owner. */
export interface PushDelivery {
  readonly taskId: string;
  readonly id: string;
  /** `done`: the task's last event was delivered. `disabled`: the receiver failed too often; see `lastFailure`. */
  readonly state: StoredPushConfig['state'];
  /** Number of the last event that is not to be posted any more: it was taken, or was there before the configuration. */
  readonly delivered: number;
  /** Failures in a row. */
  readonly failures: number;
  readonly lastFailure?: string;
}

export function pushDelivery(stored: StoredPushConfig): PushDelivery {
  const { taskId, id, state, delivered, failures, lastFailure } = stored;
  return { taskId, id, state, delivered, failures, ...(lastFailure !== undefined && { lastFailure }) };
}

/** The configuration with `status` beside it, as the extension says; as it was where nothing is known of its deliveries. */
export function withPushStatus(
  config: TaskPushNotificationConfig,
  deliveries: readonly PushDelivery[],
): TaskPushNotificationConfig {
  const found = deliveries.find(({ id, taskId }) => id === config.id && taskId === config.taskId);
  if (!found) return config;
  const { taskId: _taskId, id: _id, ...status } = found;
  return { ...config, status };
}

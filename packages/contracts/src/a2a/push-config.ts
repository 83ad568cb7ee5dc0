import * as z from 'zod';

/** How the receiver of push notifications knows its sender: an HTTP authentication scheme and what goes with it. */
export const AuthenticationInfo = z.looseObject({
  /** `Bearer`, `Basic`, …; case does not matter. */
  scheme: z.string().min(1),
  /** A secret. */
  credentials: z.string().optional(),
});
export type AuthenticationInfo = z.infer<typeof AuthenticationInfo>;

/** A2A v1.0 `TaskPushNotificationConfig`: where the updates of one task are posted. */
export const TaskPushNotificationConfig = z.looseObject({
  tenant: z.string().optional(),
  /** Unique within its task. The server chooses one where the client did not. */
  id: z.string().optional(),
  /** Empty where the configuration comes with a message that has no task yet. */
  taskId: z.string().optional(),
  url: z.string().min(1),
  /** Handed back in `X-A2A-Notification-Token`. A secret. */
  token: z.string().optional(),
  authentication: AuthenticationInfo.optional(),
});
export type TaskPushNotificationConfig = z.infer<typeof TaskPushNotificationConfig>;

/** A2A v1.0 `CreateTaskPushNotificationConfig`. */
export const CreatePushConfigParams = TaskPushNotificationConfig.extend({ taskId: z.string().min(1) });
export type CreatePushConfigParams = z.infer<typeof CreatePushConfigParams>;

/** A2A v1.0 `GetTaskPushNotificationConfig` and `DeleteTaskPushNotificationConfig`. */
export const PushConfigParams = z.looseObject({
  tenant: z.string().optional(),
  taskId: z.string().min(1),
  id: z.string().min(1),
});
export type PushConfigParams = z.infer<typeof PushConfigParams>;

/** A2A v1.0 `ListTaskPushNotificationConfigs`. */
export const ListPushConfigsParams = z.looseObject({
  tenant: z.string().optional(),
  taskId: z.string().min(1),
  /** @default all */
  pageSize: z.int().nonnegative().optional(),
  pageToken: z.string().optional(),
});
export type ListPushConfigsParams = z.infer<typeof ListPushConfigsParams>;

/** A page of configurations. */
export const ListPushConfigsResponse = z.looseObject({
  configs: z.array(TaskPushNotificationConfig).default([]),
  nextPageToken: z.string().default(''),
});
export type ListPushConfigsResponse = z.infer<typeof ListPushConfigsResponse>;

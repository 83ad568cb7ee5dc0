import * as z from 'zod';
import { Message } from './message.ts';
import { TaskPushNotificationConfig } from './push-config.ts';

/** An upper bound of messages from the end of a task's history: 0 is none, absent is all. */
export const historyLength = z.int().nonnegative().optional();

/** A2A v1.0 `SendMessageConfiguration`: how the caller wants its answer. */
export const SendMessageConfiguration = z.looseObject({
  acceptedOutputModes: z.array(z.string()).optional(),
  historyLength,
  /** Whether SendMessage answers as soon as the task exists, instead of when it ends or waits for the client. */
  returnImmediately: z.boolean().optional(),
  /** Where the updates of the task that the message becomes are posted. */
  taskPushNotificationConfig: TaskPushNotificationConfig.optional(),
});
export type SendMessageConfiguration = z.infer<typeof SendMessageConfiguration>;

/** For SendMessage and SendStreamingMessage. */
export const SendMessageParams = z.looseObject({
  /** On an agent that serves several, which of them is meant. */
  tenant: z.string().optional(),
  message: Message,
  configuration: SendMessageConfiguration.optional(),
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type SendMessageParams = z.infer<typeof SendMessageParams>;

/** A2A v1.0 `GetTask`. */
export const GetTaskParams = z.looseObject({
  tenant: z.string().optional(),
  id: z.string().min(1),
  historyLength,
});
export type GetTaskParams = z.infer<typeof GetTaskParams>;

/** A2A v1.0 `CancelTask`. */
export const CancelTaskParams = z.looseObject({
  tenant: z.string().optional(),
  id: z.string().min(1),
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type CancelTaskParams = z.infer<typeof CancelTaskParams>;

/** A2A v1.0 `SubscribeToTask`. */
export const SubscribeToTaskParams = z.looseObject({ tenant: z.string().optional(), id: z.string().min(1) });
export type SubscribeToTaskParams = z.infer<typeof SubscribeToTaskParams>;

/** A2A v1.0 `GetExtendedAgentCard`. */
export const GetExtendedAgentCardParams = z.looseObject({ tenant: z.string().optional() });
export type GetExtendedAgentCardParams = z.infer<typeof GetExtendedAgentCardParams>;

import { SendMessageParams } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import type { PushNotifications } from '../push/push-notifications.ts';
import { knownMessage, knownPushConfig } from './known-fields.ts';
import { readParams } from './params.ts';
import { isPlainMessage } from './plain-message.ts';

export interface MessageRules {
  push: Pick<PushNotifications, 'assertAllowed'> | undefined;
}

/** A message that the agent can take, with where its updates are posted: all of it is checked before any work begins. */
export function acceptedMessage(params: unknown, { push }: MessageRules): SendMessageParams {
  if (isPlainMessage(params)) return params; // which has no place to post updates to, either
  const read = readParams(SendMessageParams, params);
  const config = read.configuration?.taskPushNotificationConfig;
  if (config) {
    if (!push) throw new A2AError('PUSH_NOTIFICATION_NOT_SUPPORTED', 'This agent sends no push notifications');
    push.assertAllowed(config);
  }
  const message = knownMessage(read.message);
  if (!config) return { ...read, message };
  return {
    ...read,
    message,
    configuration: { ...read.configuration, taskPushNotificationConfig: knownPushConfig(config) },
  };
}

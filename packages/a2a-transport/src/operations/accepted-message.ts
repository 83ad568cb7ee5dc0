import { type AgentCard, type Message, SendMessageParams } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import type { PushNotifications } from '../push/push-notifications.ts';
import { readParams } from './params.ts';

export interface MessageRules {
  card: () => Pick<AgentCard, 'defaultInputModes' | 'skills'>;
  push: Pick<PushNotifications, 'assertAllowed'> | undefined;
}

/** A message that the agent can take, with where its updates are posted: all of it is checked before any work begins. */
export function acceptedMessage(params: unknown, { card, push }: MessageRules): SendMessageParams {
  const read = readParams(SendMessageParams, params);
  const config = read.configuration?.taskPushNotificationConfig;
  if (config) {
    if (!push) throw new A2AError('PUSH_NOTIFICATION_NOT_SUPPORTED', 'This agent sends no push notifications');
    push.assertAllowed(config);
  }
  if (read.message.parts.some(({ mediaType }) => mediaType)) assertMediaTypes(read.message, card());
  return read;
}

/** What a part says that it is has to be something that the agent, or one of its skills, takes. */
function assertMediaTypes({ parts }: Message, { defaultInputModes, skills }: ReturnType<MessageRules['card']>): void {
  const accepted = [...defaultInputModes, ...skills.flatMap(({ inputModes = [] }) => inputModes)];
  if (accepted.length === 0) return; // a card that names none takes what comes
  const refused = parts.find(({ mediaType }) => mediaType && !accepted.some((mode) => matches(mediaType, mode)));
  if (!refused?.mediaType) return;
  throw new A2AError('CONTENT_TYPE_NOT_SUPPORTED', `This agent takes ${[...new Set(accepted)].join(', ')}`, {
    metadata: { mediaType: refused.mediaType.slice(0, 128) },
  });
}

/** Whether a media type is what an input mode names; parameters do not count, and a mode may end in a wildcard. */
function matches(mediaType: string, mode: string): boolean {
  const [type = '', accepted = ''] = [mediaType, mode].map((each) => each.split(';', 1)[0]?.trim().toLowerCase());
  if (accepted === '*/*' || accepted === '*' || type === accepted) return true;
  return accepted.endsWith('/*') && type.startsWith(accepted.slice(0, -1));
}

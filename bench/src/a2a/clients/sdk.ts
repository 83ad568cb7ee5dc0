import { Role, type SendMessageRequest } from '@a2a-js/sdk';
import { ClientFactory } from '@a2a-js/sdk/client';
import { sendParams } from '../exchange.ts';
import { sdkCard } from '../sdk-card.ts';
import { becomeClient } from './client-program.ts';

becomeClient(async (endpoint) => {
  const client = await new ClientFactory().createFromAgentCard(sdkCard(endpoint));
  return async (messageId) => {
    const answer = await client.sendMessage(request(messageId));
    if (!('artifacts' in answer)) throw new Error('A task was expected');
    return { messageId: answer.history[0]?.messageId, artifactId: answer.artifacts[0]?.artifactId };
  };
});

/** The same question in the SDK's words. */
function request(messageId: string): SendMessageRequest {
  const { message, configuration } = sendParams(messageId);
  return {
    tenant: '',
    message: {
      messageId,
      contextId: '',
      taskId: '',
      role: Role.ROLE_USER,
      parts: message.parts.map(({ text, mediaType }) => ({
        content: { $case: 'text', value: text },
        metadata: undefined,
        filename: '',
        mediaType,
      })),
      metadata: message.metadata,
      extensions: [],
      referenceTaskIds: [],
    },
    configuration: { ...configuration, taskPushNotificationConfig: undefined, returnImmediately: false },
    metadata: undefined,
  };
}

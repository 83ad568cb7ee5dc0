import type { AgentCard } from '@skein/contracts/a2a';
import type { MessageHandler } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';
import { acceptedMessage, type MessageRules } from './accepted-message.ts';
import { inTenant } from './params.ts';
import { assertStreams, openStreamReply, type StreamReply } from './stream-reply.ts';
import { whyNotTaken } from './task-of-extension.ts';

/** SendStreamingMessage: the events as they happen. With `Last-Event-ID` it goes on with the stream that broke. */
export function sendStreamingMessage(
  handler: Pick<MessageHandler, 'stream' | 'getTask'>,
  rules: MessageRules,
  card: () => AgentCard,
) {
  return async (params: unknown, context: CallContext): Promise<StreamReply> => {
    assertStreams(card);
    const read = acceptedMessage(params, rules);
    const within = inTenant(context, read.tenant);
    try {
      return await openStreamReply(handler.stream(read, within), read.configuration?.historyLength);
    } catch (error) {
      throw await whyNotTaken(error, read.message.taskId, within, handler);
    }
  };
}

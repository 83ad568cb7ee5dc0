import type { AgentCard } from '@skein/contracts/a2a';
import type { MessageHandler } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';
import { acceptedMessage, type MessageRules } from './accepted-message.ts';
import { inTenant } from './params.ts';
import { assertStreams, openStreamReply, type StreamReply } from './stream-reply.ts';

/** SendStreamingMessage: the events as they happen. With `Last-Event-ID` it goes on with the stream that broke. */
export function sendStreamingMessage(
  handler: Pick<MessageHandler, 'stream'>,
  rules: MessageRules,
  card: () => AgentCard,
) {
  return async (params: unknown, context: CallContext): Promise<StreamReply> => {
    assertStreams(card);
    const read = acceptedMessage(params, rules);
    const events = handler.stream(read, inTenant(context, read.tenant));
    return openStreamReply(events, read.configuration?.historyLength);
  };
}

import { type AgentCard, SubscribeToTaskParams } from '@skein/contracts/a2a';
import { taskNotFound } from '../errors.ts';
import type { MessageHandler } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';
import { inTenant, readParams } from './params.ts';
import { assertStreams, openStreamReply, type StreamReply } from './stream-reply.ts';

/** SubscribeToTask: a task as it stands and what follows; with `Last-Event-ID` only what follows that event. */
export function subscribeToTask(handler: Pick<MessageHandler, 'subscribe'>, card: () => AgentCard) {
  return async (params: unknown, context: CallContext): Promise<StreamReply> => {
    assertStreams(card);
    const { id, tenant } = readParams(SubscribeToTaskParams, params);
    const events = await handler.subscribe(id, inTenant(context, tenant));
    if (!events) throw taskNotFound(id);
    return openStreamReply(events);
  };
}

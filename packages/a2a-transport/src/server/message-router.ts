import type { Message, SendMessageParams, StreamResponse } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import { extensionOf, type ServerExtension } from './extensions.ts';
import type { MessageHandler } from './message-handler.ts';
import type { CallContext } from './principal.ts';

/** Leads each message to its handler, and each task id to whichever handler knows it. Itself a handler, of all. */
export function createMessageRouter(agent: MessageHandler, extensions: readonly ServerExtension[]): MessageHandler {
  const handlers = [agent, ...extensions.flatMap(({ messages }) => messages ?? [])];
  const handlerOf = (message: Message, activated: ReadonlySet<string>) =>
    extensionOf(message, extensions, activated)?.messages ?? agent;

  const first = async <T>(ask: (handler: MessageHandler) => Promise<T | undefined>): Promise<T | undefined> => {
    for (const handler of handlers) {
      const answer = await ask(handler);
      if (answer !== undefined) return answer;
    }
    return undefined;
  };
  return {
    send(params: SendMessageParams, context: CallContext): AsyncIterable<StreamResponse> {
      if (params.configuration?.taskPushNotificationConfig !== undefined) {
        throw new A2AError('PUSH_NOTIFICATION_NOT_SUPPORTED', 'This agent sends no push notifications');
      }
      return handlerOf(params.message, context.extensions).send(params, context);
    },
    getTask: (id, context) => first((handler) => handler.getTask(id, context)),
    cancelTask: (id, context) => first((handler) => handler.cancelTask(id, context)),
  };
}

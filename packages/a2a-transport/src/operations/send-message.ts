import type { SendMessageResponse } from '@skein/contracts/a2a';
import type { MessageHandler } from '../server/message-handler.ts';
import type { CallContext } from '../server/principal.ts';
import { withHistory } from '../server/task-progress.ts';
import { acceptedMessage, type MessageRules } from './accepted-message.ts';
import { inTenant } from './params.ts';
import { whyNotTaken } from './task-of-extension.ts';

/** SendMessage: answers when the task ends or waits for its client, or at once where that was asked for. */
export function sendMessage(handler: Pick<MessageHandler, 'send' | 'getTask'>, rules: MessageRules) {
  return async (params: unknown, context: CallContext): Promise<SendMessageResponse> => {
    const read = acceptedMessage(params, rules);
    const within = inTenant(context, read.tenant);
    try {
      const answer = await handler.send(read, within);
      return 'task' in answer ? { task: withHistory(answer.task, read.configuration?.historyLength) } : answer;
    } catch (error) {
      throw await whyNotTaken(error, read.message.taskId, within, handler);
    }
  };
}

import { type AgentCard, SendMessageParams, type StreamResponse } from '@skein/contracts/a2a';
import { A2AError } from '../../errors.ts';
import { openStreamReply, type StreamReply } from '../event-stream.ts';
import type { MessageHandler } from '../message-handler.ts';
import { readParams } from '../params.ts';
import type { CallContext } from '../principal.ts';
import { withHistory } from '../task-progress.ts';

/** SendStreamingMessage: passes the events on. It waits for the first, so that a refusal is still a plain reply. */
export function sendStreamingMessage(handler: Pick<MessageHandler, 'send'>, card: () => AgentCard) {
  return async (params: unknown, context: CallContext): Promise<StreamReply> => {
    if (card().capabilities.streaming === false) {
      throw new A2AError('UNSUPPORTED_OPERATION', 'This agent does not stream');
    }
    const read = readParams(SendMessageParams, params);
    return openStreamReply(trimmed(handler.send(read, context), read.configuration?.historyLength));
  };
}

async function* trimmed(
  events: AsyncIterable<StreamResponse>,
  historyLength: number | undefined,
): AsyncGenerator<StreamResponse, void, undefined> {
  for await (const event of events) {
    yield 'task' in event ? { task: withHistory(event.task, historyLength) } : event;
  }
}

import {
  isInterrupted,
  isTerminal,
  SendMessageParams,
  type SendMessageResponse,
  type StreamResponse,
} from '@skein/contracts/a2a';
import { A2AError } from '../../errors.ts';
import type { MessageHandler } from '../message-handler.ts';
import { readParams } from '../params.ts';
import type { CallContext } from '../principal.ts';
import { progress, withHistory } from '../task-progress.ts';

/** SendMessage: follows the events until the task ends or waits for its client, and answers with how it then stands. */
export function sendMessage(handler: Pick<MessageHandler, 'send'>) {
  return async (params: unknown, context: CallContext): Promise<SendMessageResponse> => {
    const read = readParams(SendMessageParams, params);
    const { returnImmediately = false, historyLength } = read.configuration ?? {};
    const answer = await follow(handler.send(read, context), returnImmediately);
    return 'task' in answer ? { task: withHistory(answer.task, historyLength) } : answer;
  };
}

async function follow(events: AsyncIterable<StreamResponse>, returnImmediately: boolean): Promise<SendMessageResponse> {
  let answer: SendMessageResponse | undefined;
  for await (const event of events) {
    if ('message' in event) return event;
    if ('task' in event) answer = event;
    else if (answer && 'task' in answer) answer = { task: progress(answer.task, event) };
    else throw new A2AError('INVALID_AGENT_RESPONSE', 'The agent sent an update before its task');
    const { state } = answer.task.status;
    if (returnImmediately || isTerminal(state) || isInterrupted(state)) break;
  }
  if (!answer) throw new A2AError('INVALID_AGENT_RESPONSE', 'The agent answered nothing');
  return answer;
}

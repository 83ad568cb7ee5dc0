import { isInterrupted, isTerminal, type SendMessageResponse, type StreamResponse } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import { progress } from './task-progress.ts';

/** SendMessage's answer out of a stream's events: how the task stands once it is over or waits for its client. */
export async function settledAnswer(
  events: AsyncIterable<StreamResponse>,
  { returnImmediately = false }: { returnImmediately?: boolean | undefined } = {},
): Promise<SendMessageResponse> {
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

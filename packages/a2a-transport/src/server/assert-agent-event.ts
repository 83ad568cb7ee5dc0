import type { Part } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import type { AgentEvent } from './agent-executor.ts';

const states: ReadonlySet<string> = new Set([
  'TASK_STATE_SUBMITTED',
  'TASK_STATE_WORKING',
  'TASK_STATE_COMPLETED',
  'TASK_STATE_FAILED',
  'TASK_STATE_CANCELED',
  'TASK_STATE_INPUT_REQUIRED',
  'TASK_STATE_REJECTED',
  'TASK_STATE_AUTH_REQUIRED',
]);
const contents = ['text', 'raw', 'url', 'data'] as const;

/**
 * What an agent's type forbids a program without types may still yield: no reply may leave that A2A does not allow.
 * By hand and not by schema, because it stands in the way of every event of every task.
 */
export function assertAgentEvent(event: AgentEvent): void {
  if (typeof event !== 'object' || event === null) throw invalid('an event is an object');
  if ('message' in event) assertParts(event.message?.parts, 'a message');
  else if ('artifact' in event) assertParts(event.artifact?.parts, 'an artifact');
  else {
    if (!states.has(event.status?.state))
      throw invalid(`a status has a state of A2A, not ${String(event.status?.state)}`);
    if (event.status.message) assertParts(event.status.message.parts, 'a status message');
  }
}

function assertParts(parts: readonly Part[] | undefined, of: string): void {
  if (!Array.isArray(parts) || parts.length === 0) throw invalid(`${of} has at least one part`);
  for (const part of parts as readonly Part[]) {
    let held = 0;
    for (const content of contents) if (part?.[content] !== undefined) held += 1;
    if (held !== 1) throw invalid(`a part of ${of} holds exactly one of ${contents.join(', ')}`);
  }
}

function invalid(rule: string): A2AError {
  return new A2AError('INVALID_AGENT_RESPONSE', `The agent answered what A2A does not allow: ${rule}`);
}

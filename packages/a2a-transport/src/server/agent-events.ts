import type { Message, StreamResponse, Task } from '@skein/contracts/a2a';
import type { Clock, Random } from '@skein/contracts/runtime';
import type { AgentEvent, AgentMessage, ExecutionRequest } from './agent-executor.ts';
import { progress } from './task-progress.ts';

/** What turns an agent's event into A2A's words: where it belongs, the hour, and new ids. */
export interface EventFrame {
  readonly taskId: string;
  readonly contextId: string;
  /** ISO 8601. */
  timestamp(): string;
  newId(): string;
}

export function createEventFrame(
  { clock, random }: { clock: Clock; random: Random },
  { taskId, contextId }: Pick<ExecutionRequest, 'taskId' | 'contextId'>,
): EventFrame {
  return { taskId, contextId, timestamp: () => new Date(clock.now()).toISOString(), newId: () => random.uuid() };
}

export function agentMessage(said: AgentMessage, frame: EventFrame, taskId?: string): Message {
  const { messageId = frame.newId(), ...rest } = said;
  return {
    ...rest,
    messageId,
    role: 'ROLE_AGENT',
    contextId: frame.contextId,
    ...(taskId !== undefined && { taskId }),
  };
}

/** A task's event in the form of the wire. */
export function taskEvent(event: Exclude<AgentEvent, { message: AgentMessage }>, frame: EventFrame): StreamResponse {
  const { taskId, contextId } = frame;
  if ('artifact' in event) {
    const { artifact, ...rest } = event;
    return {
      artifactUpdate: {
        ...rest,
        taskId,
        contextId,
        artifact: { ...artifact, artifactId: artifact.artifactId ?? frame.newId() },
      },
    };
  }
  const { state, message } = event.status;
  const said = message && { message: agentMessage(message, frame, taskId) };
  const status = { state, ...said, timestamp: frame.timestamp() };
  return { statusUpdate: { taskId, contextId, status, ...(event.metadata && { metadata: event.metadata }) } };
}

/** The task at the start of an execution: submitted when it is new, working again when the message continues it. */
export function openTask({ task, taskId, contextId, message }: ExecutionRequest, timestamp: string): Task {
  if (!task) {
    return { id: taskId, contextId, status: { state: 'TASK_STATE_SUBMITTED', timestamp }, history: [message] };
  }
  const status = { state: 'TASK_STATE_WORKING' as const, timestamp };
  const working = progress(task, { statusUpdate: { taskId, contextId, status } });
  return { ...working, history: [...(working.history ?? []), message] };
}

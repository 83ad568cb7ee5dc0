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
  { timestamp, random }: { timestamp: () => string; random: Pick<Random, 'uuid'> },
  { taskId, contextId }: Pick<ExecutionRequest, 'taskId' | 'contextId'>,
): EventFrame {
  return { taskId, contextId, timestamp, newId: () => random.uuid() };
}

/** The hour in ISO 8601, written once for each millisecond. */
export function createTimestamps(clock: Pick<Clock, 'now'>): () => string {
  let last = { ms: Number.NaN, text: '' };
  return () => {
    const ms = clock.now();
    if (ms !== last.ms) last = { ms, text: new Date(ms).toISOString() };
    return last.text;
  };
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

/** What an agent says of a task. */
export type TaskEvent = Exclude<AgentEvent, { message: AgentMessage }>;

/** A task's event in the form of the wire. */
export function taskEvent(event: TaskEvent, frame: EventFrame): StreamResponse {
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

/** How an execution begins: the task with the client's message in its history, and what tells that in the log. */
export function opening(request: ExecutionRequest, frame: EventFrame): { task: Task; event: StreamResponse } {
  const { task: before, taskId, contextId, message } = request;
  const timestamp = frame.timestamp();
  if (!before) {
    const status = { state: 'TASK_STATE_SUBMITTED' as const, timestamp };
    const task = { id: taskId, contextId, status, history: [message] };
    return { task, event: { task } };
  }
  const status = { state: 'TASK_STATE_WORKING' as const, timestamp };
  const event = { statusUpdate: { taskId, contextId, status } };
  const working = progress(before, event);
  return { task: { ...working, history: [...(working.history ?? []), message] }, event };
}

/** An end that the agent did not choose. */
export function failure(text: string): TaskEvent {
  return { status: { state: 'TASK_STATE_FAILED', message: { parts: [{ text }] } } };
}

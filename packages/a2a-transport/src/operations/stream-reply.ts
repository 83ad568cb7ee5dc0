import type { AgentCard } from '@skein/contracts/a2a';
import { A2AError } from '../errors.ts';
import type { EventBatches } from '../server/message-handler.ts';
import { withHistory } from '../server/task-progress.ts';
import type { StreamedEvent } from '../tasks/streamed-event.ts';

type EventIterator = ReturnType<EventBatches[typeof Symbol.asyncIterator]>;

/** A reply that goes on: its first events are known already, so that an early refusal is still a plain reply. */
export class StreamReply {
  readonly first: readonly StreamedEvent[];
  readonly rest: EventIterator;

  constructor(first: readonly StreamedEvent[], rest: EventIterator) {
    this.first = first;
    this.rest = rest;
  }
}

export async function openStreamReply(batches: EventBatches, historyLength?: number): Promise<StreamReply> {
  const rest = batches[Symbol.asyncIterator]();
  const first = await rest.next();
  if (first.done) throw new A2AError('INVALID_AGENT_RESPONSE', 'The agent answered nothing');
  return new StreamReply(trimmed(first.value, historyLength), rest);
}

/** The task that a stream begins with, with no more of its history than was asked for. */
function trimmed(events: readonly StreamedEvent[], historyLength: number | undefined): readonly StreamedEvent[] {
  const whole = events.every(
    ({ event }) => !('task' in event) || withHistory(event.task, historyLength) === event.task,
  );
  if (whole) return events;
  return events.map((each) =>
    'task' in each.event ? { ...each, event: { task: withHistory(each.event.task, historyLength) } } : each,
  );
}

export function assertStreams(card: () => Pick<AgentCard, 'capabilities'>): void {
  if (card().capabilities.streaming === true) return;
  throw new A2AError('UNSUPPORTED_OPERATION', 'This agent does not stream; use SendMessage and GetTask');
}
